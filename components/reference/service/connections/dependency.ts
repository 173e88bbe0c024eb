import CircuitBreaker from "opossum";
import pRetry from "p-retry";
import { setTimeout as sleep } from "node:timers/promises";
import type { ResilienceConfiguration } from "../configuration.ts";
import type { Log } from "../log.ts";
import { reason } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Call } from "../traces/span.ts";
import { inSpan } from "../traces/span.ts";

/** How one kind of server is connected to. */
export interface Connector<Client> {
  readonly name: string;
  /** The service is whole without it. */
  readonly optional: boolean;
  /** What the span of each call says of the server, by the names of OpenTelemetry's conventions. */
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** A client that has spoken to the server; `suspect` is for what the client notices by itself, such as a closed socket. */
  connect(suspect: (error: unknown) => void): Promise<Client>;
  ping(client: Client): Promise<void>;
  close(client: Client): Promise<void>;
  /** Errors that say nothing about the server's health, such as a refused row. */
  isAnswer?(error: unknown): boolean;
}

export type BreakerState = "CLOSED" | "OPEN" | "HALF_OPEN";

export interface DependencyStatus {
  readonly up: boolean;
  readonly optional: boolean;
  readonly breaker: BreakerState;
  /** Of the last successful ping. */
  readonly milliseconds?: number;
  /** Why it is down. */
  readonly reason?: string;
  /** For how long it has been gone; absent while it is up, and where it never was. */
  readonly downSeconds?: number;
}

/** What a dependency tells the world. */
export interface Telemetry {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** There is no connection now, the breaker is open, or the server did not answer: the caller may try again later. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
  constructor(dependency: string, cause?: unknown) {
    super(`${dependency} is not available`, cause === undefined ? {} : { cause });
  }
}

/** Below it a rate of failures says little. opossum counts over 10 s. */
const LEAST_OPERATIONS = 3;

type Operation = () => Promise<unknown>;

/**
 * A server that the service uses: connected in the background, looked at while it is up, connected again when it is lost,
 * with a circuit breaker around every operation.
 */
export class Dependency<Client = unknown> {
  readonly name: string;
  readonly optional: boolean;
  readonly #connector: Connector<Client>;
  readonly #resilience: ResilienceConfiguration;
  readonly #telemetry: Telemetry;
  readonly #breaker: CircuitBreaker<[Operation], unknown>;
  readonly #listeners: ((client: Client) => void)[] = [];
  readonly #closing = new AbortController();
  #client: Client | undefined;
  #milliseconds: number | undefined;
  #reason: string | undefined = "not connected yet";
  #lostAt: number | undefined;
  #probe: NodeJS.Timeout | undefined;
  #isChecking = false;

  constructor(connector: Connector<Client>, resilience: ResilienceConfiguration, telemetry: Telemetry) {
    this.name = connector.name;
    this.optional = connector.optional;
    this.#connector = connector;
    this.#resilience = resilience;
    this.#telemetry = telemetry;
    this.#breaker = this.#createBreaker();
  }

  /** Returns at once; the service answers while its servers are still starting. */
  start(): void {
    this.#markDown("not connected yet");
    void this.#connect();
  }

