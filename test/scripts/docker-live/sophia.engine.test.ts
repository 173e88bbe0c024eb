import assert from "node:assert/strict";
import { it } from "mocha";
import { resourcesOf } from "../../../scripts/rehearsal/deployment.ts";
import { valueAt } from "../../../scripts/rehearsal/docker-live/codec.ts";
import { objects, text } from "../../../scripts/rehearsal/docker-live/values.ts";
import { IMAGES } from "../../../components/images.ts";
import { describeContainers } from "../../helpers/containers.ts";
import { leaksOf } from "../../helpers/leaks.ts";
import { inside } from "../../images/running.ts";
import { audited, leaksOnEngine, secretsOf } from "./audit.ts";
import { problems } from "./flowx.ts";
import { Caller, REPLICAS, leftOn, readableOf, recorded, sophiaOfSuite, unconfined } from "./sophia.ts";

const SECOND = 1e9;
/** Replicas by service. */
const SERVICES = {
  "sophia-assistant-api": 1,
  "sophia-chat": REPLICAS,
  "sophia-inference": 1,
  "sophia-secret-drift": 1,
};
const CONTAINERS = [
  "sophia-gateway",
  "sophia-monitoring-alertmanager",
  "sophia-monitoring-node-exporter",
  "sophia-monitoring-prometheus",
  "sophia-postgres",
  "sophia-postgres-exporter",
  "sophia-postgres-roles",
  "sophia-redis",
  "sophia-redis-exporter",
];
/** What has no stand-in. */
const LEFT_OUT = ["cadvisor", "grafana"];
/**
 * Of an overlay with MTU 9000: VXLAN's 50 bytes and 26 of the encryption are Docker's own.
 * https://github.com/moby/moby/blob/master/daemon/libnetwork/drivers/overlay/overlay.go (vxlanEncap), encryption.go (pktExpansion)
 */
const INSIDE_MTU = 9000 - 50 - 26;
const CALL_EVERY_MS = 200;
/**
 * It listens on another port than the chat service's, so that it starts, runs, and never gets healthy. Another version than
 * the one that sophia has already, so that it comes and goes for itself.
 */
const BAD_IMAGE = `${IMAGES.nodeExporter.split(":")[0]}:v1.9.1`;

