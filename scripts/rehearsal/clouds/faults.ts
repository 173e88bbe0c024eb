import { BadInput } from "@groundwork/lib/errors";

export type FaultEffect = "fail" | "hang" | "throttle" | "power";

export type FaultSelector =
  /** The Nth mutating operation of an engine run, from 1. */
  | { readonly number: number }
  | { readonly token: string; readonly kind?: Operation["kind"] }
  /** A whole URN, or `*` and how it ends. */
  | { readonly urn: string; readonly kind?: Operation["kind"] };

/** What is to go wrong, and where. */
export interface Fault {
  readonly effect: FaultEffect;
  /** Whether it strikes before or after the operation took effect in the cloud. */
  readonly when: "before" | "after";
  readonly selector: FaultSelector;
  /** How many operations it strikes. */
  readonly times: number;
  /** As it was written. */
  readonly text: string;
}

const EFFECTS: readonly string[] = ["fail", "hang", "throttle", "power"] satisfies FaultEffect[];
const SYNTAX =
  "<fail|hang|throttle|power>[:before|:after]@<#N|[create|update|delete ]<type token|URN|*end of URN>>[ xN]";

/** Reads `--fault`, e.g. `fail@#3`, `power:after@aws:ec2/vpc:Vpc`, `throttle@delete *::prod-vpc x2`. */
export function parseFault(text: string): Fault {
  const refuse = (instead: string): never => {
    throw new BadInput(`the fault "${text}" ${instead}: write ${SYNTAX}`);
  };
  const at = text.indexOf("@");
  if (at < 0) refuse("names no operation to strike");
  const [effect = "", when = "before", ...more] = text.slice(0, at).split(":");
  if (!EFFECTS.includes(effect)) refuse(`has the effect "${effect}"`);
  if ((when !== "before" && when !== "after") || more.length > 0) refuse(`strikes "${[when, ...more].join(":")}"`);
  const { target, times } = splitTimes(text.slice(at + 1).trim());
  if (times < 1) refuse("strikes no operation at all");
  const selector = parseSelector(target) ?? refuse(`selects "${target}"`);
  return { effect: effect as FaultEffect, when: when as Fault["when"], selector, times, text };
}

function splitTimes(text: string): { target: string; times: number } {
  const match = /^(#\d+|.*?\s)\s*x(\d+)$/.exec(text);
  return match === null ? { target: text, times: 1 } : { target: (match[1] ?? "").trim(), times: Number(match[2]) };
}

function parseSelector(target: string): FaultSelector | undefined {
  if (/^#[1-9]\d*$/.test(target)) return { number: Number(target.slice(1)) };
  const [, kind, name = ""] = /^(?:(create|update|delete)\s+)?(\S+)$/.exec(target) ?? [];
  const only = kind === undefined ? {} : { kind: kind as Operation["kind"] };
  if (/^(urn:pulumi:|\*)./.test(name)) return { urn: name, ...only };
  return /^[\w-]+:[\w./-]+:\w+$/.test(name) ? { token: name, ...only } : undefined;
}

export interface Operation {
  readonly number: number;
  readonly kind: "create" | "update" | "delete";
  readonly urn: string;
  readonly token: string;
}

/** The faults that have not struck as often as they are to. */
export class Faults {
  readonly #left: { readonly fault: Fault; times: number }[];

  constructor(faults: readonly Fault[]) {
    this.#left = faults.map((fault) => ({ fault, times: fault.times }));
  }

  /** Those that have not struck at all. */
  unused(): readonly Fault[] {
    return this.#left.filter(({ fault, times }) => times === fault.times).map(({ fault }) => fault);
  }

  /** The fault that strikes this operation, which uses it up by one. */
  take(operation: Operation): Fault | undefined {
    const struck = this.#left.find(({ fault, times }) => times > 0 && selects(fault, operation));
    if (struck === undefined) return undefined;
    struck.times--;
    return struck.fault;
  }
}

function selects({ selector, times }: Fault, operation: Operation): boolean {
  if ("number" in selector) return operation.number >= selector.number && operation.number < selector.number + times;
  if (selector.kind !== undefined && selector.kind !== operation.kind) return false;
  if ("token" in selector) return operation.token === selector.token;
  return selector.urn.startsWith("*") ? operation.urn.endsWith(selector.urn.slice(1)) : operation.urn === selector.urn;
}
