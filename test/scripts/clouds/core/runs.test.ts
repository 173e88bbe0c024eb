import assert from "node:assert/strict";
import { join } from "node:path";
import grpc from "@grpc/grpc-js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import { startSimulator } from "../../../../scripts/rehearsal/clouds/simulator.ts";
import { ensureHome, groundworkRoot } from "../../../../scripts/rehearsal/home.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { SEALING_KEY } from "./stack.ts";
import { REPOSITORY, tables } from "./tables.ts";

const ADDRESS = "127.0.0.1:40000";

/** What an engine does to plan a repository in a preview; answers what the provider refuses it with. */
async function planRepository(port: string, name: string): Promise<string> {
  const client = new providerRpc.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
  });
  const inputs = structPb.Struct.fromJavaScript({ name: "app" });
  const urn = `urn:pulumi:test::small::${REPOSITORY}::${name}`;
  try {
    await new Promise((resolve, reject) => {
      const done = (error: Error | null, answer: unknown): void => (error === null ? resolve(answer) : reject(error));
      client.attach(new pluginPb.PluginAttach().setAddress(ADDRESS), (error) => {
        if (error !== null) return reject(error);
        const region = structPb.Struct.fromJavaScript({ region: "us-west-2" });
        client.configure(new providerPb.ConfigureRequest().setArgs(region), (failed) => {
          if (failed !== null) return reject(failed);
          client.create(new providerPb.CreateRequest().setUrn(urn).setProperties(inputs).setPreview(true), done);
        });
      });
    });
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    client.close();
  }
}

describe("engines that listen at the same address, one after the other", () => {
  it("know nothing of each other's plans", async () => {
    const simulator = await startSimulator({
      inventory: join(temporaryFolder(), "inventory.jsonl"),
      sealingKey: SEALING_KEY,
      sdkRoot: groundworkRoot,
      cache: join(ensureHome(), "cache", "schemas"),
      tables,
    });
    try {
      const port = /aws:(\d+)/.exec(simulator.debugProviders)?.[1] ?? "";
      assert.equal(await planRepository(port, "first"), "");
      assert.match(await planRepository(port, "second"), /is planned twice/);
      simulator.forgetPlans();
      assert.equal(await planRepository(port, "second"), "");
    } finally {
      await simulator.stop();
    }
  });
});
