import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { CATALOG } from "../../components/cluster/addons/catalog.ts";
import { dnsSettings } from "../../stacks/cloud/cluster-dns.ts";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import { registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS } from "./cloud-fixture.ts";
import { configured } from "./configured.ts";

const CANARY = "canary-cloudflare-token";
const TOKEN = "pul-canary-token";
const SECRETS = ["cloudflareToken", "pulumiAccessToken"];
const DNS = { acmeEmail: "platform@example.com", cloudflareToken: CANARY };

describe("clusters that edit the zone", () => {
  it("do not by default", () => {
    assert.deepEqual(dnsSettings(configured({}, SECRETS)), {});
  });

  const refused: readonly (readonly [values: object, message: RegExp, secrets?: string[]])[] = [
    [{ acmeEmail: DNS.acmeEmail }, /^groundwork:acmeEmail is set and groundwork:cloudflareToken is not; set it with/],
    [{ cloudflareToken: CANARY }, /^groundwork:cloudflareToken is set and groundwork:acmeEmail is not; write both/],
    [{ ...DNS, acmeEmail: "nobody" }, /^groundwork:acmeEmail is "nobody"; write an address\.$/],
    [DNS, /^groundwork:cloudflareToken is written in plain text; [^]*$/, []],
  ];
  for (const [values, message, secrets = SECRETS] of refused)
    it(`are refused: ${Object.keys(values).join(", ")}${secrets.length === 0 ? " in plain text" : ""}`, () => {
      assert.throws(
        () => configured({ ...values }, secrets),
        (error: Error) => message.test(error.message) && !error.message.includes(CANARY),
      );
    });

  it("can have every add-on of the catalog, with the token in secrets of the cluster and nowhere else", async () => {
    const addons = Object.fromEntries(CATALOG.map(({ name }) => [name, true]));
    const store = { organization: "acme", project: "groundwork", environment: "prod" };
    const values = { ...DNS, addons, secretStore: store, pulumiAccessToken: TOKEN };
    const config = configured(values, SECRETS);
    for (const secret of [CANARY, TOKEN]) assert.ok(!JSON.stringify(config).includes(secret));
    assert.equal(config.addons.length, CATALOG.length);
    const known = { "groundwork:cloudflareToken": CANARY, "groundwork:pulumiAccessToken": TOKEN };
    pulumi.runtime.setAllConfig(known, Object.keys(known));
    const resources = await registered(() => cloudEnvironment(config), {
      ...CLOUD_OUTPUTS,
      "kubernetes:external-secrets.io/v1:ClusterSecretStore": () => ({}),
    });
    pulumi.runtime.setAllConfig({});
    const issuers = resources.filter(({ name }) => name.endsWith("letsencrypt"));
    assert.equal(issuers.length, 2, "one in each region");
    assert.match(JSON.stringify(issuers[0]?.inputs), /"email":"platform@example\.com"/);
    const holders = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(CANARY));
    assert.deepEqual([...new Set(holders.map(({ type }) => type))], ["kubernetes:core/v1:Secret"]);
    assert.equal(holders.length, 4, "cert-manager and external-dns in each region");
  });
});
