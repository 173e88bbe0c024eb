import assert from "node:assert/strict";
import { redisSettings } from "../../../components/redis/settings.ts";

describe("Redis settings", () => {
  it("leave a quarter of the memory for buffers and snapshots, and drop nothing unless told to", () => {
    const settings = redisSettings({ size: { cpu: 1, memory: "1Gi" } });
    assert.equal(settings["maxmemory"], "768mb");
    assert.equal(settings["maxmemory-policy"], "noeviction");
    assert.equal(settings["maxclients"], "10000");
  });
});
