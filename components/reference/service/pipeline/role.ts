/** Work that a process does beside answering requests. */
export interface Work {
  start(): void;
  /** Finishes what is under way and takes on nothing new. */
  stop(): Promise<void>;
}
