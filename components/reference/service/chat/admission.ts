import pLimit from "p-limit";

export interface AdmissionOptions {
  /** Requests under way at once. */
  readonly concurrent: number;
  /** Requests that may wait for one of those to end; the next is turned away. */
  readonly queue: number;
}

/** Thrown to the caller who should come back later. */
export class Overloaded extends Error {}

/** Thrown when the caller has waited long enough. */
export class TooSlow extends Error {}

/** Lets so many in at once and so many wait; nobody waits, or is worked for, longer than the time limit. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #limit: ReturnType<typeof pLimit>;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#limit = pLimit(options.concurrent);
  }

  async run<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
    const { concurrent, queue } = this.#options;
    if (this.#limit.activeCount + this.#limit.pendingCount >= concurrent + queue)
      throw new Overloaded(`${concurrent} requests are under way and ${queue} wait; come back later`);
    return within(milliseconds, (late) =>
      // who gave up while waiting takes no place, and who gives up while being worked for makes room
      this.#limit(() => (late.aborted ? Promise.reject(tooSlow(milliseconds)) : Promise.race([work(), aborted(late)]))),
    );
  }
}

/** Rejects with `TooSlow` when the time is over; the signal says so to whatever still works on it. */
export async function within<T>(milliseconds: number, work: (late: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(tooSlow(milliseconds)), milliseconds);
  try {
    return await Promise.race([work(controller.signal), aborted(controller.signal)]);
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

function tooSlow(milliseconds: number): TooSlow {
  return new TooSlow(`no answer within ${milliseconds / 1000} s`);
}
