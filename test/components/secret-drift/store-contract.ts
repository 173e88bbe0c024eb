import assert from "node:assert/strict";
import { SecretValue } from "../../../components/secret-drift/checker/secret-value.ts";
import {
  type Asked,
  type Listed,
  MISSING,
  type ProblemKind,
  type Store,
} from "../../../components/secret-drift/checker/store.ts";
import type { FakeServer, Trouble } from "./servers/server.ts";

/** One store, empty, with the server behind it. */
export interface Tried {
  readonly store: Store;
  readonly scope: string;
  readonly server?: FakeServer;
  /** A name that the store takes. Default: as it is. */
  readonly named?: (name: string) => string;
  /** What the store really holds. */
  readonly held: (name: string) => string | undefined | Promise<string | undefined>;
  /** What a person writes. */
  readonly put: (name: string, value: string) => void | Promise<void>;
}

const CANARY = "canary-a-value-that-nobody-may-see";

function ok<T>(asked: Asked<T>): T {
  assert.ok(asked.ok, asked.ok ? "" : asked.problem.message);
  return asked.value;
}

/** What every store does, whichever API is behind it. */
export function describeStore(make: () => Promise<Tried>): void {
  let tried: Tried;
  const named = (name: string) => tried.named?.(name) ?? name;
  const names = async () => ok(await tried.store.list(tried.scope)).map(({ name }) => name);
  const value = async (name: string) => {
    const answer = ok(await tried.store.read(tried.scope, [name])).get(name);
    return answer?.ok === true && answer.value !== MISSING ? answer.value.reveal() : answer;
  };
  before(async () => {
    tried = await make();
  });

  it("is empty at first, and lists all that there is, however many pages that takes", async () => {
    assert.deepEqual(await names(), []);
    const wanted = Array.from({ length: 7 }, (_, index) => named(`NAME_${index}`));
    for (const name of wanted) await tried.put(name, CANARY);
    assert.deepEqual((await names()).sort(), wanted);
  });

  it("writes what is new and what is there already, and tells that it has changed", async () => {
    const name = named("WRITTEN");
    const first = ok(await tried.store.write(tried.scope, name, new SecretValue("first")));
    assert.equal(await tried.held(name), "first");
    const second = ok(await tried.store.write(tried.scope, name, new SecretValue("second")));
    assert.equal(await tried.held(name), "second");
    assert.equal(second.name, name);
    assert.notDeepEqual([first.updatedAt, first.version], [second.updatedAt, second.version]);
    const listed = ok(await tried.store.list(tried.scope)).find((each) => each.name === name);
    assert.deepEqual(listed, second, "what write tells is what list tells");
  });

  it("writes over what was found, and over nothing that somebody has written since", async () => {
    const { store, scope } = tried;
    const there = async (name: string) => ok(await store.list(scope)).find((each) => each.name === name) ?? MISSING;
    const write = (name: string, text: string, found: Listed | typeof MISSING) =>
      store.write(scope, name, new SecretValue(text), found);
    const [name, other] = [named("GUARDED"), named("NEW_BY_NOW")];
    ok(await write(name, "first", await there(name)));
    const found = await there(name);
    ok(await write(name, "second", found));
    await tried.put(other, "by a person");
    for (const refusal of [await write(name, "third", found), await write(other, "ours", MISSING)])
      assert.equal(!refusal.ok && refusal.problem.kind, "conflict", JSON.stringify(refusal));
    assert.equal(await tried.held(name), "second");
    assert.equal(await tried.held(other), "by a person");
    const gone = await write(named("GONE_BY_NOW"), "ours", { ...(found as Listed), name: named("GONE_BY_NOW") });
    assert.equal(!gone.ok && gone.problem.kind, "conflict");
    assert.equal(await tried.held(named("GONE_BY_NOW")), undefined);
  });

  it("keeps every character of a value", async () => {
    for (const text of ["a\nb\r\n\t", 'quotes " and \\ and $X', "ünï©ødé 🔑", "x".repeat(4_000), " spaces "]) {
      ok(await tried.store.write(tried.scope, named("ODD"), new SecretValue(text)));
      assert.equal(await tried.held(named("ODD")), text);
      if (tried.store.readable) assert.equal(await value(named("ODD")), text);
    }
  });

  it("tells what is missing from what could not be asked", async () => {
    if (!tried.store.readable) return;
    const wanted = [named("NAME_0"), named("NOT_THERE")];
    const found = ok(await tried.store.read(tried.scope, wanted));
    assert.deepEqual([...found.keys()], wanted);
    assert.deepEqual(found.get(named("NOT_THERE")), { ok: true, value: MISSING });
    assert.deepEqual(ok(await tried.store.read(tried.scope, [])).size, 0);
  });

  it("answers in its own words when the server is in trouble", async () => {
    const { server } = tried;
    if (server === undefined) return;
    const troubles: (readonly [Trouble, ProblemKind])[] = [
      [{ cut: true }, "unavailable"],
      [{ status: 500, body: CANARY }, "unavailable"],
      [{ status: 503, body: `<html>${CANARY}` }, "unavailable"],
      [{ status: 200, body: `{"half": "${CANARY}` }, "unavailable"],
    ];
    for (const [trouble, kind] of troubles) {
      server.trouble = trouble;
      const asked = await tried.store.list(tried.scope);
      const written = await tried.store.write(tried.scope, named("WRITTEN"), new SecretValue(CANARY));
      server.trouble = undefined;
      for (const answer of [asked, written]) {
        assert.ok(!answer.ok, JSON.stringify(trouble));
        assert.equal(answer.problem.kind, kind, JSON.stringify(trouble));
        assert.ok(!JSON.stringify(answer).includes("canary"), JSON.stringify(answer));
      }
    }
  });
}
