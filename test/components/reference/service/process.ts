import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { freePort } from "../../../helpers/server.ts";
import { CANARY } from "./servers.ts";

const MAIN = join(import.meta.dirname, "../../../../components/reference/service/main.ts");

/** Everything is tried within seconds: the same code with shorter waits. */
export const QUICK = {
  CONNECT_RETRY_SECONDS: "0.05",
  PROBE_SECONDS: "0.2",
  OPERATION_TIMEOUT_SECONDS: "2",
  BREAKER_RESET_SECONDS: "0.5",
  DRAIN_GRACE_SECONDS: "0.2",
  READY_GRACE_SECONDS: "0",
};

/** A process of the service. */
export interface ServiceProcess extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
  /** Standard output and error so far. */
  output(): string;
  /** The lines of the log with that event. */
  events(event: string): Readonly<Record<string, unknown>>[];
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  metric(name: string): Promise<number | undefined>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  json<T>(): T;
}

export async function startService(variables: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const port = await freePort();
  const env = { PATH: process.env["PATH"] ?? "", ...QUICK, ...variables, PORT: String(port) };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  const get = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    const answer = await fetch(url + path, { headers });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, json: <T>() => JSON.parse(text) as T };
  };
  await until(() => {
    assert.equal(child.exitCode, null, output);
    return output.includes('"listening"');
  });
  return {
    url,
    process: child,
    output: () => output,
    events: (event) =>
      output
        .split("\n")
        .filter((line) => line.startsWith("{") && line.endsWith("}"))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((line) => line["event"] === event),
    get,
    async metric(name) {
      const line = (await get("/metrics")).text.split("\n").find((text) => text.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.slice(name.length + 1));
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs it to its end, for what refuses to start. */
export async function runService(
  variables: Readonly<Record<string, string>>,
): Promise<{ code: number | null; errors: string }> {
  const child = spawn(process.execPath, [MAIN], {
    env: { PORT: "8000", ...variables },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, errors };
}

/** Waits until it is so; mocha's own time limit ends a wait in vain. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}

/** The path of a file that holds the canary, as a container's secret does. */
export function secretFile(secret = CANARY): string {
  return join(temporaryFolder({ secret: `${secret}\n` }), "secret");
}

export function postgresVariables({ port }: { readonly port: number }, password = secretFile()) {
  return {
    PGHOST: "127.0.0.1",
    PGPORT: String(port),
    PGUSER: "tracks",
    PGDATABASE: "postgres",
    PGPASSWORD_FILE: password,
  };
}

export function redisVariables({ port }: { readonly port: number }, password = secretFile()) {
  return { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(port), REDIS_PASSWORD_FILE: password };
}

export function rabbitmqVariables({ port }: { readonly port: number }, password = secretFile()) {
  return {
    RABBITMQ_HOST: "127.0.0.1",
    RABBITMQ_PORT: String(port),
    RABBITMQ_VHOST: "tracks",
    RABBITMQ_USER: "tracks",
    RABBITMQ_PASSWORD_FILE: password,
  };
}
