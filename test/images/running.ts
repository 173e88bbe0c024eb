import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { after, before } from "mocha";
import { IMAGES } from "../../components/images.ts";
import type { DockerEngine } from "../../scripts/rehearsal/docker-engine/index.ts";
import { ensureDockerEngine, ensureImage, standInsFolder } from "../../scripts/rehearsal/docker-engine/index.ts";
import { containerRequest } from "../../scripts/rehearsal/docker-live/container-fields.ts";
import { archiveOf } from "../../scripts/rehearsal/docker-live/uploads.ts";
import { ensureHome } from "../../scripts/rehearsal/home.ts";
import type { Outputs, Registered } from "../helpers/mocks.ts";
import { registered } from "../helpers/mocks.ts";
import { revealed } from "../helpers/secret.ts";

type Inputs = Readonly<Record<string, unknown>>;

/** On all that a test makes, and removed with it. */
const LABEL = "groundwork.dev/test";
const OWNER = `images-${process.pid}`;
const SECOND = 1e9;
const POLL_MS = 200;
const PATIENCE_MS = 90_000;

/** An image is told by its reference, which is what `engineImage` asks for. */
const OUTPUTS: Outputs = {
  "docker:index/remoteImage:RemoteImage": ({ name }) => ({ imageId: name }),
  "docker:index/volume:Volume": () => ({}),
  "docker:index/network:Network": () => ({}),
  "docker:index/container:Container": () => ({}),
  "random:index/randomPassword:RandomPassword": () => ({ result: "canary-8f2c" }),
};

/** A Docker Engine for a suite, with networks and containers that are gone when the suite is. */
export class Engine {
  /** By which what a test makes by itself is found and removed. */
  readonly labels = { [LABEL]: OWNER };
  #engine: DockerEngine | undefined;

  get docker(): Docker {
    assert.ok(this.#engine !== undefined, "the engine runs in tests only");
    return this.#engine.docker;
  }

  async start(): Promise<void> {
    this.#engine = await ensureDockerEngine({ home: ensureHome(), progress: () => undefined });
  }

  async stop(): Promise<void> {
    await this.clear();
    await this.#engine?.stop();
  }

  /** The id of an image or of its stand-in. */
  async image(reference: string): Promise<string> {
    const standIns = standInsFolder();
    assert.ok(standIns !== undefined);
    const image = await ensureImage({ docker: this.docker }, reference, {
      home: ensureHome(),
      standIns,
      progress: () => undefined,
    });
    assert.ok("id" in image, "missing" in image ? image.missing : "");
    return image.id;
  }

  /** Every container that a component makes, with its own arguments, in its own order, each healthy before the next one. */
  async run(component: () => unknown): Promise<ReadonlyMap<string, Docker.Container>> {
    const resources = await registered(component, OUTPUTS);
    await this.#networks(resources);
    const containers = new Map<string, Docker.Container>();
    for (const { inputs } of resources.filter(({ type }) => type === "docker:index/container:Container")) {
      const container = await this.#create(inputs);
      containers.set(String(inputs["name"]), container);
      await container.start();
      await healthy(container);
    }
    return containers;
  }

  /** One container as a person starts it, e.g. to see what an image refuses. It is not waited for. */
  async begin(options: Docker.ContainerCreateOptions & { readonly Image: string }): Promise<Docker.Container> {
    const Image = await this.image(options.Image);
    const container = await this.docker.createContainer({ ...options, Image, Labels: { [LABEL]: OWNER } });
    await container.start();
    return container;
  }

  async clear(): Promise<void> {
    const filters = { label: [`${LABEL}=${OWNER}`] };
    const containers = await this.docker.listContainers({ all: true, filters });
    await Promise.all(containers.map(({ Id }) => this.docker.getContainer(Id).remove({ force: true, v: true })));
    const { Volumes } = await this.docker.listVolumes({ filters });
    for (const { Name } of Volumes) await this.docker.getVolume(Name).remove();
    for (const { Id } of await this.docker.listNetworks({ filters })) await this.docker.getNetwork(Id).remove();
  }

  async #networks(resources: readonly Registered[]): Promise<void> {
    const labels = { [LABEL]: OWNER };
    for (const { type, inputs } of resources) {
      const name = String(inputs["name"]);
      if (type === "docker:index/network:Network") await this.docker.createNetwork({ Name: name, Labels: labels });
      if (type === "docker:index/volume:Volume") await this.docker.createVolume({ Name: name, Labels: labels });
    }
  }

