import { setTimeout as sleep } from "node:timers/promises";
import Table from "cli-table3";
import type Docker from "dockerode";
import { ensureDockerEngine, ensureImage, standInsFolder } from "../../scripts/rehearsal/docker-engine/index.ts";
import { ensureHome } from "../../scripts/rehearsal/home.ts";
import { NODE, buildReference } from "../images/reference.ts";

/** One way to build the reference service. */
export interface BuiltImage {
  readonly stages: 1 | 4;
  /** MB of the whole image, as `docker images` tells it. */
  readonly size: number;
  /** MB that it has beside its base. */
  readonly own: number;
  /** Seconds of a build that finds no layer of an earlier one. */
  readonly seconds: number;
  /** Seconds from the start of a container until `/health` answers 200. */
  readonly toHealthy: number;
}

export interface ImagesReport {
  /** What the builds begin with: the official image, or what stands in for it. */
  readonly base: string;
  /** MB. */
  readonly baseSize: number;
  readonly images: readonly BuiltImage[];
}

const LABELS = { "groundwork.dev/test": "bench" };
const MB = 1e6;
const POLL_MS = 20;

/** The reference service built by its own four stages, and by a single one. */
export async function imagesBench({ tell }: { readonly tell: (line: string) => void }): Promise<ImagesReport> {
  const standIns = standInsFolder();
  const home = ensureHome();
  const engine = await ensureDockerEngine({ home, progress: tell });
  try {
    const node = await ensureImage(engine, NODE, { home, progress: tell, ...(standIns !== undefined && { standIns }) });
    if ("missing" in node) throw new Error(`${NODE} cannot be had: ${node.missing}`);
    const baseSize = await size(engine.docker, node.id);
    const images: BuiltImage[] = [];
    for (const stages of [4, 1] as const) {
      tell(`building with ${stages === 4 ? "four stages" : "a single stage"}`);
      images.push(await build(engine.docker, { node: node.id, stages, baseSize }));
    }
    return { base: node.standIn ?? NODE, baseSize, images };
  } finally {
    await engine.stop();
  }
}

interface Build {
  readonly node: string;
  readonly stages: 1 | 4;
  readonly baseSize: number;
}

async function build(docker: Docker, { node, stages, baseSize }: Build): Promise<BuiltImage> {
  const tag = `groundwork-bench/reference:${stages}`;
  const began = performance.now();
  await buildReference(docker, { tag, node, labels: LABELS, stages, cache: false });
  const seconds = (performance.now() - began) / 1000;
  try {
    const all = await size(docker, tag);
    return { stages, size: all, own: all - baseSize, seconds, toHealthy: await toHealthy(docker, tag) };
  } finally {
    await docker.getImage(tag).remove();
  }
}

async function size(docker: Docker, image: string): Promise<number> {
  return (await docker.getImage(image).inspect()).Size / MB;
}

async function toHealthy(docker: Docker, tag: string): Promise<number> {
  const port = "8000/tcp";
  const container = await docker.createContainer({
    Image: tag,
    Labels: LABELS,
    Env: ["DRAIN_GRACE_SECONDS=0"],
    ExposedPorts: { [port]: {} },
    HostConfig: { PortBindings: { [port]: [{ HostIp: "127.0.0.1", HostPort: "" }] } },
  });
  try {
    const began = performance.now();
    await container.start();
    const { NetworkSettings } = await container.inspect();
    const url = `http://127.0.0.1:${NetworkSettings.Ports[port]?.[0]?.HostPort}/health`;
    while (!(await isHealthy(url))) await sleep(POLL_MS);
    return (performance.now() - began) / 1000;
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
    head: ["reference image", "MB", "MB beside the base", "build s", "start to healthy s"],
    style: { head: [], border: [] },
  });
  for (const { stages, size: all, own, seconds, toHealthy: healthy } of images)
    table.push([
      stages === 1 ? "single stage" : "four stages",
      all.toFixed(0),
      own.toFixed(1),
      seconds.toFixed(0),
      healthy.toFixed(2),
    ]);
  return `base: ${base}, ${baseSize.toFixed(0)} MB\n${table.toString()}\n`;
}
