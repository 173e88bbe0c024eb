import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as docker from "@pulumi/docker";
import Table from "cli-table3";
import { DockerGateway } from "../../components/gateway/docker.ts";
import { ContainerWorkload } from "../../components/workload/container.ts";
import type { WorkloadSpec } from "../../components/workload/spec.ts";
import { ensureDockerEngine, ensureImage, standInsFolder } from "../../scripts/rehearsal/docker-engine/index.ts";
import { DockerLive } from "../../scripts/rehearsal/docker-live/docker-live.ts";
import { found } from "../../scripts/rehearsal/docker-live/refusals.ts";
import { ensureHome } from "../../scripts/rehearsal/home.ts";
import { flowx } from "../../stacks/systems/flowx.ts";
import { type Outputs, registered } from "../helpers/mocks.ts";
import { revealed } from "../helpers/secret.ts";
import { freePort } from "../helpers/server.ts";
import { NODE, buildReference } from "../images/reference.ts";
import type { Contestant, Question, Ratio, Speed } from "./reference/contest.ts";
import { measure, ratio } from "./reference/contest.ts";
import { route } from "./reference/route.ts";
import { spread } from "./statistics.ts";

export interface GatewayOptions {
  /** Counted rounds after one to warm up. */
  readonly rounds: number;
  /** Seconds of load for each contestant in each round. */
  readonly seconds: number;
  /** Progress. */
  readonly tell: (line: string) => void;
}

export interface GatewayReport {
  readonly rounds: number;
  /** Limits of each replica and of the gateway, e.g. `0.25 CPU`. */
  readonly limits: { readonly replica: string; readonly gateway: string };
  readonly ratios: readonly Ratio[];
  readonly speeds: readonly Speed[];
}

const LABELS = { "groundwork.dev/test": "bench" };
/** An image is told by its reference, as the engine has it. */
const OUTPUTS: Outputs = {
  "docker:index/remoteImage:RemoteImage": ({ name }) => ({ imageId: name }),
  "docker:index/network:Network": () => ({}),
  "docker:index/container:Container": () => ({}),
};
const REPLICAS = [1, 2, 4];
/** What is cached costs a replica next to nothing, so that nginx is what it shows; what is computed shows the replicas. */
const ROUTES = [
  { kind: "cached", repeated: 1 },
  { kind: "computed", repeated: 0 },
];
const TAG = `groundwork-bench/reference:${process.pid}`;
/** Of flowx at laptop size: so small that four of them leave the machine room for nginx and the callers. */
const LIMITS = { cpu: 0.25, memory: "384Mi" } as const;
const PORT = 8000;

/** Requests a second at containers of the reference service, asked themselves and through nginx before 1, 2 and 4 of them. */
export async function gatewayBench({ rounds, seconds, tell }: GatewayOptions): Promise<GatewayReport> {
  const home = ensureHome();
  const engine = await ensureDockerEngine({ home, progress: tell });
  const folder = mkdtempSync(join(tmpdir(), "groundwork-bench-"));
  const standIns = standInsFolder();
  const images = { home, progress: tell, ...(standIns !== undefined && { standIns }) };
  const live = await DockerLive.connect({
    engine,
    owner: `bench/gateway/${process.pid}`,
    directory: folder,
    broughtFile: join(folder, "brought.json"),
    ensureImage: (reference) => ensureImage(engine, reference, images),
  });
  try {
    tell("building the reference service");
    const node = await ensureImage(engine, NODE, images);
    if ("missing" in node) throw new Error(`${NODE} cannot be had: ${node.missing}`);
    await buildReference(engine.docker, { tag: TAG, node: node.id, labels: LABELS });
    const direct = await freePort();
    const ports = new Map<number, number>();
    for (const count of REPLICAS) ports.set(count, await freePort());
    tell("starting replicas and gateways");
    await start(live, () => fleet(direct, ports));
    const contests = ROUTES.map((kind) => contest(kind, direct, ports, seconds));
    const speeds = await measure(
      contests.flatMap(({ contestants }) => contestants),
      rounds,
      tell,
    );
    return {
      rounds,
      limits: { replica: `${LIMITS.cpu} CPU`, gateway: `${flowx.docker?.gateway.cpu} CPU` },
      ratios: contests.flatMap(({ questions }) => questions).map((question) => ratio(question, speeds)),
      speeds: [...speeds].map(([{ name, unit }, measured]) => ({ name, unit, ...spread(measured) })),
    };
  } finally {
    await live.removeAll();
    await found("the image of the bench", () => engine.docker.getImage(TAG).remove() as Promise<unknown>);
    await live.removeImages();
    rmSync(folder, { recursive: true, force: true });
    await engine.stop();
  }
}