  /** Calls back with each new client, also with the present one. */
  onConnected(listener: (client: Client) => void): void {
    this.#listeners.push(listener);
    if (this.#client !== undefined) listener(this.#client);
  }

  /**
   * Runs an operation through the circuit breaker. Throws `Unavailable`, at once where there is no hope, or what the server
   * answered. With a `call` it is traced, refusals of the breaker too.
   */
  async use<T>(operation: (client: Client) => Promise<T>, call?: Call): Promise<T> {
    if (call === undefined) return this.#fire(operation);
    const attributes = { ...this.#connector.attributes, ...call.attributes };
    return inSpan({ ...call, attributes }, () => this.#fire(operation));
  }

  async #fire<T>(operation: (client: Client) => Promise<T>): Promise<T> {
    try {
      return (await this.#breaker.fire(() => this.#run(operation))) as T;
    } catch (error) {
      throw this.#outcome(error);
    }
  }

  #outcome(error: unknown): unknown {
    if (error instanceof Unavailable || this.#isAnswer(error)) return error;
    return new Unavailable(this.name, CircuitBreaker.isOurError(error as Error) ? undefined : error);
  }

  #isAnswer(error: unknown): boolean {
    return this.#connector.isAnswer?.(error) ?? false;
  }

  status(): DependencyStatus {
    return {
      up: this.#client !== undefined,
      optional: this.optional,
      breaker: this.#state(),
      ...(this.#milliseconds === undefined ? {} : { milliseconds: this.#milliseconds }),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      ...(this.#lostAt === undefined ? {} : { downSeconds: Math.round(performance.now() - this.#lostAt) / 1000 }),
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#probe);
    this.#breaker.shutdown();
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await this.#discard(client);
  }

  async #run<T>(operation: (client: Client) => Promise<T>): Promise<T> {
    if (this.#client === undefined) throw new Unavailable(this.name);
    return operation(this.#client);
  }

  async #connect(): Promise<void> {
    const { delays } = this.#resilience;
    const { signal } = this.#closing;
    try {
      this.#markUp(await this.#attempts(delays));
    } catch (error) {
      if (signal.aborted) return;
      this.#telemetry.log("dependency.given-up", {
        dependency: this.name,
        reason: reason(error),
        then: "in the background",
      });
      await this.#keepTrying(delays.at(-1) ?? 0);
    }
  }

  /** The first attempt at once, then one after each delay. */
  #attempts(delays: readonly number[]): Promise<Client> {
    return pRetry(() => this.#attempt(), {
      retries: delays.length,
      minTimeout: delays[0] ?? 0,
      factor: 2,
      signal: this.#closing.signal,
      onFailedAttempt: ({ error, attemptNumber, retryDelay }) => {
        const then = retryDelay > 0 ? { nextSeconds: retryDelay / 1000 } : {};
        this.#telemetry.log("dependency.attempt", {
          dependency: this.name,
          attempt: attemptNumber,
          reason: reason(error),
          ...then,
        });
      },
    });
  }

  async #keepTrying(delay: number): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(delay, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const client = await this.#attempt().catch(() => undefined);
      if (client !== undefined) return this.#markUp(client);
    }
  }

  async #attempt(): Promise<Client> {
    const { connectAttempts } = this.#telemetry.metrics;
    // what goes wrong before is the attempt's failure already
    let connected: Client | undefined;
    try {
      const client = await this.#connector.connect((error) => {
        if (connected !== undefined) void this.#check(connected, error);
      });
      connected = client;
      connectAttempts.inc({ dependency: this.name, result: "connected" });
      return client;
    } catch (error) {
      connectAttempts.inc({ dependency: this.name, result: "failed" });
      this.#reason = reason(error);
      // p-retry takes a TypeError for a programming error, and fetch throws one for a refused connection
      throw error instanceof TypeError ? new Error(reason(error)) : error;
    }
  }

  #markUp(client: Client): void {
    if (this.#closing.signal.aborted) return void this.#discard(client);
    this.#client = client;
    this.#reason = undefined;
    this.#lostAt = undefined;
    this.#telemetry.metrics.dependencyUp.set({ dependency: this.name }, 1);
    this.#telemetry.log("dependency.up", { dependency: this.name });
    this.#schedule(client);
    for (const listener of this.#listeners) listener(client);
  }

  #markDown(why: string): void {
    this.#client = undefined;
    this.#reason = why;
    this.#telemetry.metrics.dependencyUp.set({ dependency: this.name }, 0);
  }

  #schedule(client: Client): void {
    this.#probe = setTimeout(() => void this.#check(client), this.#resilience.probeInterval).unref();
  }

  /** A ping outside the breaker decides whether the connection is lost: one closed socket of a pool is not. */
  async #check(client: Client, suspicion?: unknown): Promise<void> {
    if (this.#client !== client || this.#isChecking) return;
    this.#isChecking = true;
    clearTimeout(this.#probe);
    const start = performance.now();
    const failure = await this.#pingFailure(client);
    this.#isChecking = false;
    if (this.#client !== client) return;
    if (failure !== undefined) return this.#lose(client, suspicion ?? failure);
    this.#milliseconds = Math.round(performance.now() - start);
    this.#schedule(client);
  }

  async #pingFailure(client: Client): Promise<unknown> {
    const { operationTimeout } = this.#resilience;
    const timer = new AbortController();
    const late = sleep(operationTimeout, undefined, { signal: timer.signal, ref: false }).then(
      () => new Error(`no answer within ${operationTimeout / 1000} s`),
      () => undefined,
    );
    const answer = this.#connector.ping(client).then(
      () => undefined,
      (error: unknown) => error ?? new Error("no reason given"),
    );
    const failure = await Promise.race([answer, late]);
    timer.abort();
    return failure;
  }

  #lose(client: Client, error: unknown): void {
    this.#lostAt = performance.now();
    this.#markDown(reason(error));
    this.#telemetry.log("dependency.lost", { dependency: this.name, reason: reason(error) });
    this.#breaker.open();
    void this.#discard(client);
    void this.#connect();
  }

  async #discard(client: Client): Promise<void> {
    await this.#connector.close(client).catch(() => undefined);
  }

  #createBreaker(): CircuitBreaker<[Operation], unknown> {
    const breaker = new CircuitBreaker<[Operation], unknown>((operation) => operation(), {
      name: this.name,
      timeout: this.#resilience.operationTimeout,
      resetTimeout: this.#resilience.breakerReset,
      volumeThreshold: LEAST_OPERATIONS,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      errorFilter: (error: unknown) => this.#isAnswer(error),
    });
    const tell = (state: BreakerState) => {
      this.#telemetry.metrics.breakerTransitions.inc({ dependency: this.name, state });
      this.#telemetry.log("breaker", { dependency: this.name, state });
      this.#exposeState();
    };
    breaker.on("open", () => tell("OPEN"));
    breaker.on("close", () => tell("CLOSED"));
    breaker.on("halfOpen", () => {
      tell("HALF_OPEN");
      // the trial is a ping: nobody else may ask for a while, and no caller should be the one who tries
      void this.use((client) => this.#connector.ping(client)).catch(() => undefined);
    });
    this.#exposeState(breaker);
    return breaker;
  }

  #state(breaker = this.#breaker): BreakerState {
    return breaker.halfOpen ? "HALF_OPEN" : breaker.opened ? "OPEN" : "CLOSED";
  }

  #exposeState(breaker = this.#breaker): void {
    const present = this.#state(breaker);
    for (const state of ["CLOSED", "OPEN", "HALF_OPEN"] as const)
      this.#telemetry.metrics.breakerState.set({ dependency: this.name, state }, state === present ? 1 : 0);
  }
}
