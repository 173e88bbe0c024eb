import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { Fingerprints } from "../../../components/secret-drift/checker/fingerprint.ts";
import { heal } from "../../../components/secret-drift/checker/healing/healer.ts";
import { propose } from "../../../components/secret-drift/checker/healing/proposal.ts";
import { History } from "../../../components/secret-drift/checker/history.ts";
import { type Place, parseMapping, placeKey } from "../../../components/secret-drift/checker/mapping.ts";
import { RECORDS } from "../../../components/secret-drift/checker/own-names.ts";
import { checkRound } from "../../../components/secret-drift/checker/round.ts";
import { SecretValue } from "../../../components/secret-drift/checker/secret-value.ts";
import { MemoryStore } from "./memory-store.ts";

const MAPPING = parseMapping(
  `
source: { store: esc, scope: env }
stores: { esc: { kind: memory }, aws: { kind: memory }, github: { kind: memory } }
defaults: { minimumLength: 4 }
secrets:
  one:
    property: one
    risk: low
    places: [{ store: aws, scope: west, name: ONE }, { store: aws, scope: east, name: ONE }, { store: github, scope: repo, name: ONE }]
  two:
    property: two
    risk: medium
    places: [{ store: aws, scope: west, name: TWO }, { store: github, scope: repo, name: TWO }]
  three:
    property: three
    risk: high
    places: [{ store: aws, scope: east, name: THREE }]
managed: [{ store: aws, scope: west }, { store: aws, scope: east }, { store: github, scope: repo, except: ["KEEP_*"] }]
`,
  "secrets.yaml",
);
const SOURCE = MAPPING.source;
const PLACES = MAPPING.secrets.flatMap(({ places }) => places);
const SCOPES = MAPPING.managed.map(({ store, scope }) => ({ store, scope }));
const HOUR = 60 * 60_000;

/** What people and machines do. Numbers choose among what there is. */
type Step =
  | { readonly do: "rotate" | "drop"; readonly secret: number; readonly length: number }
  | { readonly do: "write" | "remove" | "copy"; readonly place: number; readonly length: number }
  | { readonly do: "rename" | "move"; readonly place: number }
  | { readonly do: "stranger"; readonly scope: number; readonly name: number }
  | { readonly do: "down" | "back"; readonly store: number }
  | { readonly do: "approve"; readonly by: number }
  /** Perhaps somebody writes a place after it was last looked at: before the healing, or at any step of it. */
  | { readonly do: "heal"; readonly killAfter: number; readonly meanwhile: number | null; readonly at: number };

const index = fc.nat({ max: 11 });
const length = fc.constantFrom(0, 2, 8, 8, 8, 8, 20);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("rotate", "rotate", "drop"), secret: index, length }),
  fc.record({ do: fc.constantFrom("write", "write", "remove", "copy"), place: index, length }),
  fc.record({ do: fc.constantFrom("rename", "move"), place: index }),
  fc.record({ do: fc.constant("stranger" as const), scope: index, name: index }),
  fc.record({ do: fc.constantFrom("down", "back"), store: index }),
  fc.record({ do: fc.constant("approve" as const), by: index }),
  fc.record({
    do: fc.constant("heal" as const),
    killAfter: fc.nat({ max: 20 }),
    meanwhile: fc.option(index),
    at: fc.nat({ max: 12 }),
  }),
);

class PowerCut extends Error {}

/** The world: three stores, a checker with its memory, and what an all-knowing observer knows. */
class World {
  readonly stores = new Map(
    [new MemoryStore("esc"), new MemoryStore("aws"), new MemoryStore("github", false)].map((store) => [
      store.name,
      store,
    ]),
  );
  readonly history = new History(":memory:");
  readonly fingerprints = new Fingerprints(Buffer.alloc(32, 7));
  /** What each place held when the checker last knew it to agree, and the store's date of it. */
  readonly agreed = new Map<string, { readonly value: string; readonly updatedAt: number | undefined }>();
  now = 1_700_000_000_000;
  /** By people: not the healer's to keep. */
  readonly #overwritten = new Set<string>();
  #values = 0;
  #healers = 0;