  async #create(inputs: Inputs): Promise<Docker.Container> {
    const { Healthcheck, ...request } = containerRequest(inputs) as Docker.ContainerCreateOptions;
    const networks = (inputs["networksAdvanced"] as { name: string }[]).map(({ name }) => name);
    const container = await this.docker.createContainer({
      ...request,
      name: String(inputs["name"]),
      Image: await this.image(String(request.Image)),
      Labels: { ...request.Labels, [LABEL]: OWNER },
      // looked at each second: the engine waits for a whole interval before its first look
      Healthcheck: { Test: Healthcheck?.Test ?? [], Interval: SECOND, Timeout: 10 * SECOND, Retries: 90 },
      NetworkingConfig: { EndpointsConfig: { [networks[0] ?? ""]: {} } },
    });
    for (const name of networks.slice(1)) await this.docker.getNetwork(name).connect({ Container: container.id });
    const files = await archiveOf({ uploads: revealed(inputs["uploads"]) }, process.cwd());
    if (files !== undefined) await container.putArchive(files, { path: "/" });
    return container;
  }
}

/** Of the suite that asks for it. */
export function engineOfSuite(...images: readonly (keyof typeof IMAGES)[]): Engine {
  const engine = new Engine();
  before(() => engine.start());
  for (const name of images) before(() => engine.image(IMAGES[name]));
  after(() => engine.stop());
  return engine;
}

async function healthy(container: Docker.Container): Promise<void> {
  const began = performance.now();
  for (;;) {
    const { State, Name } = await container.inspect();
    if (State.Health?.Status === "healthy") return;
    const said = () => logs(container).then((text) => `${Name} is ${State.Status}: ${text.slice(-1500)}`);
    if (!State.Running || State.Restarting || performance.now() - began > PATIENCE_MS) assert.fail(await said());
    await sleep(POLL_MS);
  }
}

/** Output and errors together, without the engine's frames. */
export async function logs(container: Docker.Container): Promise<string> {
  return plain(await container.logs({ stdout: true, stderr: true }));
}

/** What a command in a container says, and its exit code. */
export async function inside(
  container: Docker.Container,
  command: readonly string[],
  user = "",
): Promise<{ readonly text: string; readonly code: number | null }> {
  const options = { Cmd: [...command], AttachStdout: true, AttachStderr: true, ...(user !== "" && { User: user }) };
  const exec = await container.exec(options);
  const stream = await exec.start({});
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return { text: plain(Buffer.concat(chunks)).trim(), code: (await exec.inspect()).ExitCode };
}

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach (Stream format) */
function plain(frames: Buffer): string {
  let text = "";
  for (let at = 0; at + 8 <= frames.length;) {
    const size = frames.readUInt32BE(at + 4);
    text += frames.subarray(at + 8, at + 8 + size).toString("utf8");
    at += 8 + size;
  }
  return text;
}

/** How long it took to end after its own stop signal, in seconds, and with which exit code. */
export async function stopped(
  container: Docker.Container,
): Promise<{ readonly code: number; readonly seconds: number }> {
  const began = performance.now();
  await container.stop({ t: 30 });
  const { State } = await container.inspect();
  return { code: State.ExitCode, seconds: (performance.now() - began) / 1000 };
}

/** User and group of a container's first process. */
export async function owner(container: Docker.Container): Promise<string> {
  const { text } = await inside(container, ["stat", "-c", "%u:%g", "/proc/1"]);
  return text;
}
