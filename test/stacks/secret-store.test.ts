import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { ClusterSecretStore } from "@kubernetes-models/external-secrets/external-secrets.io/v1";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { ClusterAddons } from "../../components/cluster/addons/install.ts";
import { escSettings } from "../../stacks/cloud/secret-store.ts";
import type { CloudConfig } from "../../stacks/config/types.ts";
import { contextWith } from "../components/cluster/addons/context.ts";
import { registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS } from "./cloud-fixture.ts";
import { configured } from "./configured.ts";

const CANARY = "pul-canary-token";
const SECRETS = ["pulumiAccessToken"];
const STORE = { organization: "acme", project: "groundwork", environment: "prod" };

const names = ({ addons }: CloudConfig) => addons.map(({ addon }) => addon.name);

describe("the secret store of the clusters", () => {
  it("is none by default, and with it the add-on that reads it is off", () => {
    const config = configured({}, SECRETS);
    assert.equal(config.secretStore, undefined);
    assert.ok(!names(config).includes("external-secrets"));
    assert.deepEqual(escSettings(config), {});
  });

  it("is the environment that is named, read by an add-on that comes with it", () => {
    const config = configured({ secretStore: STORE, pulumiAccessToken: CANARY }, SECRETS);
    assert.deepEqual(config.secretStore, STORE);
    assert.ok(names(config).includes("external-secrets"));
    assert.doesNotMatch(JSON.stringify(config), /canary/);
  });

  const refused: readonly (readonly [what: string, values: object, message: RegExp, secrets?: string[]])[] = [
    [
      "without a token",
      { secretStore: STORE },
      /^groundwork:secretStore is set and groundwork:pulumiAccessToken is not/,
    ],
    ["a token for nothing", { pulumiAccessToken: CANARY }, /^groundwork:pulumiAccessToken is set and .*(?!canary)/],
    [
      "half of it",
      { secretStore: { organization: "acme" }, pulumiAccessToken: CANARY },
      /^groundwork:secretStore names organization alone; write organization, project and environment\.$/,
    ],
    [
      "a key that it does not have",
      { secretStore: { ...STORE, enviroment: "prod" }, pulumiAccessToken: CANARY },
      /^groundwork:secretStore\.enviroment is not a setting; did you mean "environment"/,
    ],
    [
      "a token in plain text",
      { secretStore: STORE, pulumiAccessToken: CANARY },
      /^groundwork:pulumiAccessToken is written in plain text; [^]*$/,
      [],
    ],
  ];
  for (const [what, values, message, secrets = SECRETS] of refused)
    it(`is refused: ${what}`, () => {
      assert.throws(
        () => configured({ ...values }, secrets),
        (error: Error) => message.test(error.message) && !error.message.includes(CANARY),
      );
    });

  it("is a ClusterSecretStore of Pulumi ESC, whose token is in a secret of the cluster and nowhere else", async () => {
    pulumi.runtime.setAllConfig({ "groundwork:pulumiAccessToken": CANARY }, ["groundwork:pulumiAccessToken"]);
    const { addons, secretStore } = configured({ secretStore: STORE, pulumiAccessToken: CANARY }, SECRETS);
    const chosen = addons.filter(({ addon }) => addon.name === "external-secrets");
    const { installed: _, replicas: __, ...cluster } = contextWith();
    const resources = await registered(
      () => {
        const settings = escSettings({ ...(secretStore && { secretStore }) });
        assert.ok(pulumi.Output.isInstance(settings.esc?.accessToken));
        const providers = [
          new aws.Provider("west", { region: "us-west-2" }),
          new kubernetes.Provider("west-kubernetes", { kubeconfig: "{}" }),
        ];
        new ClusterAddons("west", { ...cluster, settings, addons: chosen }, { providers });
      },
      {
        ...CLOUD_OUTPUTS,
        "kubernetes:external-secrets.io/v1:ClusterSecretStore": () => ({}),
      },
    );
    pulumi.runtime.setAllConfig({});
    const store = resources.find(({ type }) => type.endsWith(":ClusterSecretStore"));
    new ClusterSecretStore(store?.inputs).validate();
    const { provider } = store?.inputs["spec"] as { provider: { pulumi: Record<string, unknown> } };
    const { accessToken, ...environment } = provider.pulumi;
    assert.deepEqual(environment, STORE);
    assert.deepEqual(accessToken, {
      secretRef: { name: "pulumi-access-token", namespace: "external-secrets", key: "token" },
    });
    const holders = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(CANARY));
    assert.deepEqual(
      holders.map(({ type }) => type),
      ["kubernetes:core/v1:Secret"],
    );
    // A secret to the engine too: its state has it encrypted.
    const [holder] = holders;
    assert.ok(JSON.stringify(holder?.inputs["stringData"]).includes("4dabf18193072939515e22adb298388d"));
  });
});
