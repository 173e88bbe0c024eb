import { join } from "node:path";
import { Catalog } from "../../../../scripts/rehearsal/clouds/catalog.ts";
import { check } from "../../../../scripts/rehearsal/clouds/checks.ts";
import { type Cloud, type Instance, Run } from "../../../../scripts/rehearsal/clouds/cloud.ts";
import { Inventory } from "../../../../scripts/rehearsal/clouds/inventory.ts";
import { Journal } from "../../../../scripts/rehearsal/clouds/journal.ts";
import * as lifecycle from "../../../../scripts/rehearsal/clouds/lifecycle.ts";
import { QuotaCounter, type QuotaLimits } from "../../../../scripts/rehearsal/clouds/quotas.ts";
import { References } from "../../../../scripts/rehearsal/clouds/references.ts";
import { Schemas } from "../../../../scripts/rehearsal/clouds/schema.ts";
import type { Table } from "../../../../scripts/rehearsal/clouds/table.ts";
import type { CheckFailure } from "../../../../scripts/rehearsal/clouds/validate.ts";
import { type TreeObject, fromPlainObject } from "../../../../scripts/rehearsal/clouds/values.ts";
import { ensureHome, groundworkRoot } from "../../../../scripts/rehearsal/home.ts";
import { SEALING_KEY } from "./stack.ts";
import { tables as smallTables } from "./tables.ts";

type Plain = Readonly<Record<string, unknown>>;

export const schemas = new Schemas(groundworkRoot, join(ensureHome(), "cache", "schemas"));

/** The clouds without an engine in front of them: each method is what one call of the engine does. */
export class Clouds {
  readonly cloud: Cloud;

  constructor(folder: string, tables: readonly Table[] = smallTables, limits: QuotaLimits = {}) {
    const catalog = new Catalog(tables);
    const inventory = new Inventory(new Journal(join(folder, "inventory.jsonl"), SEALING_KEY));
    const references = new References(catalog);
    const quotas = new QuotaCounter(limits);
    inventory.watch(references);
    inventory.watch(quotas);
    this.cloud = { catalog, inventory, references, quotas, schemas, account: "123456789012" };
  }

  instance(packageName: string, config: Plain = {}): Instance {
    return { packageName, config: fromPlainObject(config), run: new Run(), cancelled: new Promise(() => undefined) };
  }

  aws(region: string, config: Plain = {}): Instance {
    return this.instance("aws", { region, ...config });
  }

  check(instance: Instance, token: string, name: string, news: Plain, olds?: Plain): readonly CheckFailure[] {
    return this.checked(instance, token, name, news, olds).failures;
  }

  checked(instance: Instance, token: string, name: string, news: Plain, olds?: Plain): ReturnType<typeof check> {
    return check(this.cloud, instance, {
      urn: urnOf(token, name),
      token,
      news: fromPlainObject(news),
      olds: olds && fromPlainObject(olds),
      seed: Buffer.from(name),
    });
  }

  create(instance: Instance, token: string, name: string, inputs: Plain): lifecycle.Done {
    return lifecycle.create(this.cloud, instance, this.subject(token, name, inputs));
  }

  plan(instance: Instance, token: string, name: string, inputs: Plain): TreeObject {
    return lifecycle.planCreate(this.cloud, instance, this.subject(token, name, inputs));
  }

  update(instance: Instance, token: string, name: string, inputs: Plain, done: lifecycle.Done): lifecycle.Done {
    return lifecycle.update(this.cloud, instance, this.subject(token, name, inputs), done.id, done.properties);
  }

  planUpdate(instance: Instance, token: string, name: string, inputs: Plain, done: lifecycle.Done): TreeObject {
    return lifecycle.planUpdate(this.cloud, instance, this.subject(token, name, inputs), done.id, done.properties);
  }

  remove(instance: Instance, token: string, name: string, done: lifecycle.Done): void {
    lifecycle.remove(this.cloud, instance, this.subject(token, name, {}), done.id, done.properties);
  }

  read(instance: Instance, token: string, name: string, id: string): lifecycle.Done | undefined {
    return lifecycle.read(this.cloud, instance, { urn: urnOf(token, name), token, id, properties: {}, inputs: {} });
  }

  diff(instance: Instance, token: string, name: string, done: lifecycle.Done, news: Plain): lifecycle.DiffResult {
    return lifecycle.diff(this.cloud, instance, {
      urn: urnOf(token, name),
      token,
      id: done.id,
      oldInputs: done.inputs,
      oldOutputs: done.properties,
      news: fromPlainObject(news),
      ignore: [],
    });
  }

  private subject(token: string, name: string, inputs: Plain): { urn: string; token: string; inputs: TreeObject } {
    return { urn: urnOf(token, name), token, inputs: fromPlainObject(inputs) };
  }
}

export function urnOf(token: string, name: string): string {
  return `urn:pulumi:test::small::${token}::${name}`;
}
