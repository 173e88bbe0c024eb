// One thread of chat/threads.ts: a library of its own, one question at a time.
import { parentPort, workerData } from "node:worker_threads";
import type { KernelOptions } from "../kernel/load.ts";
import { libraryAnswerer } from "./answerer.ts";
import { Library } from "./library.ts";
import type { Query } from "./query.ts";

const answerer = libraryAnswerer(await Library.open(workerData as KernelOptions));
/** Nobody can interrupt a computation from outside; who gave up does not wait for the result. */
const never = new AbortController().signal;

parentPort?.on("message", (query: Query) => {
  void answerer.answer(query, never).then((answer) => parentPort?.postMessage(answer));
});