  store(name: string): MemoryStore {
    const store = this.stores.get(name);
    assert.ok(store);
    return store;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const { id, property, places } of MAPPING.secrets) {
      const value = this.#fresh(8);
      this.store(SOURCE.store).set(SOURCE.scope, property, value);
      assert.ok(id);
      for (const { store, scope, name } of places) this.store(store).set(scope, name, value);
    }
    for (const each of steps) {
      this.now += HOUR;
      await this.#do(each);
      await this.#check();
    }
    this.history.close();
  }

  async #do(step: Step): Promise<void> {
    const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T;
    const source = this.store(SOURCE.store);
    if (step.do === "rotate")
      source.set(SOURCE.scope, pick(MAPPING.secrets, step.secret).property, this.#fresh(step.length));
    if (step.do === "drop") source.remove(SOURCE.scope, pick(MAPPING.secrets, step.secret).property);
    if (step.do === "down") this.store(pick([...this.stores.keys()], step.store)).down = "unavailable";
    if (step.do === "back") for (const store of this.stores.values()) store.down = undefined;
    if (step.do === "stranger") {
      const { store, scope } = pick(SCOPES, step.scope);
      this.store(store).set(scope, pick(["OLD", "KEEP_ME"], step.name), this.#fresh(8));
    }
    if (step.do === "approve") {
      for (const { id } of this.history.journal.inState("open"))
        this.history.journal.approve(id, pick(["monitor", "alice"], step.by), this.now);
    }
    if (step.do === "heal") await this.#healWhile(step);
    if ("place" in step) this.#person(step.do, pick(PLACES, step.place), "length" in step ? step.length : 8);
  }

  #person(what: "write" | "remove" | "copy" | "rename" | "move", place: Place, length: number): void {
    const store = this.store(place.store);
    const { scope, name } = place;
    const value = store.get(scope, name);
    const secret = MAPPING.secrets.find(({ places }) => places.includes(place));
    const truth = this.store(SOURCE.store).get(SOURCE.scope, secret?.property ?? "");
    if (what === "write") store.set(scope, name, this.#fresh(length));
    if (what === "copy" && truth !== undefined) store.set(scope, name, truth);
    if (what === "remove" || what === "rename" || what === "move") store.remove(scope, name);
    if (value === undefined) return;
    if (what === "rename") store.set(scope, "OLD", value);
    if (what === "move") store.set(scope === "east" ? "west" : "east", name === "THREE" ? name : "TWO", value);
  }

  async #check(): Promise<void> {
    const round = await checkRound({
      mapping: MAPPING,
      stores: this.stores,
      fingerprints: this.fingerprints,
      history: this.history,
      now: this.now,
    });
    const told = round.drifts.map(
      ({ kind, secret, place }) => `${kind} ${secret} ${place.store} ${place.scope} ${place.name}`,
    );
    assert.deepEqual(told.sort(), this.#truth().sort());
    this.history.journal.propose(propose(MAPPING, round.seen, round.drifts), "monitor", this.now);
  }

  /** What is true, from values that the checker never sees written down. */
  #truth(): string[] {
    const source = this.store(SOURCE.store);
    if (source.down !== undefined) return [];
    const explained = new Set<string>();
    const found = MAPPING.secrets.flatMap(({ id, property, places }) => {
      const truth = source.get(SOURCE.scope, property);
      if (truth === undefined) return [`missing ${id} ${SOURCE.store} ${SOURCE.scope} ${property}`];
      return places.flatMap((place) =>
        this.#kinds(place, truth, explained).map((kind) => `${kind} ${id} ${place.store} ${place.scope} ${place.name}`),
      );
    });
    const extras = SCOPES.flatMap(({ store, scope }) =>
      this.#strangers(store, scope)
        .filter((name) => !(store === "github" && name.startsWith("KEEP_")))
        .filter((name) => !explained.has(placeKey({ store, scope, name })))
        .map((name) => `extra ${name} ${store} ${scope} ${name}`),
    );
    return [...found, ...extras];
  }

  #strangers(store: string, scope: string): string[] {
    if (this.store(store).down !== undefined) return [];
    const mapped = new Set(PLACES.map(placeKey));
    return this.store(store)
      .names(scope)
      .filter((name) => !mapped.has(placeKey({ store, scope, name })));
  }

  #kinds(place: Place, truth: string, explained: Set<string>): string[] {
    const store = this.store(place.store);
    if (store.down !== undefined) return [];
    const key = placeKey(place);
    const there = store.get(place.scope, place.name);
    const before = this.agreed.get(key);
    const updatedAt = store.updatedAt(place.scope, place.name);
    if (there === undefined) return [this.#whereabouts(place, truth, before?.value, explained)];
    if (store.readable) {
      if (there === truth) {
        this.agreed.set(key, { value: truth, updatedAt });
        return [];
      }
      if (before === undefined) return ["changed-there"];
      return [
        ...(before.value === truth ? [] : ["changed-here"]),
        ...(before.value === there ? [] : ["changed-there"]),
      ];
    }
    if (before === undefined) return ["unreadable"];
    return [
      ...(before.value === truth ? [] : ["changed-here"]),
      ...(before.updatedAt === updatedAt ? [] : ["changed-there"]),
    ];
  }

  #whereabouts(place: Place, truth: string, before: string | undefined, explained: Set<string>): string {
    const { store, scope, name } = place;
    const isIt = (value: string | undefined) => value !== undefined && (value === truth || value === before);
    if (this.store(store).readable) {
      const renamed = [truth, before].flatMap((value) =>
        this.#strangers(store, scope).filter(
          (other) => value !== undefined && this.store(store).get(scope, other) === value,
        ),
      );
      const last = renamed
        .filter((other) => this.store(store).get(scope, other) === this.store(store).get(scope, renamed[0] ?? ""))
        .at(-1);
      if (last !== undefined) {
        explained.add(placeKey({ store, scope, name: last }));
        return "renamed";
      }
    }
    const elsewhere = SCOPES.filter((other) => other.store === store && other.scope !== scope)
      .filter((other) => this.#strangers(store, other.scope).includes(name))
      .find((other) => this.store(store).readable && isIt(this.store(store).get(other.scope, name)));
    if (elsewhere === undefined) return "missing";
    explained.add(placeKey({ ...elsewhere, name }));
    return "wrong-scope";
  }

  /** What a person has just written where nobody can read it is still there afterwards. */
  async #healWhile({ killAfter, meanwhile, at }: Extract<Step, { readonly do: "heal" }>): Promise<void> {
    const place = meanwhile === null ? undefined : PLACES[meanwhile % PLACES.length];
    if (place === undefined) return this.#heal(killAfter);
    const store = this.store(place.store);
    const value = this.#fresh(8);
    let written = false;
    const write = (step: number) => {
      if (step !== at) return;
      this.#overwritten.add(store.get(place.scope, place.name) ?? "");
      store.set(place.scope, place.name, value);
      written = true;
    };
    write(0);
    await this.#heal(killAfter, write);
    if (!written) return;
    if (!store.readable || at > 0) assert.equal(store.get(place.scope, place.name), value);
  }

  /** @param onStep with the number of a step that was just made */
  async #heal(killAfter: number, onStep?: (step: number) => void): Promise<void> {
    const before = new Set([...this.stores.values()].flatMap((store) => (store.readable ? store.values() : [])));
    const writes = [...this.stores.values()].map(({ writes: all }) => all.length);
    const obsolete = new Set([...this.agreed.values()].map(({ value }) => value));
    let steps = 0;
    let killed = false;
    try {
      await heal({
        mapping: MAPPING,
        stores: this.stores,
        fingerprints: this.fingerprints,
        history: this.history,
        now: () => this.now,
        holder: `healer-${++this.#healers}`,
        onStep: () => {
          // a cut power ends the process: nothing after it runs, its lease stays
          if (++steps === killAfter) throw new PowerCut();
          onStep?.(steps);
        },
      });
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      killed = true;
    }
    if (killed) assert.ok(steps > 0);
    this.#learn();
    const after = new Set([...this.stores.values()].flatMap((store) => store.values()));
    for (const value of before)
      assert.ok(
        [after, obsolete, this.#overwritten].some((known) => known.has(value)) || isRecord(value),
        "a value was lost",
      );
    for (const [at, store] of [...this.stores.values()].entries())
      for (const write of store.writes.slice(writes[at])) this.#allowed(store, write);
  }

  /** Whatever the healer writes is a source's whole value at one of that secret's places, or beside the source. */
  #allowed(store: MemoryStore, { scope, name, value }: MemoryStore["writes"][number]): void {
    if (store.name === SOURCE.store) return assert.match(name, /^groundwork-/);
    const secret = MAPPING.secrets.find(({ places }) =>
      places.some((place) => placeKey(place) === placeKey({ store: store.name, scope, name })),
    );
    assert.ok(secret, `${name} is nobody's place`);
    assert.equal(value, this.store(SOURCE.store).get(SOURCE.scope, secret.property));
    assert.ok(value.length >= secret.minimumLength);
  }

  /** The checker knows what its healer has written down. */
  #learn(): void {
    const { agreements } = this.history.memory();
    for (const { property, places } of MAPPING.secrets) {
      const value = this.store(SOURCE.store).get(SOURCE.scope, property);
      if (value === undefined) continue;
      const fingerprint = this.fingerprints.of(new SecretValue(value));
      for (const key of places.map(placeKey)) {
        const known = agreements.get(key);
        if (known?.fingerprint === fingerprint) this.agreed.set(key, { value, updatedAt: known.updatedAt });
      }
    }
  }

  #fresh(length: number): string {
    return `${++this.#values}-${randomBytes(20).toString("hex")}`.slice(0, length);
  }
}

function isRecord(value: string): boolean {
  return value.startsWith("{");
}

describe("a checker of secrets in a world of people", function () {
  this.timeout(300_000);

  it("finds what is true and nothing else, loses no value and writes none to a wrong place, in 10,000 histories", async () => {
    assert.ok(RECORDS.startsWith("groundwork-"));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => new World().run(steps)),
      { numRuns: Number(process.env["SEQUENCES"] ?? 10_000) },
    );
  });
});
