import { setTimeout as sleep } from "node:timers/promises";
import Table from "cli-table3";
import type Docker from "dockerode";
import { ensureDockerEngine, ensureImage, standInsFolder } from "../../scripts/rehearsal/docker-engine/index.ts";
import { ensureHome } from "../../scripts/rehearsal/home.ts";
import { NODE, buildReference } from "../images/reference.ts";
import { type Contestant, measure } from "./reference/contest.ts";
import { type Spread, spread } from "./statistics.ts";

/** One way to build the reference service. */
export interface BuiltImage {
  readonly stages: 1 | 4;
  /** MB of the whole image, as `docker images` tells it. */
  readonly size: number;
  /** MB that it has beside its base. */
  readonly own: number;
  /** Seconds of a build that finds no layer of an earlier one. */
  readonly seconds: number;
  /** Milliseconds from the start of a container until `/health` answers 200: with all that the machine has. */
  readonly toHealthy: Spread;
  /** The same with flowx's limits at laptop size. */
  readonly toHealthyLimited: Spread;
}

export interface ImagesReport {
  /** What the builds begin with: the official image, or what stands in for it. */
  readonly base: string;
  /** MB. */
  readonly baseSize: number;
  readonly images: readonly BuiltImage[];
}

export interface ImagesOptions {
  /** Starts of each image that count, after one to warm up. */
  readonly rounds: number;
  /** Progress. */
  readonly tell: (line: string) => void;
}

const LABELS = { "groundwork.dev/test": "bench" };
/** Of flowx's orchestrator and workers: stacks/systems/flowx.ts. */
const LAPTOP: Docker.HostConfig = { NanoCpus: 0.25e9, Memory: 384 * 2 ** 20, MemorySwap: 384 * 2 ** 20 };
const MB = 1e6;
const POLL_MS = 20;

/** The reference service built by its own four stages, and by a single one. */
export async function imagesBench({ rounds, tell }: ImagesOptions): Promise<ImagesReport> {
  const standIns = standInsFolder();
  const home = ensureHome();
  const engine = await ensureDockerEngine({ home, progress: tell });
  const { docker } = engine;
  const made: Made[] = [];
  try {
    const node = await ensureImage(engine, NODE, { home, progress: tell, ...(standIns !== undefined && { standIns }) });
    if ("missing" in node) throw new Error(`${NODE} cannot be had: ${node.missing}`);
    const baseSize = await size(docker, node.id);
    for (const stages of [4, 1] as const) {
      tell(`building with ${stages === 4 ? "four stages" : "a single stage"}`);
      made.push(await build(docker, node.id, stages));
    }
    const speeds = await measure(
      made.flatMap(({ free, limited }) => [free, limited]),
      rounds,
      tell,
    );
    const images = made.map(({ stages, seconds, size: all, free, limited }) => ({
      stages,
      size: all,
      own: all - baseSize,
      seconds,
      toHealthy: spread(speeds.get(free) ?? []),
      toHealthyLimited: spread(speeds.get(limited) ?? []),
    }));
    return { base: node.standIn ?? NODE, baseSize, images };
  } finally {
    for (const { tag } of made) await docker.getImage(tag).remove();
    await engine.stop();
  }
}

interface Made extends Pick<BuiltImage, "stages" | "seconds" | "size"> {
  readonly tag: string;
  readonly free: Contestant;
  readonly limited: Contestant;
}

async function build(docker: Docker, node: string, stages: 1 | 4): Promise<Made> {
  const tag = `groundwork-bench/reference:${stages}`;
  const began = performance.now();
  await buildReference(docker, { tag, node, labels: LABELS, stages, cache: false });
  const seconds = (performance.now() - began) / 1000;
  const start = (how: string, limits: Docker.HostConfig): Contestant => ({
    name: `start to healthy, ${stages === 4 ? "four stages" : "single stage"}, ${how}`,
    unit: "ms",
    run: () => toHealthy(docker, tag, limits),
  });
  return {
    stages,
    tag,
    seconds,
    size: await size(docker, tag),
    free: start("without limits", {}),
    limited: start("laptop size", LAPTOP),
  };
}

async function size(docker: Docker, image: string): Promise<number> {
  return (await docker.getImage(image).inspect()).Size / MB;
}

async function toHealthy(docker: Docker, tag: string, limits: Docker.HostConfig): Promise<number> {
  const port = "8000/tcp";
  const container = await docker.createContainer({
    Image: tag,
    Labels: LABELS,
    Env: ["DRAIN_GRACE_SECONDS=0"],
    ExposedPorts: { [port]: {} },
    HostConfig: { ...limits, PortBindings: { [port]: [{ HostIp: "127.0.0.1", HostPort: "" }] } },
  });
  try {
    const began = performance.now();
    await container.start();
    const { NetworkSettings } = await container.inspect();
    const url = `http://127.0.0.1:${NetworkSettings.Ports[port]?.[0]?.HostPort}/health`;
    while (!(await isHealthy(url))) await sleep(POLL_MS);
    return performance.now() - began;
  } finally {
    await container.remove({ force: true, v: true });
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

export function renderImages({ base, baseSize, images }: ImagesReport): string {
  const table = new Table({
    head: ["reference image", "MB", "MB beside the base", "build s", "start to healthy ms", "with 0.25 CPU ms"],
    style: { head: [], border: [] },
  });
  for (const { stages, size: all, own, seconds, toHealthy: healthy, toHealthyLimited: limited } of images)
    table.push([
      stages === 1 ? "single stage" : "four stages",
      all.toFixed(0),
      own.toFixed(1),
      seconds.toFixed(0),
      ...[healthy, limited].map(({ median, min, max }) => `${median.toFixed(0)} (${min.toFixed(0)}-${max.toFixed(0)})`),
    ]);
  return `base: ${base}, ${baseSize.toFixed(0)} MB\n${table.toString()}\n`;
}
