import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { after, before } from "mocha";
import { stringify } from "yaml";
import { type ExportedState, resourcesOf } from "../../../scripts/rehearsal/deployment.ts";
import { type DockerEngine, ensureDockerEngine } from "../../../scripts/rehearsal/docker-engine/index.ts";
import { OWNER_LABEL, ownerOf } from "../../../scripts/rehearsal/docker-live/ownership.ts";
import { isRecord, objects, text, texts } from "../../../scripts/rehearsal/docker-live/values.ts";
import type { OperationResult } from "../../../scripts/rehearsal/engine/index.ts";
import { ensureHome, foldersFor, groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { type Command, Session } from "../../../scripts/rehearsal/session.ts";
import { copyProject } from "../../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { isFree } from "../../helpers/server.ts";
import { logs } from "../../images/running.ts";
import { problems } from "./flowx.ts";

const STACK = "sophia-live";
/** Replicas of the chat service, so that one is exchanged while the other serves. */
export const REPLICAS = 2;

/** Ports of the host that sophia has of its own; stacks/systems/sophia.ts. */
const PORTS = { gateway: 8082, prometheus: 9092, alertmanager: 9095, grafana: 3002 };
/** Above the ports that other suites choose, so that nobody waits for one of them. */
const FIRST_OFFSET = 30_000;
const OFFSETS = 5000;

type Json = Readonly<Record<string, unknown>>;

/** sophia as it runs on the swarm of the engine that all suites share. */
export interface LiveSophia {
  readonly docker: Docker;
  readonly session: Session;
  readonly owner: string;
  readonly gateway: string;
  readonly operate: (command: Command, name: string) => Promise<OperationResult>;
  /** Takes everything down for good; nothing can be asked of the session afterwards. */
  readonly clear: () => Promise<OperationResult>;
  /** By name, as `docker service inspect` tells them. */
  readonly services: () => Promise<ReadonlyMap<string, Json>>;
  /** Running replicas of a service. */
  readonly replicas: (service: string) => Promise<readonly Docker.Container[]>;
  readonly state: (name: string) => Promise<ExportedState>;
}

/** Everything up for a suite that has sophia to itself; a suite that was killed is cleared away by the next one. */
export function sophiaOfSuite(): () => LiveSophia {
  const holder: { live?: LiveSophia; engine?: DockerEngine; session?: Session; isCleared: boolean } = {
    isCleared: false,
  };
  before(async function () {
    this.timeout(600_000);
    holder.engine = await ensureDockerEngine({ home: ensureHome(), progress: () => undefined });
    const offset = await freeOffset();
    holder.session = await freshSession(await projectAt(offset));
    const live = liveOn(holder.engine.docker, holder.session, offset, () => (holder.isCleared = true));
    const up = await live.operate("up", "up");
    assert.equal(up.exitCode, 0, problems(up));
    holder.live = live;
  });
  after(async function () {
    this.timeout(300_000);
    try {
      if (holder.session !== undefined && !holder.isCleared) await cleared(holder.session);
    } finally {
      await holder.engine?.stop();
    }
  });
  return () => {
    assert.ok(holder.live !== undefined, "sophia runs in tests only");
    return holder.live;
  };
}

function liveOn(docker: Docker, session: Session, offset: number, onClear: () => void): LiveSophia {
  const owner = ownerOf(session.project.name, STACK, session.folders.stack);
  const filters = JSON.stringify({ label: [`${OWNER_LABEL}=${owner}`] }) as never;
  return {
    docker,
    session,
    owner,
    gateway: `http://127.0.0.1:${PORTS.gateway + offset}`,
    operate: (command, name) => session.operate(command, name, command !== "destroy"),
    async clear() {
      const destroy = await cleared(session);
      onClear();
      return destroy;
    },
    async services() {
      const listed = objects(await docker.listServices({ filters }));
      return new Map(listed.map((service) => [text((service["Spec"] as Json)["Name"]), service]));
    },
    async replicas(service) {
      const found = await docker.listContainers({ filters: { label: [`com.docker.swarm.service.name=${service}`] } });
      return found.map(({ Id }) => docker.getContainer(Id));
    },
    state: (name) => session.export(`${name}.json`),
  };
}

async function freshSession(project: string): Promise<Session> {
  // a place that the next run finds again
  const folders = foldersFor(groundworkRoot, STACK);
  const open = () => Session.open({ project, stack: STACK, live: true, folders, progress: () => undefined });
  const session = await open();
  if (!session.resumes) return session;
  await session.recover();
  await cleared(session);
  return open();
}

/** Nothing of it is left anywhere, whatever became of the tests. */
async function cleared(session: Session): Promise<OperationResult> {
  const destroy = await session.operate("destroy", "clear", false);
  await session.forget();
  return destroy;
}

async function projectAt(portOffset: number): Promise<string> {
  const project = temporaryFolder();
  await copyProject(groundworkRoot, project);
  const config = {
    target: "swarm",
    systems: ["sophia"],
    size: "laptop",
    portOffset,
    gpu: false,
    hostMtu: 9100,
    backups: false,
    protect: false,
    dockerGroup: 999,
    workloads: { sophia: { chat: { replicas: REPLICAS } } },
  };
  const keys = Object.fromEntries(Object.entries(config).map(([key, value]) => [`groundwork:${key}`, value]));
  writeFileSync(join(project, `Pulumi.${STACK}.yaml`), stringify({ config: keys }));
  return project;
}

/** One at which every port of sophia is free. */
async function freeOffset(): Promise<number> {
  for (;;) {
    const offset = FIRST_OFFSET + randomInt(OFFSETS);
    const free = await Promise.all(Object.values(PORTS).map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
}

/** What lets the replicas of a service do more than they must, one sentence each. */
export async function unconfined(replicas: readonly Docker.Container[]): Promise<string[]> {
  const all = await Promise.all(
    replicas.map(async (container) => {
      const { Name, HostConfig: host, Config: config, Mounts: mounts } = await container.inspect();
      const faults: readonly (readonly [boolean, string])[] = [
        [config.User !== "1000:1000", `runs as ${config.User}`],
        [JSON.stringify(host.CapDrop) !== '["ALL"]', "keeps capabilities"],
        [texts(host.CapAdd).length > 0, "has capabilities added"],
        [host.Privileged === true, "is privileged"],
        [host.ReadonlyRootfs !== true, "has a root that can be written"],
        [(host.Memory ?? 0) === 0 || (host.NanoCpus ?? 0) === 0, "has no limits"],
        [mounts.some(({ Type, RW }) => Type === "bind" && RW), "can write folders of the host"],
      ];
      return faults.flatMap(([isFault, what]) => (isFault ? [`${Name.slice(1)} ${what}`] : []));
    }),
  );
  return all.flat();
}

/** What whoever may look at the swarm, and not enter, can read of it. */
export async function readableOf({ docker, owner, services, replicas }: LiveSophia): Promise<Record<string, string>> {
  const read: Record<string, string> = {};
  for (const [name, service] of await services()) {
    const id = text(service["ID"]);
    read[`service ${name}`] = JSON.stringify(await docker.getService(id).inspect());
    read[`tasks of ${name}`] = JSON.stringify(
      await docker.listTasks({ filters: JSON.stringify({ service: [id] }) as never }),
    );
    for (const container of await replicas(name)) {
      read[`container ${container.id} of ${name}`] = JSON.stringify(await container.inspect());
      read[`log of ${container.id} of ${name}`] = await logs(container);
    }
  }
  const filters = JSON.stringify({ label: [`${OWNER_LABEL}=${owner}`] }) as never;
  read["secrets"] = JSON.stringify(await docker.listSecrets({ filters }));
  read["configs"] = JSON.stringify(await docker.listConfigs({ filters }));
  return read;
}

/** Everything on the engine that this stack has made, whether it says so by its label or by its name. */
export async function leftOn({ docker, owner }: LiveSophia): Promise<readonly string[]> {
  const [containers, networks, { Volumes }, services, secrets, configs, images] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listNetworks(),
    docker.listVolumes(),
    docker.listServices(),
    docker.listSecrets(),
    docker.listConfigs(),
    // a private engine keeps for a day what builds leave without a name, also where another rehearsal's build took it
    docker.listImages({
      filters: JSON.stringify({ label: [`${OWNER_LABEL}=${owner}`], dangling: ["false"] }) as never,
    }),
  ]);
  const named = (listed: unknown) => objects(listed).map(({ Spec }) => (isRecord(Spec) ? text(Spec["Name"]) : ""));
  const names = [
    ...containers.flatMap(({ Names }) => Names.map((name) => name.slice(1))),
    ...networks.map(({ Name }) => Name),
    ...Volumes.map(({ Name }) => Name),
    ...[services, secrets, configs].flatMap(named),
  ];
  return [...names.filter((name) => name.startsWith("sophia-")), ...images.map(({ Id }) => Id)];
}

/** A client that asks again and again, until it is stopped. */
export class Caller {
  readonly failed: string[] = [];
  answered = 0;
  readonly #done: Promise<void>;
  #isStopped = false;

  constructor(url: string, everyMs: number) {
    this.#done = this.#run(url, everyMs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }

  async #run(url: string, everyMs: number): Promise<void> {
    while (!this.#isStopped) {
      try {
        const { status, body } = await fetch(url);
        await body?.cancel();
        if (status === 200) this.answered++;
        else this.failed.push(`${new Date().toISOString()} ${status}`);
      } catch (error) {
        this.failed.push(`${new Date().toISOString()} ${String(error)}`);
      }
      await sleep(everyMs);
    }
  }
}

/** What a service of the state is recorded with. */
export function recorded(state: ExportedState, service: string): Json {
  const found = resourcesOf(state).find(
    ({ type, inputs }) => type === "docker:index/service:Service" && inputs?.["name"] === service,
  );
  assert.ok(found?.inputs !== undefined, `${service} is not in the state`);
  return found.inputs;
}
