import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import Table from "cli-table3";
import { postgresVariables, rabbitmqVariables, startService, until } from "../components/reference/service/process.ts";
import type { ServiceProcess } from "../components/reference/service/process.ts";
import { CANARY, startPostgres, startRabbitmq } from "../components/reference/service/servers.ts";

/** What one operation takes of each part: the figures of lib/capacity/model.ts. */
export interface Calibration {
  readonly what: string;
  readonly operations: number;
  /** Seconds of one operation while nothing else is asked, on average. Absent for what nobody waits for. */
  readonly seconds?: number;
  /** CPU seconds of one operation, by process. */
  readonly cpu: Readonly<Record<string, number>>;
}

export interface CapacityOptions {
  readonly seconds: number;
  readonly tell: (line: string) => void;
}

/** As many as keep a core busy, and fewer than the pool's connections. */
const CALLERS = 16;

/**
 * CPU time, so that who else is busy on the machine hardly counts; the time of one operation alone needs an idle machine.
 */
export async function capacityBench({ seconds, tell }: CapacityOptions): Promise<readonly Calibration[]> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "groundwork-bench-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const secret = join(folder, "secret");
  writeFileSync(secret, CANARY);
  tell("starting PostgreSQL and RabbitMQ");
  const [postgres, broker] = await Promise.all([startPostgres(), startRabbitmq()]);
  stack.use(postgres);
  stack.use(broker);
  const common = { ...postgresVariables(postgres, secret), ...rabbitmqVariables(broker, secret), ANSWER_THREADS: "0" };
  const start = async (variables: Readonly<Record<string, string>>) =>
    stack.use(
      await startService({ ...common, DATABASE_POOL_SIZE: "20", OPERATION_TIMEOUT_SECONDS: "30", ...variables }),
    );
  const api = await start({ SERVICE_ROLE: "api" });
  const worker = await start({ SERVICE_ROLE: "worker" });

  const results: Calibration[] = [await pipeline(start, worker, () => stored(postgres), { seconds, tell })];
  await until(() => stored(postgres) > 0);
  const id = postgres.query("SELECT id FROM items LIMIT 1").trim();
  results.push(
    await requests("one row from the database", api, { path: `/api/items/${id}` }, { seconds, tell }),
    await requests("a page of 50 rows", api, { path: "/api/items?limit=50" }, { seconds, tell }),
    await requests(
      "a chat answer that was asked before",
      api,
      chat(() => "how do I scale"),
      { seconds, tell },
    ),
    await requests("a chat answer that is computed", api, chat(distinct()), { seconds, tell }),
  );
  return results;
}

interface Load {
  readonly path: string;
  readonly body?: () => string;
}

function chat(query: () => string): Load {
  return { path: "/chat", body: () => JSON.stringify({ query: query() }) };
}

function distinct(): () => string {
  let asked = 0;
  return () => `why is worker ${(asked += 1)} slow`;
}

function stored(postgres: { query(sql: string): string }): number {
  return Number(postgres.query("SELECT count(*) FROM items"));
}

async function pipeline(
  start: (variables: Readonly<Record<string, string>>) => Promise<ServiceProcess>,
  worker: ServiceProcess,
  count: () => number,
  { seconds, tell }: CapacityOptions,
): Promise<Calibration> {
  tell("a track through the pipeline");
  await using source = await start({
    SERVICE_ROLE: "source",
    SOURCE_CATALOGUE: "1000000000",
    DOWNLOAD_DELAY_SECONDS: "0",
  });
  await until(() => count() > 1000);
  const processes = () => ({ source: cpuOf(source), worker: cpuOf(worker), ...servers() });
  const [first, before] = [count(), processes()];
  await sleep(seconds * 1000);
  const [last, after] = [count(), processes()];
  return { what: "a track through the pipeline", operations: last - first, cpu: each(before, after, last - first) };
}

async function requests(what: string, api: ServiceProcess, load: Load, options: CapacityOptions): Promise<Calibration> {
  options.tell(what);
  const alone = await shoot(api, load, 1, options.seconds);
  const processes = () => ({ service: cpuOf(api), ...servers() });
  const before = processes();
  const loaded = await shoot(api, load, CALLERS, options.seconds);
  const after = processes();
  const operations = loaded.requests.total;
  return { what, operations, seconds: alone.duration / alone.requests.total, cpu: each(before, after, operations) };
}

async function shoot(api: ServiceProcess, { path, body }: Load, connections: number, duration: number) {
  const result = await autocannon({
    url: api.url + path,
    connections,
    duration,
    ...(body && {
      requests: [
        {
          method: "POST" as const,
          headers: { "content-type": "application/json" },
          setupRequest: (request: autocannon.Request) => ({ ...request, body: body() }),
        },
      ],
    }),
  });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${path}: ${failed} of ${result.requests.total} requests failed`);
  return result;
}

type Seconds = Readonly<Record<string, number>>;

/** A process that ended meanwhile takes its time with it. */
function each(before: Seconds, after: Seconds, operations: number): Seconds {
  return Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [name, Math.max(0, seconds - (before[name] ?? 0)) / operations]),
  );
}

function cpuOf({ process: { pid } }: ServiceProcess): number {
  return pid === undefined ? 0 : cpuSeconds(pid);
}

/** Of the database and the broker, which the helpers that start them do not hand out. */
function servers(): Seconds {
  const processes = execFileSync("ps", ["-eo", "pid=,ppid=,comm="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, name = ""]) => ({ pid: Number(pid), parent: Number(parent), name }));
  const family = new Set([process.pid]);
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  const sum = (name: string) =>
    processes
      .filter((one) => one.name.startsWith(name) && family.has(one.pid))
      .reduce((total, { pid }) => total + cpuSeconds(pid), 0);
  return { database: sum("postgres"), broker: sum("beam.smp") };
}

/** Linux counts in hundredths of a second. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function cpuSeconds(pid: number): number {
  try {
    // the second field may hold spaces and ends with the last bracket
    const fields = (readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1) ?? "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

export function renderCapacity(all: readonly Calibration[]): string {
  const micro = (seconds: number | undefined) => (seconds === undefined ? "" : (seconds * 1e6).toFixed(0));
  const names = [...new Set(all.flatMap(({ cpu }) => Object.keys(cpu)))];
  const table = new Table({
    head: ["one of these", "alone, µs", ...names.map((name) => `CPU of ${name}, µs`), "operations"],
    style: { head: [], border: [], compact: true },
  });
  for (const { what, operations, seconds, cpu } of all)
    table.push([what, micro(seconds), ...names.map((name) => micro(cpu[name])), operations]);
  return table.toString();
}
