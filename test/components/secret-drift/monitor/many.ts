import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Checker } from "../../../../components/secret-drift/checker/checker.ts";
import { isUnasked } from "../../../../components/secret-drift/checker/compare.ts";
import { MemoryStore } from "../memory-store.ts";

/** Of what every secret has a place in, beside the source. */
export const STORES = ["aws", "kubernetes", "files", "github"] as const;
/** That one gives no values back. */
const UNREADABLE = "github";

export interface Many {
  readonly checker: Checker;
  readonly stores: ReadonlyMap<string, MemoryStore>;
  readonly clock: { now: number };
  readonly history: string;
  /** Closes the checker and removes its history. */
  close(): void;
}

/** Many secrets, each in a place of every store and in step, with a history in a file. */
export async function many(secrets: number, { risk = "high" } = {}): Promise<Many> {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-many-"));
  const names = Array.from({ length: secrets }, (_, index) => `secret-${index}`);
  const places = (name: string) => STORES.map((store) => `{ store: ${store}, scope: all, name: ${name} }`).join(", ");
  const mapping = [
    "source: { store: esc, scope: env }",
    `stores: { ${["esc", ...STORES].map((name) => `${name}: { kind: ${name} }`).join(", ")} }`,
    `defaults: { risk: ${risk} }`,
    "secrets:",
    ...names.map((name) => `  ${name}: { property: ${name}, places: [${places(name)}] }`),
    `managed: [${STORES.map((store) => `{ store: ${store}, scope: all }`).join(", ")}]`,
  ];
  writeFileSync(join(folder, "secrets.yaml"), mapping.join("\n"));
  const stores = new Map(["esc", ...STORES].map((name) => [name, new MemoryStore(name, name !== UNREADABLE)]));
  const clock = { now: Date.UTC(2026, 0, 2) };
  const history = join(folder, "history.db");
  const checker = await Checker.open({ mapping: join(folder, "secrets.yaml"), history, stores, now: () => clock.now });
  await checker.prepare();
  for (const name of names) {
    stores.get("esc")?.set("env", name, `value-of-${name}`);
    for (const store of STORES) stores.get(store)?.set("all", name, `value-of-${name}`);
  }
  return {
    ...{ checker, stores, clock, history },
    close: () => {
      checker.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** That what was written last to places that cannot be read is known, as after healing. */
export async function recorded({ checker, stores }: Many): Promise<void> {
  const { seen } = await checker.check();
  if (isUnasked(seen.source)) throw new Error("the source did not answer");
  for (const [name, { fingerprint }] of seen.source.names) {
    const updatedAt = stores.get(UNREADABLE)?.updatedAt("all", name);
    if (fingerprint === undefined || updatedAt === undefined) continue;
    checker.history.agree(JSON.stringify([UNREADABLE, "all", name]), { fingerprint, updatedAt });
  }
}
