import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "amqplib";
import type { ServiceProcess } from "../components/reference/service/process.ts";
import { postgresVariables, rabbitmqVariables, startService, until } from "../components/reference/service/process.ts";
import { CANARY, startPostgres, startRabbitmq } from "../components/reference/service/servers.ts";

/** As tracks runs it. */
const SOURCES = 4;
const WORKERS = 4;
const APIS = 3;
/** What tracks has to reach. */
const GOAL_AN_HOUR = 20_000;

export interface Measurement {
  readonly what: string;
  readonly tracksAnHour: number;
  /** Rounds of reading through the three interfaces meanwhile, a second. */
  readonly readsASecond: number;
  readonly confirmed: number;
  readonly lost: number;
  readonly doubled: number;
}

export interface PipelineOptions {
  /** Of measuring, after the processes are warm. */
  readonly seconds: number;
  /** Progress. */
  readonly tell: (line: string) => void;
}

/** Tracks an hour through the reference service, from the source to the database. */
export async function pipelineBench(options: PipelineOptions): Promise<readonly Measurement[]> {
  return [
    await measure("12 concurrent requests, 0.8 s delay (as tracks asks for)", {}, options),
    await measure("the same without a delay (what the pipeline can carry)", { DOWNLOAD_DELAY_SECONDS: "0" }, options),
  ];
}

/** One worker is killed in the middle; afterwards every confirmed track has to be there once. */
async function measure(
  what: string,
  pace: Readonly<Record<string, string>>,
  { seconds, tell }: PipelineOptions,
): Promise<Measurement> {
  tell(`${what}: starting ${SOURCES} sources, ${WORKERS} workers, ${APIS} interfaces`);
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "groundwork-bench-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const secret = join(folder, "secret");
  writeFileSync(secret, CANARY);
  const [postgres, broker] = await Promise.all([startPostgres(), startRabbitmq()]);
  stack.use(postgres);
  stack.use(broker);
  const common = { ...postgresVariables(postgres, secret), ...rabbitmqVariables(broker, secret), ANSWER_THREADS: "0" };
  const start = async (variables: Readonly<Record<string, string>>) =>
    stack.use(
      await startService({ ...common, DATABASE_POOL_SIZE: "20", OPERATION_TIMEOUT_SECONDS: "30", ...variables }),
    );

  const apis = await several(APIS, () => start({ SERVICE_ROLE: "api" }));
  const workers = await several(WORKERS, () => start({ SERVICE_ROLE: "worker" }));
  const sources = await several(SOURCES, (index) =>
    start({
      ...pace,
      SERVICE_ROLE: "source",
      SOURCE_CATALOGUE: "1000000000",
      SOURCE_START: String(index * 100_000_000),
    }),
  );
  const stored = () => Number(postgres.query("SELECT count(*) FROM items"));
  await until(() => stored() > 100);

  tell(`${what}: measuring for ${seconds} s`);
  const reading = readAll(apis);
  const [first, since] = [stored(), performance.now()];
  await sleep((seconds / 2) * 1000);
  workers[0]?.process.kill("SIGKILL");
  await sleep((seconds / 2) * 1000);
  const elapsed = (performance.now() - since) / 1000;
  const arrived = stored() - first;
  const reads = await reading.stop();

  tell(`${what}: emptying the queue`);
  const confirmed = (await Promise.all(sources.map(stopSource))).reduce((sum, items) => sum + items, 0);
  await emptied(broker.port);
  const distinct = Number(postgres.query("SELECT count(DISTINCT id) FROM items"));
  return {
    what,
    tracksAnHour: Math.round((arrived / elapsed) * 3600),
    readsASecond: Math.round(reads / elapsed),
    confirmed,
    lost: confirmed - distinct,
    doubled: stored() - distinct,
  };
}

/** One after the other: eleven starts at once would mostly wait for each other. */
async function several<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let index = 0; index < count; index++) made.push(await make(index));
  return made;
}

/** A reader at each interface, ten times a second. */
function readAll(apis: readonly ServiceProcess[]) {
  let isStopped = false;
  let reads = 0;
  const readers = apis.map(async (api) => {
    while (!isStopped) {
      if ((await api.get("/api/items?limit=50")).status === 200) reads += 1;
      await sleep(100);
    }
  });
  return {
    async stop(): Promise<number> {
      isStopped = true;
      await Promise.all(readers);
      return reads;
    },
  };
}

/** Resolves to the items that the broker has confirmed to it. */
async function stopSource(source: ServiceProcess): Promise<number> {
  // with its last line read
  const ended = once(source.process, "close");
  source.process.kill("SIGTERM");
  await ended;
  return Number(source.events("source.ended")[0]?.["items"]);
}

/** Waits until the queue is empty and the workers have written what they hold. */
async function emptied(port: number): Promise<void> {
  const address = { hostname: "127.0.0.1", port, vhost: "tracks", username: "tracks", password: CANARY };
  const connection = await connect(address);
  const channel = await connection.createChannel();
  await until(async () => (await channel.checkQueue("items")).messageCount === 0);
  await connection.close();
  // a batch waits for a tenth of a second; the killed worker's are waiting again at once
  await sleep(2000);
}

export function renderPipeline(all: readonly Measurement[]): string {
  const lines = all.map(
    ({ what, tracksAnHour, readsASecond, confirmed, lost, doubled }) =>
      `${what}\n  ${tracksAnHour.toLocaleString("en")} tracks an hour (goal: above ${GOAL_AN_HOUR.toLocaleString("en")}), ` +
      `${readsASecond} reads a second beside it;\n  of ${confirmed.toLocaleString("en")} confirmed, with one worker killed: ${lost} lost, ${doubled} doubled\n`,
  );
  return lines.join("\n");
}
