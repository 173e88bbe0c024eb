import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import { DockerRabbitmq } from "../../../components/rabbitmq/docker.ts";
import type { RabbitmqSpec } from "../../../components/rabbitmq/spec.ts";
import type { Outputs } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";

const outputs: Outputs = {
  "docker:index/remoteImage:RemoteImage": (_, name) => ({ imageId: `sha256:${name}` }),
  "docker:index/volume:Volume": () => ({}),
  "docker:index/network:Network": () => ({}),
  "docker:index/container:Container": () => ({}),
  "random:index/randomPassword:RandomPassword": () => ({ result: "canary" }),
};
const spec: RabbitmqSpec = { size: { cpu: 1, memory: "1Gi" }, vhost: "s" };

async function containers(more: Partial<RabbitmqSpec>) {
  const resources = await registered(() => {
    const networks = [new docker.Network("backend", { name: "backend" })];
    const rabbitmq = new DockerRabbitmq("s-rabbitmq", {
      system: "s",
      spec: { ...spec, ...more },
      networks,
      protect: true,
    });
    assert.equal(rabbitmq.metrics.port, 15692);
  }, outputs);
  return resources.filter(({ type }) => type === "docker:index/container:Container");
}

describe("RabbitMQ on Docker", () => {
  it("defines its queues from beside, so that the broker stays the same with and without them", async () => {
    const [plain, ...none] = await containers({});
    assert.deepEqual(none, []);
    const [broker, definer] = await containers({ topology: { queues: [{ name: "items" }] } });
    assert.deepEqual(broker?.inputs, plain?.inputs);
    assert.equal(definer?.name, "s-rabbitmq-definer");
    const { uploads, ...rest } = definer.inputs;
    assert.equal(JSON.stringify(rest).includes("canary"), false);
    // the engine's wrapping of a secret
    const files = (uploads as { value: { file: string; content: string }[] }).value;
    assert.deepEqual(
      files.filter(({ content }) => content.includes("canary")).map(({ file }) => file),
      ["/run/secrets/rabbitmq_password"],
    );
  });
});
