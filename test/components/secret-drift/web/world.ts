import { join } from "node:path";
import { after } from "mocha";
import { Checker } from "../../../../components/secret-drift/checker/checker.ts";
import { type Web, type WebOptions, startWeb } from "../../../../components/secret-drift/checker/web/index.ts";
import type { RoundReport } from "../../../../components/secret-drift/checker/monitor/report.ts";
import { placeKey } from "../../../../components/secret-drift/checker/mapping.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { MemoryStore } from "../memory-store.ts";

export const MINUTE = 60_000;
export const START = Date.UTC(2026, 0, 5, 12);

/** With characters that each way of encoding changes. */
export const CANARY = 'canary-1<&"\\/+ä=';

const MAPPING = `
source: { store: esc, scope: acme/shop/prod }
stores: { esc: { kind: file }, aws: { kind: file }, github: { kind: file }, cluster: { kind: file } }
defaults: { rotateAfterDays: 90, owners: [platform] }
secrets:
  database-password:
    property: database.password
    risk: high
    owners: [data, on-call]
    places:
      - { store: aws, scope: us-west-2, name: shop/database }
      - { store: aws, scope: us-east-1, name: shop/database }
      - { store: cluster, scope: shop, name: database }
  api-key:
    property: api.key
    risk: low
    places: [{ store: cluster, scope: shop, name: api }, { store: github, scope: acme/shop, name: API_KEY }]
  mail-password:
    property: mail.password
    places: [{ store: aws, scope: us-west-2, name: shop/mail }, { store: github, scope: acme/shop, name: MAIL }]
  signing-key:
    property: signing.key
    risk: low
    places: [{ store: aws, scope: us-east-1, name: shop/signing }]
managed:
  - { store: cluster, scope: shop }
`;

export interface World {
  readonly web: Web;
  readonly checker: Checker;
  readonly stores: Readonly<Record<"esc" | "aws" | "github" | "cluster", MemoryStore>>;
  readonly clock: { now: number };
  /** One round of the monitor, which the web is told of; some scopes may be told as not asked. */
  readonly round: (report?: Partial<RoundReport>) => Promise<void>;
  /** What it answers. */
  readonly get: (path: string, init?: RequestInit) => Promise<Response>;
  readonly json: <T>(path: string) => Promise<T>;
}

/** Four stores that agree, and the server; the stores' clocks and the checker's are the test's. */
export async function world(options: Partial<WebOptions> = {}, mapping = MAPPING): Promise<World> {
  const made = ["esc", "aws", "github", "cluster"].map((name) => new MemoryStore(name));
  const [esc, aws, github, cluster] = made as [MemoryStore, MemoryStore, MemoryStore, MemoryStore];
  const clock = { now: START };
  const checker = await Checker.open({
    mapping: join(temporaryFolder({ "secrets.yaml": mapping }), "secrets.yaml"),
    history: ":memory:",
    stores: new Map(made.map((store) => [store.name, store])),
    now: () => clock.now,
  });
  await checker.prepare();
  for (const { id, property, places } of checker.mapping.secrets) {
    const value = `${CANARY}-${id}`;
    esc.set("acme/shop/prod", property, value);
    for (const { store, scope, name } of places) made.find((each) => each.name === store)?.set(scope, name, value);
  }
  const web = await startWeb({ checker, port: 0, now: () => clock.now, ...options });
  after(async () => {
    await web.close();
    checker.close();
  });
  const round = async (report: Partial<RoundReport> = {}) => {
    const found = await checker.check();
    checker.propose(found, "monitor");
    const latency = checker.history.latency(clock.now - 60 * MINUTE);
    await web.listener.heard({
      ...{ at: clock.now, milliseconds: 1_234, secrets: checker.mapping.secrets.length },
      ...{ opened: [], resolved: [], open: checker.history.open(), unasked: found.unasked, healed: [], latency },
      ...report,
    });
    clock.now += 5 * MINUTE;
  };
  const get = (path: string, init?: RequestInit) => fetch(web.url + path, init);
  return {
    ...{ web, checker, clock, round, get },
    stores: { esc, aws, github, cluster },
    json: async <T>(path: string) => (await (await get(path)).json()) as T,
  };
}

/** Every kind of drift but those that only a store without values can have; and what heals it, proposed. */
export async function drifted(options: Partial<WebOptions> = {}, before?: (made: World) => void): Promise<World> {
  const made = await world(options);
  before?.(made);
  const { stores, round, clock } = made;
  await round();
  stores.aws.set("us-west-2", "shop/database", `${CANARY}-by-hand`);
  stores.cluster.remove("shop", "api");
  stores.cluster.set("shop", "API_KEY_OLD", `${CANARY}-api-key`);
  stores.cluster.set("shop", "stranger", `${CANARY}-stranger`);
  stores.esc.set("acme/shop/prod", "signing.key", `${CANARY}-new-signing-key`);
  await round();
  clock.now += 2 * 60 * MINUTE;
  await round();
  return made;
}

const DAY = 24 * 60 * MINUTE;

/** A month of rounds before the first one, which a quiet system has: one drift that is over, one slow store this morning, one secret exposed. */
export function remember({ checker, clock }: World): void {
  const { history } = checker;
  const { secrets } = checker.mapping;
  const mapped = {
    secrets: new Set(secrets.map(({ id }) => id)),
    places: new Set(secrets.flatMap(({ places }) => places.map(placeKey))),
  };
  const every = 2 * 60 * MINUTE;
  for (let at = clock.now - 29 * DAY; at < clock.now - DAY; at += every) quiet(at);
  for (let at = clock.now - DAY; at < clock.now; at += 20 * MINUTE) quiet(at);

  const exposure = { target: "repository .", rule: "managed-value", secret: "api-key", encoding: "base64" as const };
  history.exposures.record({
    ...{ at: clock.now, milliseconds: 900, whole: [], valuesToo: true },
    exposures: [{ ...exposure, where: "work-tree", path: ".env.old", lines: [3], mark: "0" }],
  });

  function quiet(at: number): void {
    const hour = Math.round(at / (60 * MINUTE));
    const calls = Object.entries({ esc: 180, aws: 90, github: 420, cluster: 25 }).flatMap(([store, usual]) =>
      [0, 1, 2, 3].map((index) => ({
        ...{ at, store, outcome: "ok" },
        milliseconds: usual * (1 + ((hour * 7 + index * 3) % 5) / 6) * (store === "github" && hour % 24 === 7 ? 5 : 1),
      })),
    );
    const isOld = Math.floor((clock.now - at) / DAY) === 12;
    const place = { store: "github", scope: "acme/shop", name: "MAIL" };
    const old = { kind: "missing" as const, secret: "mail-password", place, evidence: "the store has no such name" };
    const none = {
      drifts: isOld ? [old] : [],
      agreed: new Map(),
      source: new Map(),
      undecided: new Set<string>(),
      mapped,
    };
    history.record({ before: history.memory(), at, milliseconds: 800, calls, ...none });
  }
}
