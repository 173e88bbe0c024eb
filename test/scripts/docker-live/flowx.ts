import assert from "node:assert/strict";
import { createHmac, randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { after, before } from "mocha";
import { stringify } from "yaml";
import type { ExportedState } from "../../../scripts/rehearsal/deployment.ts";
import { type DockerEngine, ensureDockerEngine } from "../../../scripts/rehearsal/docker-engine/index.ts";
import type { OperationResult } from "../../../scripts/rehearsal/engine/index.ts";
import { ensureHome, foldersFor, groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { type Command, Session } from "../../../scripts/rehearsal/session.ts";
import { copyProject } from "../../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { isFree } from "../../helpers/server.ts";
import { secretsOf } from "./audit.ts";

const STACK = "flowx-live";
/** Replicas of what scales. */
export const REPLICAS = 3;

/** Ports of the host that flowx has of its own; stacks/systems/flowx.ts. */
const PORTS = {
  api: 3000,
  dashboard: 8080,
  postgres: 5432,
  redis: 6379,
  prometheus: 9090,
  alertmanager: 9093,
  grafana: 3333,
  kibana: 5601,
};
/** Above the ports that other suites choose, so that nobody waits for one of them. */
const FIRST_OFFSET = 30_000;
const OFFSETS = 5000;

/** flowx as it runs on the engine that all suites share. */
export interface LiveFlowx {
  readonly docker: Docker;
  readonly session: Session;
  readonly state: ExportedState;
  /** Passwords and keys of the stack, by the name of their resource. */
  readonly secrets: ReadonlyMap<string, string>;
  container(name: string): Docker.Container;
  /** Where a port of it answers. */
  url(port: keyof typeof PORTS): string;
  operate(command: Command, name: string): Promise<OperationResult>;
}

/** Everything up for a suite that has flowx to itself; a suite that was killed is cleared away by the next one. */
export function flowxOfSuite(): () => LiveFlowx {
  const holder: { live?: LiveFlowx; engine?: DockerEngine; session?: Session } = {};
  before(async function () {
    this.timeout(600_000);
    holder.engine = await ensureDockerEngine({ home: ensureHome(), progress: () => undefined });
    const { docker } = holder.engine;
    const offset = await freeOffset();
    const project = await projectAt(offset);
    const session = await freshSession(project);
    holder.session = session;
    const operate = (command: Command, name: string) => session.operate(command, name, command !== "destroy");
    const up = await operate("up", "up");
    assert.equal(up.exitCode, 0, problems(up));
    holder.live = {
      docker,
      session,
      state: await session.export("up.json"),
      secrets: await secretsOf(session, STACK),
      container: (name) => docker.getContainer(name),
      url: (port) => `http://127.0.0.1:${PORTS[port] + offset}`,
      operate,
    };
  });
  after(async function () {
    this.timeout(300_000);
    try {
      await (holder.session && cleared(holder.session));
    } finally {
      await holder.engine?.stop();
    }
  });
  return () => {
    assert.ok(holder.live !== undefined, "flowx runs in tests only");
    return holder.live;
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
async function cleared(session: Session): Promise<void> {
  await session.operate("destroy", "clear", false);
  await session.forget();
}

async function projectAt(portOffset: number): Promise<string> {
  const project = temporaryFolder();
  await copyProject(groundworkRoot, project);
  const config = {
    target: "docker",
    systems: ["flowx"],
    size: "laptop",
    portOffset,
    gpu: false,
    logs: true,
    backups: true,
    protect: false,
    dockerGroup: 999,
    workloads: { flowx: { orchestrator: { replicas: REPLICAS }, worker: { replicas: REPLICAS } } },
  };
  const keys = Object.fromEntries(Object.entries(config).map(([key, value]) => [`groundwork:${key}`, value]));
  writeFileSync(join(project, `Pulumi.${STACK}.yaml`), stringify({ config: keys }));
  return project;
}

/** One at which every port of flowx is free. */
async function freeOffset(): Promise<number> {
  for (;;) {
    const offset = FIRST_OFFSET + randomInt(OFFSETS);
    const free = await Promise.all(Object.values(PORTS).map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
}

export function problems({ diagnostics, stderr }: OperationResult): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  return [...errors, stderr].join("\n");
}

/** As docs/docker.md ("Tokens") has people sign one. */
export function token(key: string, claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: "test", iat: now, exp: now + 600, ...claims })}`;
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}