/** Each thing as the program wants it, in its order, ready before the next one. */
async function start(live: DockerLive, program: () => void): Promise<void> {
  for (const { type: token, name, inputs } of await registered(program, OUTPUTS)) {
    if (!token.startsWith("docker:")) continue;
    const uploads = revealed(inputs["uploads"]);
    const urn = `urn:pulumi:bench::groundwork::${token}::${name}`;
    const made = await live.create({ urn, token, inputs: { ...inputs, ...(uploads !== undefined && { uploads }) } });
    if ("leftOut" in made) throw new Error(`${name}: ${made.leftOut}`);
    if (made.notReady !== undefined) throw new Error(made.notReady);
  }
}

interface Contest {
  readonly contestants: readonly Contestant[];
  readonly questions: readonly Question[];
}

/** One replica itself, and each gateway, on the same route. */
function contest(
  { kind, repeated }: (typeof ROUTES)[number],
  direct: number,
  ports: ReadonlyMap<number, number>,
  seconds: number,
): Contest {
  const load = (name: string, port: number): Contestant =>
    route({ name: `${kind}: ${name}`, url: `http://127.0.0.1:${port}`, repeated, seconds });
  const alone = load("one replica, asked itself", direct);
  const [one, ...others] = [...ports].map(([count, port]) => ({ count, of: load(`nginx before ${count}`, port) }));
  if (one === undefined) return { contestants: [alone], questions: [] };
  return {
    contestants: [alone, one.of, ...others.map(({ of }) => of)],
    questions: [
      { what: `${kind}: through nginx / at the replica itself`, of: one.of, to: alone },
      ...others.map(({ count, of }) => ({ what: `${kind}: ${count} replicas behind nginx / 1`, of, to: one.of })),
    ],
  };
}

/** One replica with a port of its own, and a gateway as flowx has it before as many as each number says. */
function fleet(direct: number, ports: ReadonlyMap<number, number>): void {
  const name = `bench-${process.pid}`;
  const networks = [new docker.Network(name, { name })];
  const workload = (spec: WorkloadSpec) =>
    new ContainerWorkload(`${name}-${spec.name}`, { system: "bench", spec, image: TAG, connections: [], networks });
  const alone = spec("alone", 1);
  workload({ ...alone, ports: [{ name: "http", containerPort: PORT, hostPort: direct }] });
  for (const [count, hostPort] of ports) {
    const exposed: WorkloadSpec = {
      ...spec(`behind-${count}`, count),
      exposure: { path: "/", hostPort, public: false },
    };
    const replicas = workload(exposed);
    new DockerGateway(`${name}-gateway-${count}`, {
      system: "bench",
      workloads: [exposed],
      size: flowx.docker?.gateway ?? LIMITS,
      networks,
      after: [replicas],
      http2: true,
    });
  }
}

function spec(name: string, replicas: number): WorkloadSpec {
  return {
    name,
    image: TAG,
    ports: [{ name: "http", containerPort: PORT }],
    environment: { DRAIN_GRACE_SECONDS: "0" },
    secrets: {},
    resources: { requests: LIMITS, limits: LIMITS },
    replicas,
    health: { path: "/health", port: PORT, interval: 15, timeout: 5, retries: 3, startPeriod: 20 },
    needs: [],
  };
}

export function renderGateway({ limits, ratios, speeds }: GatewayReport): string {
  const style = { head: [], border: [], compact: true };
  const ratioTable = new Table({ head: ["times as fast", "median", "min", "max"], style });
  for (const { what, median, min, max } of ratios)
    ratioTable.push([what, ...[median, min, max].map((value) => value.toFixed(2))]);
  const speedTable = new Table({ head: ["speed", "median", "min", "max", "unit"], style });
  for (const { name, unit, median, min, max } of speeds)
    speedTable.push([name, ...[median, min, max].map((value) => value.toFixed(0)), unit]);
  return `each replica ${limits.replica}, nginx ${limits.gateway}\n${ratioTable.toString()}\n${speedTable.toString()}`;
}
