import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { after, before, it } from "mocha";
import type { DockerContainerReport } from "@groundwork/lib/rehearsal-report";
import { isManaged, resourcesOf } from "../../../scripts/rehearsal/deployment.ts";
import { OWNER_LABEL, RESOURCE_LABEL } from "../../../scripts/rehearsal/docker-live/ownership.ts";
import { describeContainers } from "../../helpers/containers.ts";
import { leaksOf } from "../../helpers/leaks.ts";
import { engineOfSuite, inside } from "../../images/running.ts";
import { audited, leaksOnEngine, secretsOf } from "./audit.ts";
import { type Ran, SCRAPERS, STACK, TracksStack, changesOf } from "./tracks-stack.ts";
import { type Served, firing, json, notified, samplesBefore, seconds, targets, whileAsked } from "./tracks-watch.ts";

/** Containers at laptop size, but for the scrapers and what has no stand-in. */
const OTHERS = [
  ...["data-transformer-1", "data-transformer-2", "gateway", "monitoring-alertmanager", "monitoring-node-exporter"],
  ...["monitoring-prometheus", "postgres", "postgres-exporter", "postgres-roles", "rabbitmq", "redis"],
  ...["redis-exporter", "rest-api-1", "rest-api-2"],
];
const LEFT_OUT = ["tracks-grafana-container", "tracks-monitoring-cadvisor-container"];
const names = (scrapers: number) =>
  [...OTHERS, ...Array.from({ length: scrapers }, (_, index) => `scraper-${index + 1}`)]
    .map((name) => `tracks-${name}`)
    .sort();

const CONTAINER = "docker:index/container:Container";
const NOTHING = { create: 0, update: 0, replace: 0, delete: 0 };
const HOUR = 3600;
/** How long the pipeline is looked at. */
const PIPELINE_SECONDS = 5;

/**
 * Of the requests while a run is killed in the middle of a rolling change; none may fail in one that is not. None to one of
 * some 600 does: probably nginx knows no other replica any more when the connection to the one that is gone has hung for 2 s.
 */
const SELDOM = 0.01;

function say(line: string): void {
  process.stdout.write(`      ${line}\n`);
}