describeContainers("sophia on a real swarm", () => {
  const sophia = sophiaOfSuite();
  const said = async (name: string, ...command: string[]) => {
    const { text: answer, code } = await inside(sophia().docker.getContainer(name), command);
    assert.equal(code, 0, `${name}: ${answer}`);
    return answer;
  };
  const ids = async (service: string) => (await sophia().replicas(service)).map(({ id }) => id).sort();
  const changes = ({ changes: made }: { readonly changes: object }) => ({ ...made, same: 0 });
  const none = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };

  it("runs every service with its replicas and the rest as the manager's containers, and names what is left out", async () => {
    const { session } = sophia();
    const replicas = [...(await sophia().services())].map(([name, service]) => [
      name,
      valueAt(service, "Spec.Mode.Replicated.Replicas"),
    ]);
    assert.deepEqual(Object.fromEntries(replicas), SERVICES);
    const leftOut = session.simulator.inventory.leftOut().map(({ item: { urn }, why }) => ({ urn, why }));
    const report = await session.docker?.report(leftOut);
    assert.ok(report !== undefined);
    assert.deepEqual(
      report.containers.filter(({ state }) => state !== "healthy"),
      [],
    );
    const names = report.containers.map(({ name }) => name.split(".")[0] ?? name);
    const wanted = [
      ...CONTAINERS,
      ...Object.entries(SERVICES).flatMap(([name, count]) => Array<string>(count).fill(name)),
    ];
    assert.deepEqual(names.sort(), wanted.sort());
    const images = report.leftOut.map(({ why }) => /([a-z]+):[^/]+: \S+ is not in Debian$/i.exec(why)?.[1] ?? why);
    assert.deepEqual([...new Set(images)].sort(), LEFT_OUT);
    const made = (await session.docker?.live.things()) ?? [];
    const state = resourcesOf(await sophia().state("orphans"));
    assert.deepEqual(await session.docker?.orphans(state), [], `${made.length} things`);
  });

  it("is on encrypted overlays with MTU 9000, as the engine tells it and as containers see it", async () => {
    const { docker } = sophia();
    const networks = (await docker.listNetworks()).filter(({ Name }) => Name.startsWith("sophia-"));
    assert.deepEqual(networks.map(({ Name }) => Name.split("-")[1]).sort(), ["edge", "internal", "monitoring"]);
    for (const { Id, Name } of networks) {
      const { Driver, Scope, Options } = await docker.getNetwork(Id).inspect();
      const told = [Driver, Scope, Options?.["encrypted"], Options?.["com.docker.network.driver.mtu"]];
      assert.deepEqual(told, ["overlay", "swarm", "", "9000"], Name);
    }
    const [chat = ""] = await ids("sophia-chat");
    for (const [name, joined] of [
      ["sophia-postgres", 1],
      ["sophia-gateway", 1],
      [chat, 2],
    ] as const) {
      const mtus = (await said(name, "sh", "-c", "cat /sys/class/net/eth*/mtu")).split(/\s+/).map(Number);
      // the last one leads out of the overlays
      assert.deepEqual(
        mtus.sort((a, b) => b - a),
        [...Array<number>(joined).fill(INSIDE_MTU), 1500],
        name,
      );
    }
  });

  it("answers at the gateway, the second time from the cache", async () => {
    const { gateway } = sophia();
    const ask = async (query: string) => {
      const answer = await fetch(`${gateway}/chat`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query }),
      });
      assert.equal(answer.status, 200);
      return { cache: answer.headers.get("x-cache"), body: (await answer.json()) as object };
    };
    const first = await ask("How is a  Swarm service rolled back?");
    const second = await ask("how is a swarm service rolled back?");
    assert.deepEqual([first.cache, second.body], ["computed", first.body]);
    // Redis is the cache of all replicas, the process itself of one
    assert.ok(["redis", "memory"].includes(second.cache ?? ""), `the second answer is ${second.cache}`);
  });

  it("gives services health checks, rollback, limits and secrets, and no more rights than they need", async () => {
    const { docker, replicas, services } = sophia();
    for (const [name, service] of await services()) {
      const at = (path: string) => valueAt(service, `Spec.${path}`);
      const check = at("TaskTemplate.ContainerSpec.Healthcheck") as { StartPeriod: number; Test: string[] };
      assert.equal(check.StartPeriod, 40 * SECOND, name);
      assert.equal(at("UpdateConfig.FailureAction"), "rollback", name);
      assert.equal(at("RollbackConfig.FailureAction"), "pause", name);
      const order = ["sophia-inference", "sophia-secret-drift"].includes(name) ? "stop-first" : "start-first";
      assert.equal(at("UpdateConfig.Order"), order, name);
      for (const limit of ["Limits.NanoCPUs", "Limits.MemoryBytes", "Reservations.MemoryBytes"])
        assert.ok(Number(at(`TaskTemplate.Resources.${limit}`)) > 0, `${name}: ${limit}`);
      assert.deepEqual(await unconfined(await replicas(name)), []);
    }
    assert.deepEqual((await audited(docker, await sophia().state("audit"))).faults, []);
    const [chat = ""] = await ids("sophia-chat");
    const files = await said(chat, "sh", "-c", "stat -c '%n %a %u' /run/secrets/*");
    assert.deepEqual(files.split("\n"), ["/run/secrets/pgpassword 400 1000", "/run/secrets/redis_password 400 1000"]);
  });

  it("shows no secret to whoever may look and not enter", async () => {
    const { docker, session } = sophia();
    const secrets = await secretsOf(session, "sophia-live");
    assert.ok(secrets.size > 0);
    const hidden = [...secrets].map(([name, value]) => ({ name, value }));
    const read = await readableOf(sophia());
    assert.deepEqual(leaksOf(hidden, { folders: [], texts: read }), []);
    assert.deepEqual(await leaksOnEngine(docker, await sophia().state("leaks"), hidden), []);
    // a file in a replica has one of them, so they are looked for as they are
    const [chat = ""] = await ids("sophia-chat");
    const password = await said(chat, "cat", "/run/secrets/pgpassword");
    assert.equal(leaksOf(hidden, { folders: [], texts: { file: password } }).length, 1);
  });

  it("runs PostgreSQL and Redis with sophia's own settings, as its laptop size makes them smaller", async () => {
    // 1 GB where the server has 4 GiB, and it has 512 MiB
    assert.equal(await said("sophia-postgres", "psql", "-U", "sophia", "-Atc", "SHOW shared_buffers"), "128MB");
    const cli = 'REDISCLI_AUTH="$(cat /run/secrets/redis_password 2>/dev/null || cat /run/secrets/password)"';
    const asked = (key: string) => said("sophia-redis", "sh", "-c", `${cli} valkey-cli CONFIG GET ${key}`);
    // 4 GiB of 5, and three quarters of the 512 MiB that it has here
    assert.equal(await asked("maxmemory"), `maxmemory\n${384 * 2 ** 20}`);
    assert.equal(await asked("maxmemory-policy"), "maxmemory-policy\nallkeys-lru");
  });

  it("changes nothing the second time", async () => {
    const again = await sophia().operate("up", "up-again");
    assert.equal(again.exitCode, 0, problems(again));
    assert.deepEqual(changes(again), none);
  });

  it("rolls a bad update back by itself while the old replicas serve, and goes on from there", async function () {
    const { session, operate } = sophia();
    const before = await ids("sophia-chat");
    const image = valueAt(recorded(await sophia().state("good"), "sophia-chat"), "taskSpec.containerSpec.image");
    const caller = new Caller(sophia().gateway, CALL_EVERY_MS);
    try {
      session.configure({ images: { "sophia/chat": BAD_IMAGE } });
      const began = performance.now();
      const bad = await operate("up", "up-bad");
      const seconds = Math.round((performance.now() - began) / 1000);
      assert.notEqual(bad.exitCode, 0);
      const errors = bad.diagnostics.filter(({ severity, urn }) => severity === "error" && urn !== undefined);
      assert.equal(errors.length, 1, problems(bad));
      assert.match(
        errors[0]?.message ?? "",
        /service "sophia-chat" was rolled back by the swarm: rollback completed; its tasks say: .*unhealthy container/,
      );
      const state = recorded(await sophia().state("rolled-back"), "sophia-chat");
      assert.equal(valueAt(state, "taskSpec.containerSpec.image"), image);

      session.configure({ images: {} });
      const good = await operate("up", "up-good");
      assert.equal(good.exitCode, 0, problems(good));
      // the service, whose last update failed, and the image that nobody wants any more
      assert.deepEqual(changes(good), { ...none, update: 1, delete: 1 });
      await caller.stop();
      assert.deepEqual(caller.failed, []);
      assert.deepEqual(await ids("sophia-chat"), before, "replicas that serve were exchanged for nothing");
      process.stdout.write(
        `      rolled back ${seconds} s after up began, good again ${Math.round(good.seconds)} s later; ${caller.answered} requests answered meanwhile\n`,
      );
    } finally {
      await caller.stop();
    }
  });

  it("adds a replica in place: those that serve stay, and only what counts them is made anew", async () => {
    const { session, operate } = sophia();
    const before = await ids("sophia-chat");
    const caller = new Caller(sophia().gateway, CALL_EVERY_MS);
    try {
      session.configure({ "workloads.sophia.chat.replicas": REPLICAS + 1 });
      const more = await operate("up", "up-more");
      assert.equal(more.exitCode, 0, problems(more));
      const touched = more.steps.filter(({ op }) => ["update", "replace"].includes(op));
      assert.deepEqual(touched.map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`).sort(), [
        "replace sophia-monitoring-prometheus-container",
        "update sophia-chat-service",
      ]);
      const after = await ids("sophia-chat");
      assert.deepEqual([after.length, before.filter((id) => !after.includes(id))], [REPLICAS + 1, []]);
      await caller.stop();
      assert.deepEqual(caller.failed, []);
    } finally {
      await caller.stop();
    }
  });

  it("leaves nothing", async () => {
    const destroy = await sophia().clear();
    assert.equal(destroy.exitCode, 0, problems(destroy));
    assert.deepEqual(await leftOn(sophia()), []);
    const nodes = objects(await sophia().docker.listNodes());
    assert.deepEqual(
      nodes.map((node) => text(valueAt(node, "Status.State"))),
      ["ready"],
    );
  });
});
