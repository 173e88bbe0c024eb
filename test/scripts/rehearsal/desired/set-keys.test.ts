import { describe, it } from "mocha";
import { refuseKeys } from "../../../../scripts/rehearsal/desired/set-keys.ts";
import { assertBadInput } from "../../../helpers/bad-input.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

const CANARY = "canary-of-the-set-flag";
const PROJECT = `
name: shop
runtime: nodejs
config:
  nodes: { type: object, default: {} }
  alerts: { type: object, default: {} }
  secrets: { type: object, default: {} }
  pin: { type: string, secret: true, default: "" }
  motto: { type: string, default: "" }
`;
const STACK = `
config:
  shop:motto: { secure: AAABb }
  shop:alerts: { channel: ops, pages: [{ to: { secure: AAABc } }] }
  other:setting: { secure: AAABd }
`;

describe("the keys of --set", () => {
  const folder = () =>
    temporaryFolder({ "Pulumi.yaml": PROJECT, "Pulumi.dev.yaml": "config: {}\n", "Pulumi.prod.yaml": STACK });

  const secrets: Readonly<Record<string, unknown>> = {
    pin: CANARY,
    "shop:pin": CANARY,
    motto: CANARY,
    "shop:motto": CANARY,
    "alerts.pages[0].to": CANARY,
    "alerts.pages": [CANARY],
    alerts: { channel: CANARY },
    "other:setting": CANARY,
    "aws:secretKey": CANARY,
    "aws:accessKey": CANARY,
    "nodes.smtpPassword": CANARY,
    "nodes.API_KEY": 123_456,
    "nodes.private-key": CANARY,
    "nodes.webhookUrl": CANARY,
    nodes: { login: [{ passphrase: CANARY }] },
  };
  for (const [key, value] of Object.entries(secrets)) {
    it(`refuse ${key} = ${JSON.stringify(value)}, which is or looks like a secret`, () =>
      assertBadInput(() => refuseKeys(folder(), { [key]: value }), `--set ${key} `, "leave it out"));
  }

  const taken: Readonly<Record<string, unknown>> = {
    "nodes.max": 12,
    "alerts.channel": "ops",
    "secrets.rotationDays": 30,
    "nodes.readSecrets": true,
    "aws:region": "eu-central-1",
  };
  for (const [key, value] of Object.entries(taken)) {
    it(`take ${key} = ${JSON.stringify(value)}`, () => refuseKeys(folder(), { [key]: value }));
  }

  it("refuse what the project does not declare", () =>
    assertBadInput(() => refuseKeys(folder(), { node: 3 }), "--set node", '"nodes"'));
});
