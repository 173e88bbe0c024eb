import { createHash } from "node:crypto";
import type {
  Created,
  Ctx,
  Place,
  Properties,
  ResourceType,
  Table,
  Thing,
} from "../../../scripts/rehearsal/clouds/table.ts";

interface Refusal {
  readonly path: string;
  readonly reason: string;
}

/** The least of the generic engine that a table's entries need: enough to ask each entry what it would say. */
export class FakeCloud {
  readonly things: Thing[] = [];
  readonly #table: Table;
  readonly #place: Place;

  constructor(table: Table, place: Place = `${table.package}/here`) {
    this.#table = table;
    this.#place = place;
  }

  type(token: string): ResourceType {
    const found = this.#table.types.find((type) => type.token === token) ?? this.#table.any?.(token);
    if (!found) throw new Error(`no entry for ${token}`);
    return found;
  }

  ctx(token: string, name: string, inputs: Properties, old?: Thing): Ctx {
    return {
      place: this.#place,
      account: "",
      region: "",
      provider: {},
      inputs,
      name,
      ...(old && { old }),
      hex: (n, salt = "") => createHash("sha512").update(`${token}/${name}/${salt}`).digest("hex").slice(0, n),
      all: (wanted) => this.things.filter((thing) => thing.token === wanted),
      find: (wanted, property, value) =>
        this.things.find((thing) => thing.token === wanted && thing.properties[property] === value),
    };
  }

  /** Everything that is wrong, as `path: reason`. */
  refusals(token: string, inputs: Properties, name = "it", old?: Thing): string[] {
    const type = this.type(token);
    const ctx = this.ctx(token, name, inputs, old);
    const failures: Refusal[] = [...(type.offline?.(inputs) ?? [])];
    for (const rule of type.rules ?? []) {
      for (const [path, value] of valuesAt(inputs, rule.path.split("."))) {
        const reason = rule.check(value, ctx);
        if (reason !== undefined) failures.push({ path, reason });
      }
    }
    const whole = failures.length === 0 ? type.check?.(ctx) : undefined;
    if (whole) failures.push(whole);
    const key = type.key?.(ctx);
    const others = this.things.filter((thing) => thing.token === token && thing !== old);
    const clash =
      key !== undefined && others.some((thing) => type.key?.(this.ctx(token, "other", thing.inputs)) === key);
    if (clash) failures.push({ path: "", reason: type.exists ?? "exists already" });
    for (const reference of type.references ?? []) {
      const tokens = typeof reference.to === "string" ? [reference.to] : reference.to;
      for (const [path, value] of valuesAt(inputs, reference.path.split("."))) {
        if (reference.except?.test(String(value))) continue;
        const names = typeof reference.by === "string" ? [reference.by] : (reference.by ?? ["id"]);
        const named = (thing: Thing) =>
          names.some((name) => (name === "id" ? thing.id : thing.properties[name]) === value);
        const found = this.things.some((thing) => tokens.includes(thing.token) && named(thing));
        if (!found) failures.push({ path, reason: `${String(value)} does not exist` });
      }
    }
    return failures.map(({ path, reason }) => `${path}: ${reason}`);
  }

  create(token: string, inputs: Properties, name = "it"): Thing {
    const refused = this.refusals(token, inputs, name);
    if (refused.length > 0) throw new Error(refused.join("; "));
    const type = this.type(token);
    const ctx = this.ctx(token, name, inputs);
    const created: Created = { ...ctx, id: type.id?.(ctx) ?? ctx.hex(20) };
    const defaults = Object.fromEntries(
      Object.entries(type.defaults ?? {}).map(([property, value]): [string, unknown] => [
        property,
        typeof value === "function" ? (value as (ctx: Created) => unknown)(created) : value,
      ]),
    );
    const properties = { id: created.id, ...defaults, ...inputs, ...type.outputs?.(created) };
    const thing = { token, id: created.id, place: this.#place, properties, inputs, urn: `urn:${token}::${name}` };
    this.things.push(thing);
    for (const brought of type.brings?.(created) ?? []) {
      const { place = this.#place, ...rest } = brought;
      this.things.push({ ...rest, place, inputs: rest.properties, urn: "", broughtBy: created.id });
    }
    return thing;
  }

  refuseDelete(thing: Thing): string | undefined {
    const type = this.type(thing.token);
    return type.refuseDelete?.(thing, this.ctx(thing.token, "it", thing.inputs, thing));
  }
}

function valuesAt(value: unknown, steps: readonly string[], at = ""): [string, unknown][] {
  const [step, ...rest] = steps;
  if (step === undefined) return value === undefined ? [] : [[at, value]];
  if (step === "*") {
    return Object.entries(value ?? {}).flatMap(([key, each]) => valuesAt(each, rest, `${at}.${key}`));
  }
  const name = step.replace("[]", "");
  const inner = (value as Record<string, unknown> | undefined)?.[name];
  const path = at === "" ? name : `${at}.${name}`;
  if (!step.endsWith("[]")) return inner === undefined ? [] : valuesAt(inner, rest, path);
  return (Array.isArray(inner) ? inner : []).flatMap((each, index) => valuesAt(each, rest, `${path}[${index}]`));
}