describeContainers("tracks on a real Docker Engine", function () {
  this.timeout(600_000);
  const engine = engineOfSuite();
  const stack = new TracksStack();
  const got = { alert: Promise.resolve(0), stopped: 0 };
  const container = (name: string): Docker.Container => engine.docker.getContainer(name);

  let up: Ran;
  before(async () => {
    await stack.begin();
    up = await stack.up("up");
  });
  after(() => stack.clear());

  it("comes up healthy from nothing", async () => {
    const report = await stack.session.docker?.report([]);
    assert.ok(report !== undefined);
    const { containers } = report;
    assert.deepEqual(
      containers.map(({ name }) => name),
      names(SCRAPERS),
    );
    assert.deepEqual(
      containers.filter(({ state, restarts }) => state !== "healthy" || restarts > 0),
      [],
    );
    const leftOut = stack.session.simulator.inventory
      .leftOut()
      .map(({ item: { urn } }) => urn.split("::").at(-1) ?? "");
    assert.deepEqual(leftOut.filter((name) => name.endsWith("-container")).sort(), LEFT_OUT);
    stack.said["report"] = JSON.stringify(report);
    say(`up: ${up.changes.create} resources, ${containers.length} containers healthy in ${up.seconds.toFixed(0)} s`);
    say(`start to healthy, in seconds: ${startsOf(containers)}`);
  });

  it("changes nothing the second time", async () => {
    const again = await stack.up("again");
    assert.deepEqual({ ...again.changes, same: 0 }, { ...NOTHING, same: 0 });
  });

  it("moves tracks from the scrapers to the gateway", async () => {
    const items = async () => ((await json(`${stack.url("gateway")}/api/stats`)) as { items: number }).items;
    await seconds("the first track", async () => (await items()) > 0);
    const [from, began] = [await items(), performance.now()];
    await sleep(PIPELINE_SECONDS * 1000);
    const [to, took] = [await items(), (performance.now() - began) / 1000];
    assert.ok(to > from, `${from} tracks, and ${to} after ${took} s`);
    const { items: page } = (await json(`${stack.url("gateway")}/api/items?limit=1`)) as { items: { id: string }[] };
    assert.match(page[0]?.id ?? "", /^track-\d+$/);
    say(
      `pipeline: ${to - from} new tracks in ${took.toFixed(1)} s, ${Math.round(((to - from) / took) * HOUR)} an hour`,
    );
  });

  it("confines every container, and shows no secret", async () => {
    const state = await stack.session.export("audit.json");
    const { containers, faults } = await audited(engine.docker, state);
    assert.equal(containers, names(SCRAPERS).length);
    assert.deepEqual(faults, []);
    const secrets = await secretsOf(stack.session, STACK);
    assert.equal(secrets.size, 7);
    const hidden = [...secrets].map(([name, value]) => ({ name, value }));
    assert.deepEqual(await leaksOnEngine(engine.docker, state, hidden), []);
    assert.deepEqual(leaksOf(hidden, { folders: [], texts: stack.said }), []);
    // what finds nothing must be able to find something
    const [first] = hidden;
    assert.ok(first !== undefined);
    assert.deepEqual(leaksOf([first], { folders: [], texts: { url: encodeURIComponent(first.value) } }).length, 1);
  });

  it(`has ${SCRAPERS} scrapers and then ${SCRAPERS + 2}, and touches only what it must`, async () => {
    const before = await starts(engine.docker);
    const moment = Date.now();
    const served = await whileAsked(`${stack.url("gateway")}/api/items?limit=5`, async () => {
      const changed = await stack.up("capacity", { scraper: { replicas: SCRAPERS + 2 } });
      // how many scrapers there should be stands in the rules of the alerts, and what they should bring in the dashboard
      assert.deepEqual(changesOf(changed), [
        ...[SCRAPERS + 1, SCRAPERS + 2].map((number) => `create tracks-scraper-${number}`),
        ...["grafana", "monitoring-prometheus"].map((name) => `replace tracks-${name}-container`),
      ]);
      const reasons = changed.steps.filter(({ op }) => op === "replace").map(({ diffs }) => diffs);
      assert.deepEqual(reasons, [["uploads"], ["uploads"]]);
      say(`${SCRAPERS} to ${SCRAPERS + 2} scrapers: ${changed.seconds.toFixed(0)} s`);
    });
    told("gateway meanwhile", served);
    const now = await starts(engine.docker);
    const touched = [...now].filter(([name, start]) => before.get(name) !== start).map(([name]) => name);
    assert.deepEqual(touched.sort(), ["tracks-monitoring-prometheus", "tracks-scraper-5", "tracks-scraper-6"]);
    assert.deepEqual([...now.keys()].sort(), names(SCRAPERS + 2));
    assert.ok((await samplesBefore(stack.url("prometheus"), 'up{part="redis"}', moment)) > 0, "samples were lost");
  });

  it("is scraped by Prometheus: everything but cAdvisor, which cannot be had here", async () => {
    const of = (job: string, count: number) => Array.from({ length: count }, () => `${job}: up`);
    const expected = [
      ...["alertmanager: up", "containers: down", ...of("data-transformer", 2), "node: up", "postgres: up"],
      ...["prometheus: up", "rabbitmq: up", "redis: up", ...of("rest-api", 2), ...of("scraper", SCRAPERS + 2)],
    ];
    const seen: string[] = [];
    const took = await seconds("all targets", async () => {
      seen.splice(0, Infinity, ...(await targets(stack.url("prometheus"))));
      return JSON.stringify(seen) === JSON.stringify(expected);
    }).catch(() => NaN);
    assert.deepEqual(seen, expected);
    say(`Prometheus: ${expected.length - 1} of ${expected.length} targets up ${took.toFixed(0)} s after the change`);
  });

  it("is watched: RabbitMQ stops behind the stack's back", async () => {
    const alertmanager = stack.url("alertmanager");
    assert.equal(await notified(alertmanager, "RabbitmqDown"), undefined);
    await container("tracks-rabbitmq").stop();
    got.stopped = performance.now();
    got.alert = seconds("RabbitmqDown", async () => (await notified(alertmanager, "RabbitmqDown")) !== undefined);
    // it is awaited two tests later
    got.alert.catch(() => undefined);
  });

  it("rolls a change of rest-api through with no failed request", async () => {
    const before = await starts(engine.docker);
    const served = await whileAsked(`${stack.url("gateway")}/api/items?limit=5`, async () => {
      const changed = await stack.up("rolling", { "rest-api": { cpu: 0.3 } });
      const replaced = ["replace tracks-rest-api-1", "replace tracks-rest-api-2"];
      assert.deepEqual(changesOf(changed), replaced);
      say(`a rolling change of rest-api: ${changed.seconds.toFixed(0)} s`);
    });
    told("gateway meanwhile", served);
    const now = await starts(engine.docker);
    const touched = [...now].filter(([name, start]) => before.get(name) !== start).map(([name]) => name);
    assert.deepEqual(touched.sort(), ["tracks-rest-api-1", "tracks-rest-api-2"]);
  });

  it("is finished by the next run when one is killed in the middle, with nothing twice", async () => {
    const served = await whileAsked(`${stack.url("gateway")}/api/items?limit=5`, async () => {
      await stack.close();
      stack.write({ "rest-api": { cpu: 0.25 } });
      const old = (await container("tracks-rest-api-1").inspect()).Id;
      await stack.killedAt(async () => {
        const id = await idOf(engine.docker, "tracks-rest-api-1");
        return id !== undefined && id !== old;
      });
      await stack.open();
      assert.ok(stack.session.resumes);
      const { unsettled } = await stack.session.recover();
      assert.deepEqual(unsettled, []);
      const next = await stack.up("after the kill");
      say(`the run after a killed one: ${changesOf(next).join(", ")} in ${next.seconds.toFixed(0)} s`);
    });
    told("gateway meanwhile", served, SELDOM);
    const again = await stack.up("after that");
    assert.deepEqual({ ...again.changes, same: 0 }, { ...NOTHING, same: 0 });
    const state = resourcesOf(await stack.session.export("after-kill.json")).filter(isManaged);
    assert.deepEqual(await stack.session.docker?.orphans(state), []);
    const live = await own(engine.docker);
    assert.deepEqual(live.map(({ name }) => name).sort(), names(SCRAPERS + 2));
    assert.equal(new Set(live.map(({ urn }) => urn)).size, live.length);
    const ids = state.filter(({ type }) => type === CONTAINER).map(({ id = "" }) => id);
    assert.deepEqual(
      live.filter(({ id }) => !ids.includes(id)),
      [],
    );
    assert.deepEqual(
      ["tracks-rest-api-1", "tracks-rest-api-2"].filter((name) => !live.some((one) => one.name === name)),
      [],
    );
    const { HostConfig } = await container("tracks-rest-api-1").inspect();
    assert.equal(HostConfig.NanoCpus, 0.25e9);
  });

  it("alerts that RabbitMQ is down, and tells when it is back", async () => {
    const took = await got.alert;
    const alert = await notified(stack.url("alertmanager"), "RabbitmqDown");
    assert.equal(alert?.labels["severity"], "critical");
    assert.deepEqual(alert.receivers, [{ name: "urgent" }]);
    assert.match(alert.annotations["summary"] ?? "", /^RabbitMQ tracks-rabbitmq:\d+ does not answer$/);
    assert.ok((await firing(stack.url("prometheus"))).includes("RabbitmqDown"));
    await container("tracks-rabbitmq").start();
    const resolved = await seconds(
      "the end of RabbitmqDown",
      async () => (await notified(stack.url("alertmanager"), "RabbitmqDown")) === undefined,
    );
    assert.ok(!(await firing(stack.url("prometheus"))).includes("RabbitmqDown"));
    say(
      `RabbitmqDown: in Alertmanager ${took.toFixed(0)} s after the stop, resolved ${resolved.toFixed(0)} s after the start`,
    );
  });

  it("gets a killed container back", async () => {
    const killed = container("tracks-scraper-2");
    const { State: old, RestartCount: times } = await killed.inspect();
    // everything of its user that is not process 1, which thereby ends as it does
    await inside(killed, ["/bin/sh", "-c", "kill -9 -1"]);
    const { Config } = await killed.inspect();
    const [kind, ...check] = Config.Healthcheck?.Test ?? [];
    assert.equal(kind, "CMD-SHELL");
    const took = await seconds("the killed scraper", async () => {
      const { State, RestartCount } = await killed.inspect();
      if (!State.Running || RestartCount === times || State.StartedAt === old.StartedAt) return false;
      return (await inside(killed, ["/bin/sh", "-c", ...check])).code === 0;
    });
    say(`a killed scraper: back and healthy after ${took.toFixed(1)} s`);
  });

  it("leaves nothing on the engine after destroy", async () => {
    const owner = (await container("tracks-redis").inspect()).Config.Labels[OWNER_LABEL] ?? "";
    assert.match(owner, /tracks-live/);
    const destroy = await stack.operate("destroy", "destroy");
    assert.equal(destroy.exitCode, 0, stack.said["destroy"]);
    assert.deepEqual(await stack.session.docker?.live.things(), []);
    const filters = { label: [`${OWNER_LABEL}=${owner}`] };
    const asText = JSON.stringify(filters) as never;
    assert.deepEqual(await engine.docker.listContainers({ all: true, filters }), []);
    assert.deepEqual(await engine.docker.listNetworks({ filters }), []);
    assert.deepEqual((await engine.docker.listVolumes({ filters: asText })).Volumes, []);
    // what another stack has built under the same name has taken ours; a private engine keeps it for builds, as their stages
    const images = await engine.docker.listImages({ filters: asText });
    assert.deepEqual(
      images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag !== "<none>:<none>"),
      [],
    );
    const named = (await engine.docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
    assert.deepEqual(
      named.filter((name) => name.startsWith("/tracks-")),
      [],
    );
    say(`destroy: ${destroy.changes.delete} resources in ${destroy.seconds.toFixed(0)} s, nothing left`);
  });
});

