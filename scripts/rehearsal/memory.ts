import { readFileSync } from "node:fs";
import { descendants } from "./engine/processes.ts";

/** Looking at large processes takes the system milliseconds each. */
const EVERY_MS = 5_000;
const MIB = 2 ** 20;

/** The most memory that this process and all that it has started hold together. */
export class MemoryWatch {
  #most = 0;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
    this.#timer.unref();
  }

  /** Looks once more. @returns MiB; 0 where the system does not tell */
  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return Math.round(this.#most / MIB);
  }

  #look(): void {
    const now = [process.pid, ...descendants(process.pid)].reduce((sum, pid) => sum + proportionalBytes(pid), 0);
    this.#most = Math.max(this.#most, now);
  }
}

/** What processes share, such as the code of two API servers, counts once. https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html */
function proportionalBytes(pid: number): number {
  try {
    const kib = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0; // ended while we were looking, or no Linux
  }
}
