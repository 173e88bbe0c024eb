import { createHash } from "node:crypto";
import { select, formatPath } from "../../../../scripts/rehearsal/clouds/paths.ts";
import { Shelf } from "../../../../scripts/rehearsal/clouds/shelf.ts";
import type {
  Created,
  Ctx,
  Invoke,
  Properties,
  ResourceType,
  Thing,
} from "../../../../scripts/rehearsal/clouds/table.ts";
import { table } from "../../../../scripts/rehearsal/clouds/tables/aws/index.ts";
import { fromPlainObject, toPlain } from "../../../../scripts/rehearsal/clouds/values.ts";

export const ACCOUNT = "123456789012";
export const WEST = "us-west-2";
export const EAST = "us-east-1";

export const typeOf = (token: string): ResourceType => {
  const found = table.types.find((type) => type.token === token);
  if (found === undefined) throw new Error(`no entry for ${token}`);
  return found;
};

const isGlobal = (token: string): boolean =>
  table.types.some((type) => type.token === token && type.scope === "global");

interface Where {
  readonly region?: string;
  readonly name?: string;
}

/** The least of the generic engine that the entries need: what they refuse, and what they answer. */
export class Cloud {
  readonly #shelf = new Shelf();
  #count = 0;

  ctx(token: string, inputs: Properties, { region = WEST, name = "it" }: Where = {}, old?: Thing): Ctx {
    const place = isGlobal(token) ? `aws/${ACCOUNT}` : `aws/${ACCOUNT}/${region}`;
    return { ...this.#asked(place, region, `${region}/${token}/${name}`, old), inputs, name, ...(old && { old }) };
  }

  /** Everything that is wrong, as `path: reason`. */
  refusals(token: string, inputs: Properties, where: Where = {}, old?: Thing): string[] {
    const type = typeOf(token);
    const ctx = this.ctx(token, inputs, where, old);
    const refused: string[] = [];
    for (const { path, check } of type.rules ?? []) {
      for (const { path: place, value } of select(fromPlainObject(inputs), path)) {
        const reason = check(toPlain(value), ctx);
        if (reason !== undefined) refused.push(`${formatPath(place)}: ${reason}`);
      }
    }
    if (refused.length > 0) return refused;
    const wrong = type.check?.(ctx);
    if (wrong !== undefined) refused.push(`${wrong.path}: ${wrong.reason}`);
    const key = type.key?.(ctx);
    const twin = ctx.all(token).some((each) => type.key?.(this.ctx(token, each.inputs, where)) === key);
    if (key !== undefined && twin) refused.push(`${type.autoName?.property ?? ""}: ${type.exists}`);
    return [...refused, ...this.#dangling(type, ctx)];
  }

  make(token: string, inputs: Properties, where: Where = {}): Thing {
    const name = where.name ?? `it-${(this.#count += 1)}`;
    const type = typeOf(token);
    const auto = type.autoName?.property;
    const full = auto === undefined || inputs[auto] !== undefined ? inputs : { ...inputs, [auto]: `${name}-0a1b2c3` };
    const refused = this.refusals(token, full, { ...where, name });
    if (refused.length > 0) throw new Error(`${token}: ${refused.join("; ")}`);
    const thing = this.#answer(type, this.ctx(token, full, { ...where, name }), full);
    this.#shelf.add(thing);
    for (const { place = thing.place, ...brought } of type.brings?.(this.created(thing)) ?? [])
      this.#shelf.add({ ...brought, place, inputs: {}, urn: "", broughtBy: thing.id });
    return thing;
  }

  /** Something whose entry is elsewhere, or that nobody declared. */
  add(token: string, place: string, inputs: Properties): void {
    this.#shelf.add({ token, id: `added-${(this.#count += 1)}`, place, properties: inputs, inputs, urn: "" });
  }

  /** The thing after a change that is allowed. */
  change(thing: Thing, inputs: Properties): Thing {
    const where = { region: thing.place.split("/")[2] ?? WEST, name: thing.urn };
    const refused = this.refusals(thing.token, inputs, where, thing);
    if (refused.length > 0) throw new Error(`${thing.token}: ${refused.join("; ")}`);
    const changed = this.#answer(typeOf(thing.token), this.ctx(thing.token, inputs, where, thing), inputs, thing.id);
    this.#shelf.remove(thing);
    this.#shelf.add(changed);
    return changed;
  }

  created(thing: Thing): Created {
    const where = { region: thing.place.split("/")[2] ?? WEST, name: thing.urn };
    return { ...this.ctx(thing.token, thing.inputs, where), id: thing.id };
  }

  refuseDelete(thing: Thing): string | undefined {
    return typeOf(thing.token).refuseDelete?.(thing, this.created(thing));
  }

  retains(thing: Thing): string | undefined {
    return typeOf(thing.token).retains?.(thing, this.created(thing));
  }

  remove(thing: Thing): void {
    this.#shelf.remove(thing);
  }

  all(token: string, place = `aws/${ACCOUNT}/${WEST}`): readonly Thing[] {
    return this.#shelf.list(token, place);
  }

  ask(token: string, args: Properties, region = WEST): ReturnType<Invoke["answer"]> {
    const invoke = table.invokes?.find((each) => each.token === token);
    if (invoke === undefined) throw new Error(`no answer for ${token}`);
    return invoke.answer(args, this.#asked(`aws/${ACCOUNT}/${region}`, region, token));
  }

  #asked(place: string, region: string, seed: string, self?: Thing): Omit<Ctx, "inputs" | "name" | "old"> {
    return {
      place,
      account: ACCOUNT,
      region,
      provider: { region },
      hex: (n, salt = "") => createHash("sha512").update(`${seed}/${salt}`).digest("hex").slice(0, n),
      all: (token, at = place) => this.#shelf.list(token, at).filter((each) => each !== self),
      find: (token, property, value, at = place) =>
        [...this.#shelf.find(token, at, property, value)].find((each) => each !== self),
    };
  }

  #answer(type: ResourceType, ctx: Ctx, inputs: Properties, id = type.id?.(ctx) ?? ctx.hex(20)): Thing {
    const created: Created = { ...ctx, id };
    const defaults = Object.fromEntries(
      Object.entries(type.defaults ?? {}).map(([property, value]): [string, unknown] => [
        property,
        typeof value === "function" ? (value as (ctx: Created) => unknown)(created) : value,
      ]),
    );
    const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined));
    const properties = { ...defaults, ...given, ...type.outputs?.(created) };
    return { token: type.token, id, place: ctx.place, properties, inputs, urn: ctx.name };
  }

  #dangling(type: ResourceType, ctx: Ctx): string[] {
    return (type.references ?? []).flatMap(({ path, to, by = "id", except, anyRegion }) =>
      select(fromPlainObject(ctx.inputs), path).flatMap(({ path: at, value }) => {
        const tokens = typeof to === "string" ? [to] : to;
        const properties = typeof by === "string" ? [by] : by;
        const wanted = toPlain(value);
        if (wanted === "" || except?.test(String(wanted)) === true) return [];
        const place = (token: string): string =>
          anyRegion === true ? `aws/${ACCOUNT}/*` : isGlobal(token) ? `aws/${ACCOUNT}` : ctx.place;
        const there = tokens.some((token) =>
          properties.some((property) => ctx.find(token, property, wanted, place(token)) !== undefined),
        );
        return there ? [] : [`${formatPath(at)}: nothing has this ${properties.join(" or ")}`];
      }),
    );
  }
}
