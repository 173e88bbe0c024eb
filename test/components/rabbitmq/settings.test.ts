import assert from "node:assert/strict";
import { rabbitmqConfiguration } from "../../../components/rabbitmq/settings.ts";

describe("RabbitMQ configuration", () => {
  it("blocks publishers at 60 % of the container's memory and makes the user of the virtual host", () => {
    const lines = rabbitmqConfiguration({ vhost: "tracks", user: "tracks", password: "canary", memory: "2Gi" }).split(
      "\n",
    );
    for (const line of [
      "vm_memory_high_watermark.absolute = 1228MiB",
      "default_vhost = tracks",
      "default_user = tracks",
      "default_pass = canary",
    ]) {
      assert.ok(lines.includes(line), line);
    }
  });
});
