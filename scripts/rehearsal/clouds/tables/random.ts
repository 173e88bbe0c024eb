import { createHash, randomBytes, randomInt, randomUUID } from "node:crypto";
import { hashSync } from "bcryptjs";
import type { Ctx, Properties, ResourceType, Table } from "../table.ts";
import { ADJECTIVES, ADVERBS, NAMES } from "./random/words.ts";
import { atLeast, drawnOnce, list } from "./values.ts";

/** Each attribute of each resource has a plan modifier that replaces; keepers too. */
const docs = (name: string) => `https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/${name}`;

const SETS = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  numeric: "0123456789",
  /** The documented default of `overrideSpecial`. */
  special: "!@#$%&*()-_=+[]{}<>:?",
};
type SetName = keyof typeof SETS;
const MINIMUMS: Readonly<Record<SetName, string>> = {
  lower: "minLower",
  upper: "minUpper",
  numeric: "minNumeric",
  special: "minSpecial",
};
const SET_NAMES = Object.keys(SETS) as SetName[];

/** Randomness that repeats for a seed. The upstream provider seeds Go's generator, so its results differ from these. */
type Pick = (below: number) => number;

function picker(seed: unknown): Pick {
  if (typeof seed !== "string") return (below) => randomInt(below);
  let round = 0;
  return (below) => createHash("sha256").update(`${seed}/${round++}`).digest().readUIntBE(0, 6) % below;
}

function shuffled<T>(values: readonly T[], pick: Pick): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const other = pick(last + 1);
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

function characters(inputs: Properties, name: SetName): string {
  if (name === "special" && typeof inputs.overrideSpecial === "string" && inputs.overrideSpecial !== "") {
    return inputs.overrideSpecial;
  }
  return SETS[name];
}

/** `number` is the deprecated name of `numeric`. */
function allowed(inputs: Properties, name: SetName): boolean {
  return name === "numeric" ? (inputs.numeric ?? inputs.number) !== false : inputs[name] !== false;
}

const minimum = (inputs: Properties, name: SetName) => Number(inputs[MINIMUMS[name]] ?? 0);

function randomText(inputs: Properties): string {
  const pick: Pick = (below) => randomInt(below);
  const draw = (from: string, count: number) => Array.from({ length: count }, () => from.charAt(pick(from.length)));
  const required = SET_NAMES.flatMap((name) => draw(characters(inputs, name), minimum(inputs, name)));
  const all = SET_NAMES.filter((name) => allowed(inputs, name)).map((name) => characters(inputs, name));
  return shuffled([...required, ...draw(all.join(""), Number(inputs.length) - required.length)], pick).join("");
}

function checkText({ inputs }: Ctx) {
  const required = SET_NAMES.reduce((sum, name) => sum + minimum(inputs, name), 0);
  const source = docs("password#length-1");
  if (Number(inputs.length) < required) {
    return { path: "length", reason: `write at least ${required}, the sum of the minimum counts`, source };
  }
  const none = SET_NAMES.every((name) => !allowed(inputs, name));
  return none && required < Number(inputs.length)
    ? { path: "length", reason: "allow at least one of lower, upper, numeric and special", source }
    : undefined;
}

const TEXT_INPUTS = [
  ...["keepers", "length", "lower", "minLower", "minNumeric", "minSpecial", "minUpper"],
  ...["number", "numeric", "overrideSpecial", "special", "upper"],
];
/** `numeric` and its deprecated name are one setting: what the program writes in either fills both. */
const numeric = ({ inputs }: Ctx) => inputs.numeric ?? inputs.number ?? true;
const TEXT_DEFAULTS = {
  lower: true,
  upper: true,
  special: true,
  numeric,
  number: numeric,
  ...Object.fromEntries(Object.values(MINIMUMS).map((property) => [property, 0])),
};
const TEXT = {
  rules: [
    atLeast("length", 1, docs("password#length-1")),
    ...Object.values(MINIMUMS).map((property) => atLeast(property, 0, docs("password"))),
  ],
  check: checkText,
  replaces: TEXT_INPUTS,
  defaults: TEXT_DEFAULTS,
  stateOnly: true,
};

/** The least that there is; with the provider's 10 a deployment of prod would spend seconds on passwords of nothing real. */
const BCRYPT_COST = 4;

const password: ResourceType = {
  ...TEXT,
  token: "random:index/randomPassword:RandomPassword",
  source: docs("password"),
  id: () => "none",
  outputs: drawnOnce(({ inputs }) => {
    const result = randomText(inputs);
    return { result, bcryptHash: hashSync(result, BCRYPT_COST) };
  }),
  secrets: ["result", "bcryptHash"],
};