function told(where: string, { requests, failed, slowestMs }: Served, tolerated = 0): void {
  const what = failed.length === 0 ? "" : ` (${failed.join("; ")})`;
  say(`${where}: ${requests} requests, ${failed.length} failed${what}, the slowest ${slowestMs} ms`);
  assert.ok(failed.length <= requests * tolerated, failed.join("; "));
  assert.deepEqual(
    failed.filter((each) => !/answered 50[24]$/.test(each)),
    [],
  );
}

function startsOf(containers: readonly DockerContainerReport[]): string {
  return containers
    .map(({ name, seconds: took = NaN }) => `${name.slice("tracks-".length)} ${took.toFixed(1)}`)
    .join(", ");
}

/** Containers of tracks by name, with their id and when they were started last. */
async function starts(docker: Docker): Promise<ReadonlyMap<string, string>> {
  const found = await own(docker);
  return new Map(
    await Promise.all(
      found.map(async ({ name, id }) => {
        const { State } = await docker.getContainer(id).inspect();
        return [name, `${id} ${State.StartedAt}`] as const;
      }),
    ),
  );
}

interface Own {
  readonly name: string;
  readonly id: string;
  readonly urn: string;
}

async function own(docker: Docker): Promise<Own[]> {
  const filters = { label: ["groundwork.dev/system=tracks"] };
  const listed = await docker.listContainers({ all: true, filters });
  return listed.map(({ Id, Names, Labels }) => ({
    name: (Names[0] ?? "").slice(1),
    id: Id,
    urn: Labels[RESOURCE_LABEL] ?? "",
  }));
}

async function idOf(docker: Docker, name: string): Promise<string | undefined> {
  return (await own(docker)).find((one) => one.name === name)?.id;
}
