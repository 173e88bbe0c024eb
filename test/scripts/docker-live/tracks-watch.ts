import assert from "node:assert/strict";
import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 500;
const TRIES = 480;

/** Asks again and again until it is so, and says after how many seconds that was. */
export async function seconds(what: string, look: () => Promise<boolean>): Promise<number> {
  const began = performance.now();
  for (let tried = 0; !(await look()); tried++) {
    assert.ok(tried < TRIES, `${what}: not in time`);
    await sleep(POLL_MS);
  }
  return (performance.now() - began) / 1000;
}

export async function json(url: string): Promise<unknown> {
  const answer = await fetch(url);
  assert.equal(answer.status, 200, `${url}: ${answer.status}`);
  return answer.json();
}

/** Targets that Prometheus scrapes, as `job: health`, sorted. https://prometheus.io/docs/prometheus/latest/querying/api/#targets */
export async function targets(prometheus: string): Promise<string[]> {
  const { data } = (await json(`${prometheus}/api/v1/targets?state=active`)) as {
    data: { activeTargets: readonly { labels: { job: string }; health: string }[] };
  };
  return data.activeTargets.map(({ labels, health }) => `${labels.job}: ${health}`).sort();
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#alerts */
export async function firing(prometheus: string): Promise<string[]> {
  const { data } = (await json(`${prometheus}/api/v1/alerts`)) as {
    data: { alerts: readonly { labels: { alertname: string }; state: string }[] };
  };
  return data.alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels.alertname);
}

export interface Notified {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly receivers: readonly { readonly name: string }[];
}

/** Those that have not resolved. https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml (getAlerts) */
export async function notified(alertmanager: string, name: string): Promise<Notified | undefined> {
  const alerts = (await json(`${alertmanager}/api/v2/alerts?active=true`)) as readonly Notified[];
  return alerts.find(({ labels }) => labels["alertname"] === name);
}

/** How many samples of a series Prometheus knows of the time before this moment. https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
export async function samplesBefore(prometheus: string, selector: string, moment: number): Promise<number> {
  const query = new URLSearchParams({ query: `count_over_time(${selector}[1h])`, time: String(moment / 1000) });
  const { data } = (await json(`${prometheus}/api/v1/query?${query.toString()}`)) as {
    data: { result: readonly { value: readonly [number, string] }[] };
  };
  return data.result.reduce((sum, { value: [, count] }) => sum + Number(count), 0);
}

export interface Served {
  readonly requests: number;
  /** What went wrong, and when: seconds after the first request. */
  readonly failed: readonly string[];
  readonly slowestMs: number;
}

const PER_SECOND = 10;
const CONNECTIONS = 4;
const LONGEST_MS = 15_000;

/** A client that asks ten times a second, over connections that stay open, until it is told to stop. */
export class Client {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  readonly #began = performance.now();
  readonly #asked: Promise<void>[] = [];
  readonly #failed: string[] = [];
  readonly #timer: NodeJS.Timeout;
  #slowestMs = 0;

  constructor(url: string) {
    this.#url = url;
    this.#timer = setInterval(() => this.#asked.push(this.#ask()), 1000 / PER_SECOND);
  }

  /** When everything that was asked is answered. */
  async stop(): Promise<Served> {
    clearInterval(this.#timer);
    await Promise.all(this.#asked);
    this.#agent.destroy();
    return { requests: this.#asked.length, failed: this.#failed, slowestMs: Math.round(this.#slowestMs) };
  }

  async #ask(): Promise<void> {
    const from = performance.now();
    const failure = await this.#failure();
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - from);
    if (failure !== undefined) this.#failed.push(`after ${((from - this.#began) / 1000).toFixed(1)} s: ${failure}`);
  }

  #failure(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const asked = get(this.#url, { agent: this.#agent, timeout: LONGEST_MS }, (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode === 200 ? undefined : `answered ${answer.statusCode}`));
        answer.on("error", ({ message }) => resolve(message));
      });
      asked.on("timeout", () => asked.destroy(new Error(`no answer in ${LONGEST_MS} ms`)));
      asked.on("error", ({ message }) => resolve(message));
    });
  }
}

/** With a client at the gateway while it happens. */
export async function whileAsked(url: string, happens: () => Promise<void>): Promise<Served> {
  const client = new Client(url);
  try {
    await happens();
  } catch (error) {
    await client.stop();
    throw error;
  }
  return client.stop();
}
