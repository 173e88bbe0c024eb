import assert from "node:assert/strict";
import { libraryAnswerer } from "../../../../components/reference/service/chat/answerer.ts";
import { Library } from "../../../../components/reference/service/chat/library.ts";
import type { Query } from "../../../../components/reference/service/chat/query.ts";
import { readQuery } from "../../../../components/reference/service/chat/query.ts";
import type { Settings } from "../../../../components/reference/service/chat/settings.ts";
import { answerThreads, cacheSettings, chatSettings } from "../../../../components/reference/service/chat/settings.ts";
import { AnswererThreads } from "../../../../components/reference/service/chat/threads.ts";

const never = new AbortController().signal;
const kernel = { wasm: "/no/such/kernel.wasm" };

function opened(count: number) {
  const threads = new AnswererThreads(count, kernel);
  return Object.assign(threads, { [Symbol.asyncDispose]: () => threads.close() });
}

describe("the answerer's threads", () => {
  it("answer as the library does, each question its own, however many there are", async () => {
    await using threads = opened(2);
    const library = libraryAnswerer(await Library.open(kernel));
    const queries = Array.from({ length: 20 }, (_, index) => readQuery(`how do I scale queue ${index}?`));
    assert.deepEqual(
      await Promise.all(queries.map((query) => threads.answer(query, never))),
      await Promise.all(queries.map((query) => library.answer(query, never))),
    );
  });

  it("let go of a question whose asker gave up, also one that waits", async () => {
    await using threads = opened(1);
    const controller = new AbortController();
    const given = [1, 2, 3].map((index) => threads.answer(readQuery(`question ${index}`), controller.signal));
    const kept = threads.answer(readQuery("the certificate expires"), never);
    controller.abort(new Error("gave up"));
    for (const one of given) await assert.rejects(one, /gave up/);
    assert.match((await kept).text, /certificate/);
    await assert.rejects(threads.answer(readQuery("late"), controller.signal), /gave up/);
  });

  it("are replaced when a question ends one", async () => {
    await using threads = opened(1);
    for (let times = 0; times < 2; times++) {
      await assert.rejects(threads.answer({} as Query, never));
      assert.match((await threads.answer(readQuery("the disk is slow"), never)).text, /disk/);
    }
  });

  it("refuse everything after they were closed", async () => {
    const threads = new AnswererThreads(1, kernel);
    const underWay = threads.answer(readQuery("under way"), never);
    await Promise.all([assert.rejects(underWay, /the service ends/), threads.close()]);
    await assert.rejects(threads.answer(readQuery("late"), never), /the service ends/);
  });
});

describe("the settings of the cached routes", () => {
  const defaults: Settings = { optional: () => undefined, whole: (_name, fallback) => fallback };

  it("are those of flowx and sophia where nothing is set", () => {
    assert.deepEqual(chatSettings(defaults), { concurrent: 50, queue: 50, timeLimit: 30_000 });
    const { memory, disk } = cacheSettings(defaults);
    assert.ok(memory !== false && memory?.entries === 10_000 && memory.bytes <= 512 * 2 ** 20);
    assert.equal(disk, undefined, "a container may write nowhere unless it is given a folder");
  });

  it("use a thread for each core, as far as the memory goes", () => {
    assert.equal(answerThreads(defaults, 4, 4 * 2 ** 30), 4);
    assert.equal(answerThreads(defaults, 4, 256 * 2 ** 20), 2);
    assert.equal(answerThreads(defaults, 4, 64 * 2 ** 20), 1);
    assert.equal(answerThreads(defaults, 96, 64 * 2 ** 30), 8);
  });
});
