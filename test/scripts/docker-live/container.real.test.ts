import assert from "node:assert/strict";
import { it } from "mocha";
import { CONTAINER, NETWORK, VOLUME } from "../../../scripts/rehearsal/clouds/tables/docker/rules.ts";
import { OWNER_LABEL } from "../../../scripts/rehearsal/docker-live/ownership.ts";
import { TINY, connect, engineBench, madeBy, subject } from "./bench.ts";
import { describeContainers } from "../../helpers/containers.ts";

const SLEEP = ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"];
const base = { image: TINY, entrypoints: SLEEP, stopTimeout: 1 };

describeContainers("networks, volumes and containers on a real Docker Engine", () => {
  const bench = engineBench();

  it("makes a network as it was asked for, reads it and takes it away", async () => {
    const wanted = subject(NETWORK, "net", {
      name: "net-a",
      driver: "bridge",
      internal: true,
      ipamConfigs: [{ subnet: "10.231.1.0/24", gateway: "10.231.1.1" }],
      options: { "com.docker.network.driver.mtu": "1400" },
      labels: [{ label: "own", value: "yes" }],
    });
    const { id } = await madeBy(bench.live, wanted);
    const info = await bench.docker.getNetwork(id).inspect();
    assert.equal(info.Internal, true);
    assert.deepEqual(info.Options, { "com.docker.network.driver.mtu": "1400" });
    assert.equal(info.Labels?.["own"], "yes");
    assert.deepEqual(info.IPAM?.Config, [{ Subnet: "10.231.1.0/24", Gateway: "10.231.1.1" }]);
    const read = await bench.live.read(wanted, id);
    assert.deepEqual(read?.inputs, wanted.inputs);
    const same = subject(NETWORK, "other", { name: "net-a" });
    await assert.rejects(
      madeBy(bench.live, same),
      /network "net-a" cannot be created: .*already exists; the name belongs/,
    );
    const overlapping = subject(NETWORK, "other", { name: "net-b", ipamConfigs: [{ subnet: "10.231.1.0/25" }] });
    await assert.rejects(madeBy(bench.live, overlapping), /write a subnet in ipamConfigs that no network/);
    await bench.live.remove(wanted, id);
    assert.equal(await bench.live.read(wanted, id), undefined);
  });

  it("never takes over a volume that is there, and never removes one of somebody else's", async () => {
    const wanted = subject(VOLUME, "data", { name: "vol-a" });
    const { id, properties } = await madeBy(bench.live, wanted);
    assert.equal(id, "vol-a");
    assert.match(String(properties["mountpoint"]), /vol-a\/_data$/);
    await assert.rejects(
      bench.live.create(wanted, [id]),
      /the engine has a volume of that name already: write another name/,
    );
    const other = await connect(bench.engine, bench.home, "test/other/2");
    await assert.rejects(other.remove(wanted, id), /carries no label of this rehearsal/);
    assert.equal(await other.read(wanted, id), undefined);
    await bench.live.remove(wanted, id);
    assert.equal(await bench.live.read(wanted, id), undefined);
  });

  it("starts a container with all that it asks for, and waits for its health", async () => {
    const net = subject(NETWORK, "net", { name: "net-c", ipamConfigs: [{ subnet: "10.231.2.0/24" }] });
    const vol = subject(VOLUME, "vol", { name: "vol-c" });
    const netId = (await madeBy(bench.live, net)).id;
    await madeBy(bench.live, vol);
    const wanted = subject(CONTAINER, "web", {
      ...base,
      name: "web",
      hostname: "web",
      user: "1000:1000",
      envs: ["COLOUR=red"],
      memory: 32,
      memorySwap: 32,
      cpus: "0.5",
      cpuShares: 128,
      init: false,
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      tmpfs: { "/scratch": "rw,noexec,size=65536" },
      ulimits: [{ name: "nofile", soft: 512, hard: 1024 }],
      logDriver: "json-file",
      logOpts: { "max-size": "1m", "max-file": "2" },
      restart: "unless-stopped",
      volumes: [{ containerPath: "/data", volumeName: "vol-c", readOnly: true }],
      networksAdvanced: [{ name: "net-c", aliases: ["page"], ipv4Address: "10.231.2.77" }],
      ports: [{ internal: 8080, ip: "127.0.0.1" }],
      uploads: [{ file: "/run/secrets/key", content: "hidden", owner: "1000", group: "1000", permissions: "0400" }],
      healthcheck: {
        tests: ["CMD", "/bin/sh", "-c", "test -f /run/secrets/key"],
        // longer than the wait: it becomes healthy by the checks of its start period alone
        interval: "60s",
        timeout: "5s",
        retries: 3,
        startPeriod: "20s",
        startInterval: "500ms",
      },
      wait: true,
      waitTimeout: 30,
    });
    const { id, properties, notReady } = await madeBy(bench.live, wanted);
    assert.equal(notReady, undefined);
    const info = await bench.docker.getContainer(id).inspect();
    const [reported] = await bench.live.containers();
    assert.deepEqual([reported?.name, reported?.state], ["web", "healthy"]);
    const { HostConfig: host, Config: config } = info;
    assert.deepEqual(
      [host.Memory, host.MemorySwap, host.NanoCpus, host.CpuShares, config.User, host.CapDrop, host.SecurityOpt],
      [32 * 2 ** 20, 32 * 2 ** 20, 5e8, 128, "1000:1000", ["ALL"], ["no-new-privileges:true"]],
    );
    assert.deepEqual(host.Ulimits, [{ Name: "nofile", Soft: 512, Hard: 1024 }]);
    assert.deepEqual(Object.keys(info.NetworkSettings.Networks), ["net-c"]);
    assert.equal(info.NetworkSettings.Networks["net-c"]?.IPAddress, "10.231.2.77");
    const [port] = properties["ports"] as { external: number; ip: string }[];
    assert.ok(port !== undefined && port.external > 1024 && port.ip === "127.0.0.1");
    const listed = await bench.live.things();
    assert.ok(listed.some((thing) => thing.id === id && thing.urn === wanted.urn));
    assert.deepEqual((await bench.live.read(wanted, id))?.inputs, wanted.inputs);
    assert.match(bench.live.notes.join("\n"), /^healthcheck\.startInterval needs Docker Engine 25, .* API 1\.41: /);

    await bench.docker.getContainer(id).update({ Memory: 48 * 2 ** 20, MemorySwap: 48 * 2 ** 20 });
    const changed = await bench.live.read(wanted, id);
    assert.deepEqual([changed?.inputs["memory"], changed?.inputs["memorySwap"]], [48, 48]);
    await bench.live.update(wanted, id, wanted.inputs);
    assert.deepEqual((await bench.live.read(wanted, id))?.inputs, wanted.inputs);
    await bench.docker.getNetwork(netId).disconnect({ Container: id });
    assert.deepEqual((await bench.live.read(wanted, id))?.inputs["networksAdvanced"], []);

    await bench.live.remove(wanted, id);
    await bench.live.remove(vol, "vol-c");
    await bench.live.remove(net, netId);
    assert.deepEqual(await bench.live.things(), []);
  });

  it("updates limits and restart in place", async () => {
    const before = { ...base, name: "limits", memory: 32, memorySwap: 32, restart: "no" };
    const { id } = await madeBy(bench.live, subject(CONTAINER, "limits", before));
    const now = { ...before, memory: 64, memorySwap: 64, cpuShares: 256, restart: "unless-stopped" };
    await bench.live.update(subject(CONTAINER, "limits", now), id, before);
    const { HostConfig: host } = await bench.docker.getContainer(id).inspect();
    assert.deepEqual([host.Memory, host.CpuShares, host.RestartPolicy?.Name], [64 * 2 ** 20, 256, "unless-stopped"]);
    await bench.live.remove(subject(CONTAINER, "limits", now), id);
  });

  it("keeps what did not become healthy, says why, and brings it up the next time", async () => {
    const healthcheck = { tests: ["CMD", "/bin/sh", "-c", "echo not yet; test -f /tmp/ready"], interval: "1s" };
    const wanted = subject(CONTAINER, "sick", { ...base, name: "sick", healthcheck, wait: true, waitTimeout: 3 });
    const { id, notReady } = await madeBy(bench.live, wanted);
    assert.match(
      notReady ?? "",
      /^container "sick" is not healthy after 3 s \(waitTimeout\); its check says: not yet$/,
    );
    const exec = await bench.docker.getContainer(id).exec({ Cmd: ["/bin/sh", "-c", ": > /tmp/ready"] });
    await exec.start({ Detach: true });
    assert.equal((await bench.live.update(wanted, id, wanted.inputs)).notReady, undefined);
    await bench.live.remove(wanted, id);
  });

  it("deletes what ended at once though it must run, and tells its last words", async () => {
    const failing = { image: TINY, entrypoints: ["/bin/sh", "-c", "echo no configuration; exit 3"], name: "failing" };
    await assert.rejects(
      madeBy(bench.live, subject(CONTAINER, "failing", failing)),
      /container "failing" ended right after its start with exit code 3; its last words: no configuration/,
    );
    assert.deepEqual(await bench.live.things(), []);
    const job = subject(CONTAINER, "job", { ...failing, name: "job", mustRun: false, attach: true, logs: true });
    const { id, properties } = await madeBy(bench.live, job);
    assert.deepEqual([properties["exitCode"], properties["containerLogs"]], [3, "no configuration\n"]);
    assert.ok((await bench.live.read(job, id)) !== undefined);
    await bench.live.remove(job, id);
  });

  it("takes a container that does not run any more for gone, as the provider does", async () => {
    const wanted = subject(CONTAINER, "killed", { ...base, name: "killed" });
    const { id } = await madeBy(bench.live, wanted);
    await bench.docker.getContainer(id).kill();
    assert.equal(await bench.live.read(wanted, id), undefined);
    assert.deepEqual(await bench.live.things(), []);
  });

  it("says in one sentence what the engine refuses, and what to write", async () => {
    const refusals: [Readonly<Record<string, unknown>>, RegExp][] = [
      [
        { ...base, name: "x1", image: "nobody/has:it" },
        /container "x1" cannot be created: No such image: nobody\/has:it; write an image/,
      ],
      [
        { ...base, name: "x2", entrypoints: ["/bin/none"] },
        /container "x2" cannot be started: .*write a command that the image has/,
      ],
      [{ ...base, name: "x3", user: "nobody-here" }, /container "x3" cannot be started: .*write `user` as uid:gid/],
      [{ ...base, name: "x4", cpus: "999" }, /container "x4" cannot be created: .*write fewer cpus/],
      [{ ...base, name: "x5", wait: true }, /has wait: true, and neither it nor its image has a health check/],
      [
        { ...base, name: "x6", readOnly: true, uploads: [{ file: "/x", content: "y" }] },
        /uploads of container "x6".*set readOnly to false/,
      ],
    ];
    for (const [inputs, expected] of refusals) {
      const one = subject(CONTAINER, String(inputs["name"]), inputs);
      let told: string | undefined;
      try {
        const made = await madeBy(bench.live, one);
        told = made.notReady;
        await bench.live.remove(one, made.id);
      } catch (error) {
        told = (error as Error).message;
      }
      assert.match(told ?? "", expected);
    }
    assert.deepEqual(await bench.live.things(), []);
  });

  it("touches no container without its label", async () => {
    const foreign = await bench.docker.createContainer({ Image: TINY, Entrypoint: SLEEP, name: "foreign" });
    await foreign.start();
    const wanted = subject(CONTAINER, "foreign", { ...base, name: "foreign" });
    await assert.rejects(bench.live.remove(wanted, foreign.id), /carries no label of this rehearsal/);
    await assert.rejects(bench.live.update(wanted, foreign.id, {}), /carries no label of this rehearsal/);
    await assert.rejects(madeBy(bench.live, wanted), /the name belongs to a container that this stack has not made/);
    assert.equal(await bench.live.removeAll(), 0);
    const { State, Config } = await foreign.inspect();
    assert.equal(State.Running, true);
    assert.equal(Config.Labels[OWNER_LABEL], undefined);
    await foreign.remove({ force: true });
  });
});
