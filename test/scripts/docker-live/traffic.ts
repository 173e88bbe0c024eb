import { once } from "node:events";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

export interface TrafficOptions {
  /** Asked with GET and POST in turn. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly perSecond: number;
  /** Connections that are kept open. */
  readonly connections: number;
}

export interface Answer {
  readonly method: "GET" | "POST";
  /** When it was asked and when it was answered, in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly status?: number;
  /** Of the connection or of the protocol; there is no status then. */
  readonly error?: string;
  readonly body: string;
}

/** A client that asks again and again, in a thread of its own, so that nothing that a test does makes it wait. */
export class Traffic {
  readonly #worker: Worker;

  constructor(options: TrafficOptions) {
    this.#worker = new Worker(new URL(import.meta.url), { workerData: options });
  }

  /** Ends it, when everything that was asked is answered. */
  async stop(): Promise<readonly Answer[]> {
    this.#worker.postMessage("stop");
    const [answers] = (await once(this.#worker, "message")) as [readonly Answer[]];
    await this.#worker.terminate();
    return answers;
  }
}

/** Longer than the gateway waits for an answer, so that it is the one to give up. */
const LONGEST_MS = 90_000;
/** One in so many POSTs sends its body slowly, so that it is under way while other things happen. */
const SLOW = 10;
const SLOW_MS = 1500;

async function run({ url, headers = {}, perSecond, connections }: TrafficOptions): Promise<readonly Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const answers: Answer[] = [];
  const asked: Promise<void>[] = [];
  const state = { isStopped: false };
  parentPort?.once("message", () => (state.isStopped = true));
  for (let count = 0; !state.isStopped; count++) {
    const isSlow = count % (2 * SLOW) === 1;
    const one = ask(url, { headers, agent }, count % 2 === 0 ? "GET" : "POST", isSlow);
    asked.push(one.then((answer) => void answers.push(answer)));
    await sleep(1000 / perSecond);
  }
  await Promise.all(asked);
  agent.destroy();
  return answers;
}

function ask(url: string, options: object, method: Answer["method"], isSlow: boolean): Promise<Answer> {
  const from = Date.now();
  return new Promise((resolve) => {
    const done = (more: Pick<Answer, "status" | "error">, body = "") =>
      resolve({ method, from, to: Date.now(), body, ...more });
    const sent = request(url, { ...options, method, timeout: LONGEST_MS }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => done({ status: answer.statusCode ?? 0 }, Buffer.concat(chunks).toString("utf8")));
      answer.on("error", (error) => done({ error: error.message }));
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer in ${LONGEST_MS} ms`)));
    sent.on("error", (error) => done({ error: error.message }));
    if (method === "GET") sent.end();
    else if (!isSlow) sent.end("a body");
    else {
      sent.write("a slow ");
      setTimeout(() => sent.end("body"), SLOW_MS);
    }
  });
}

if (!isMainThread && parentPort !== null) parentPort.postMessage(await run(workerData as TrafficOptions));
