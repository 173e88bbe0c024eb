import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { KernelOptions } from "../kernel/load.ts";
import type { Answer, Answerer } from "./answerer.ts";
import type { Query } from "./query.ts";

export interface ThreadedAnswerer extends Answerer {
  /** Ends the threads; what is under way fails. */
  close(): Promise<void>;
}

interface Job {
  readonly query: Query;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The library's answers from so many threads: the event loop stays free for what is in the cache, and all cores work.
 * Jobs wait here and not in a thread, so that who gives up while waiting costs nothing.
 */
export class AnswererThreads implements ThreadedAnswerer {
  readonly #kernel: KernelOptions;
  readonly #waiting = new Set<Job>();
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Job>();
  #isClosing = false;

  constructor(threads: number, kernel: KernelOptions = {}) {
    this.#kernel = kernel;
    for (let count = 0; count < threads; count++) this.#start();
  }

  answer(query: Query, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (signal.aborted || this.#isClosing) return reject(ended(signal));
      const job: Job = { query, resolve, reject };
      signal.addEventListener(
        "abort",
        () => {
          this.#waiting.delete(job);
          reject(ended(signal));
        },
        { once: true },
      );
      this.#waiting.add(job);
      if (this.#idle.length + this.#busy.size === 0) this.#start();
      else this.#hand();
    });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const jobs = [...this.#waiting, ...this.#busy.values()];
    const workers = [...this.#idle, ...this.#busy.keys()];
    this.#waiting.clear();
    for (const { reject } of jobs) reject(new Error("the service ends"));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #start(): void {
    const file = new URL(`worker${extname(import.meta.filename)}`, import.meta.url);
    const worker = new Worker(file, { workerData: this.#kernel });
    worker.on("message", (answer: Answer) => {
      this.#busy.get(worker)?.resolve(answer);
      this.#busy.delete(worker);
      this.#idle.push(worker);
      this.#hand();
    });
    worker.on("error", (error) => this.#busy.get(worker)?.reject(error));
    worker.on("exit", () => this.#replace(worker));
    // until its library is open, the message waits in its port
    this.#idle.push(worker);
    this.#hand();
  }

  /** A question that ends a thread must not end the next ones. */
  #replace(worker: Worker): void {
    if (this.#isClosing) return;
    const job = this.#busy.get(worker);
    this.#busy.delete(worker);
    const place = this.#idle.indexOf(worker);
    if (place >= 0) this.#idle.splice(place, 1);
    job?.reject(new Error("the thread that worked on it has ended"));
    // one that ends before it was given anything would end again; the next question starts another
    if (job !== undefined) this.#start();
  }

  #hand(): void {
    for (const job of this.#waiting) {
      const worker = this.#idle.pop();
      if (worker === undefined) return;
      this.#waiting.delete(job);
      this.#busy.set(worker, job);
      worker.postMessage(job.query);
    }
  }
}

function ended(signal: AbortSignal): Error {
  return signal.aborted ? (signal.reason as Error) : new Error("the service ends");
}
