import { packageOf } from "./schema.ts";
import type { Invoke, ResourceType, Table } from "./table.ts";

/** All that the tables say, by token. */
export class Catalog {
  readonly packages: readonly Table["package"][];
  readonly #tables = new Map<string, Table>();
  readonly #types = new Map<string, ResourceType | undefined>();
  readonly #invokes = new Map<string, Invoke>();

  constructor(tables: readonly Table[]) {
    this.packages = tables.map((table) => table.package);
    for (const table of tables) {
      this.#tables.set(table.package, table);
      for (const type of table.types) this.#types.set(type.token, type);
      for (const invoke of table.invokes ?? []) this.#invokes.set(invoke.token, invoke);
    }
  }

  type(token: string): ResourceType | undefined {
    if (!this.#types.has(token)) this.#types.set(token, this.#tables.get(packageOf(token))?.any?.(token));
    return this.#types.get(token);
  }

  invoke(token: string): Invoke | undefined {
    return this.#invokes.get(token);
  }
}

export function tableFolder(token: string): string {
  const packageName = packageOf(token);
  return `scripts/rehearsal/clouds/tables/${packageName === "aws" ? "aws/" : `${packageName}.ts`}`;
}
