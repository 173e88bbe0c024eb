import assert from "node:assert/strict";
import { redisSettings } from "../../../components/redis/settings.ts";

describe("Redis settings", () => {
  it("leave a quarter of the memory for buffers and snapshots, and drop nothing unless told to", () => {
    const settings = redisSettings({ size: { cpu: 1, memory: "1Gi" } });
    assert.equal(settings["maxmemory"], "768mb");
    assert.equal(settings["maxmemory-policy"], "noeviction");
    assert.equal(settings["maxclients"], "10000");
    assert.equal("save" in settings, false);
  });

  it("are those of flowx, as it writes them", () => {
    const settings = redisSettings({
      size: { cpu: 1, memory: "1Gi" },
      maxMemory: "512Mi",
      save: "900 1",
      eviction: "allkeys-lru",
      tcpKeepalive: 300,
    });
    assert.deepEqual(
      [settings["maxmemory"], settings["save"], settings["maxmemory-policy"], settings["tcp-keepalive"]],
      ["512mb", "900 1", "allkeys-lru", "300"],
    );
  });

  it("refuse more data than there is memory, and a snapshot rule that is none", () => {
    const size = { cpu: 1, memory: "1Gi" } as const;
    assert.throws(() => redisSettings({ size, maxMemory: "1Gi" }), /maxMemory is "1Gi".*write less than size.memory/);
    assert.throws(() => redisSettings({ size, save: "15min" }), /save is "15min"; write pairs/);
  });
});