const string: ResourceType = {
  ...TEXT,
  token: "random:index/randomString:RandomString",
  source: docs("string"),
  id: ({ inputs }) => randomText(inputs),
  outputs: ({ id }) => ({ result: id }),
};

const id: ResourceType = {
  token: "random:index/randomId:RandomId",
  source: docs("id"),
  rules: [atLeast("byteLength", 1, docs("id#byte_length-1"))],
  replaces: ["byteLength", "keepers", "prefix"],
  id: ({ inputs }) => randomBytes(Number(inputs.byteLength)).toString("base64url"),
  outputs: (ctx) => {
    const bytes = Buffer.from(ctx.id, "base64url");
    const prefix = typeof ctx.inputs.prefix === "string" ? ctx.inputs.prefix : "";
    return {
      b64Std: prefix + bytes.toString("base64"),
      b64Url: prefix + ctx.id,
      hex: prefix + bytes.toString("hex"),
      dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
    };
  },
  stateOnly: true,
};

const bytes: ResourceType = {
  token: "random:index/randomBytes:RandomBytes",
  source: docs("bytes"),
  rules: [atLeast("length", 1, docs("bytes#length-1"))],
  replaces: ["keepers", "length"],
  // Upstream's id is the secret itself, which no state can hide (pulumi-random's computeRandomBytesID); this one is not
  id: () => "none",
  outputs: drawnOnce(({ inputs }) => {
    const drawn = randomBytes(Number(inputs.length));
    return { base64: drawn.toString("base64"), hex: drawn.toString("hex") };
  }),
  secrets: ["base64", "hex"],
  stateOnly: true,
};

const integer: ResourceType = {
  token: "random:index/randomInteger:RandomInteger",
  source: docs("integer"),
  replaces: ["keepers", "max", "min", "seed"],
  check: ({ inputs }) =>
    Number(inputs.min) > Number(inputs.max)
      ? { path: "min", reason: `write at most max, ${Number(inputs.max)}`, source: docs("integer#min-1") }
      : undefined,
  id: ({ inputs }) => {
    const min = Number(inputs.min);
    return String(min + picker(inputs.seed)(Number(inputs.max) - min + 1));
  },
  outputs: (ctx) => ({ result: Number(ctx.id) }),
  stateOnly: true,
};

const pet: ResourceType = {
  token: "random:index/randomPet:RandomPet",
  source: docs("pet"),
  replaces: ["keepers", "length", "prefix", "separator"],
  defaults: { length: 2, separator: "-" },
  id: ({ inputs }) => {
    const any = (words: readonly string[]) => words[randomInt(words.length)] ?? "";
    const length = Math.max(1, Number(inputs.length ?? 2));
    const adverbs = Array.from({ length: Math.max(0, length - 2) }, () => any(ADVERBS));
    const words = [...adverbs, ...(length > 1 ? [any(ADJECTIVES)] : []), any(NAMES)];
    const prefix = typeof inputs.prefix === "string" && inputs.prefix !== "" ? [inputs.prefix] : [];
    return [...prefix, ...words].join(typeof inputs.separator === "string" ? inputs.separator : "-");
  },
  stateOnly: true,
};

const shuffle: ResourceType = {
  token: "random:index/randomShuffle:RandomShuffle",
  source: docs("shuffle"),
  replaces: ["inputs", "keepers", "resultCount", "seed"],
  id: () => "-",
  outputs: drawnOnce(({ inputs }) => {
    const pick = picker(inputs.seed);
    const values = list(inputs.inputs);
    const count = values.length === 0 ? 0 : Number(inputs.resultCount ?? values.length);
    const results: unknown[] = [];
    while (results.length < count) results.push(...shuffled(values, pick));
    return { results: results.slice(0, count) };
  }),
  stateOnly: true,
};

/** Version 7 starts with the time in milliseconds. https://www.rfc-editor.org/rfc/rfc9562#section-5.7 */
function uuid7(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

const uuid = (name: string, draw: () => string): ResourceType => ({
  token: `random:index/random${name}:Random${name}`,
  source: docs("uuid"),
  replaces: ["keepers"],
  id: draw,
  outputs: (ctx) => ({ result: ctx.id }),
  stateOnly: true,
});

/** Needs no cloud and is made for real, from the operating system's randomness. */
export const table: Table = {
  package: "random",
  types: [
    password,
    string,
    id,
    bytes,
    integer,
    pet,
    shuffle,
    uuid("Uuid", randomUUID),
    uuid("Uuid4", randomUUID),
    uuid("Uuid7", uuid7),
  ],
};
