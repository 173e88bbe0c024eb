import { textAt, unknownAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Resource, StackPolicy } from "../../framework/policy.ts";
import type { Settings, Values } from "../../framework/settings.ts";
import type { Stack } from "../../framework/stack.ts";

export const ZONE = "cloudflare:index/zone:Zone";
export const ZONE_SETTING = "cloudflare:index/zoneSetting:ZoneSetting";
export const DNS_RECORD = "cloudflare:index/dnsRecord:DnsRecord";
export const LOAD_BALANCER = "cloudflare:index/loadBalancer:LoadBalancer";
export const RULESET = "cloudflare:index/ruleset:Ruleset";

/** What a zone through which visitors come has to have, and the resources that say it. */
export interface ZoneNeed<S extends Settings> {
  /** Types of the resources that can give it. */
  readonly givers: readonly string[];
  /** The resource is about this need at all. */
  readonly concerns: (giver: Resource) => boolean;
  readonly fits: (giver: Resource, values: Values<S>) => boolean;
  /** Inputs that `fits` reads. */
  readonly hangsOn: readonly string[];
  /** What is wrong with a giver that does not fit; without it such a giver counts as none. */
  readonly wrong?: (giver: Resource, values: Values<S>) => string;
  /** What is wrong with a zone that has none; without it that is right. */
  readonly missing?: (host: string, values: Values<S>) => string;
  /** What cannot be told while something is not known. */
  readonly asks: string;
}

/** Whoever makes one of these for a zone decides what the zone is like. */
const SETTERS = [ZONE_SETTING, RULESET] as const;

type Words<S extends Settings> = Omit<StackPolicy<S>, "checkStack" | "types">;

/** The policy that each zone through which visitors come has what it needs. */
export function zoneNeeds<S extends Settings>(words: Words<S>, need: ZoneNeed<S>) {
  const { givers, concerns, fits, hangsOn, wrong, missing, asks } = need;
  return stackPolicy<S>({
    ...words,
    types: [...new Set([ZONE, DNS_RECORD, LOAD_BALANCER, ...SETTERS, ...givers])],
    checkStack(stack, values, report) {
      const given = new Set<string>();
      for (const giver of stack.ofType(...givers)) {
        const unknown = unknownAt(giver.unknown, ...hangsOn);
        if (!concerns(giver) && unknown === undefined) continue;
        const isRight = concerns(giver) && fits(giver, values);
        // what is not known yet may give it, and is told once, not for each zone
        if (isRight || unknown !== undefined || wrong) given.add(zoneOf(stack, giver));
        if (isRight) continue;
        if (unknown !== undefined) report.undecided(unknown, asks, giver.urn);
        else if (wrong) report.violation(wrong(giver, values), giver.urn);
      }
      if (missing === undefined || given.has(EVERY_ZONE)) return;
      const managed = managedZones(stack);
      for (const [zone, host] of servedZones(stack)) {
        if (given.has(zone)) continue;
        const message = missing(textAt(host.inputs, "name") ?? host.name, values);
        // who adds a name to a zone of another stack cannot see what that one says
        if (managed.has(zone)) report.violation(message, host.urn);
        else report.advice(message, host.urn);
      }
    },
  });
}

/** Settings of the account hold in all of its zones. */
const EVERY_ZONE = "*";

/** The zone's URN where the stack makes it, else its id; all that are not known yet are taken for one. */
function zoneOf(stack: Stack, resource: Resource): string {
  const [made] = stack.nearest(resource.urn, ZONE, "zoneId");
  if (made !== undefined) return made;
  const isAccountWide = resource.inputs["accountId"] !== undefined && textAt(resource.inputs, "zoneId") === undefined;
  return isAccountWide ? EVERY_ZONE : (textAt(resource.inputs, "zoneId") ?? "");
}

function managedZones(stack: Stack): ReadonlySet<string> {
  const made = stack.ofType(ZONE).map(({ urn }) => urn);
  return new Set([...made, ...stack.ofType(...SETTERS).map((setter) => zoneOf(stack, setter))]);
}

/** The first host of each zone that goes through Cloudflare's network. */
function servedZones(stack: Stack): ReadonlyMap<string, Resource> {
  const hosts = stack.ofType(DNS_RECORD, LOAD_BALANCER).filter(({ inputs }) => inputs["proxied"] === true);
  return new Map(hosts.toReversed().map((host) => [zoneOf(stack, host), host]));
}

/** A need that is one setting of the zone. */
export function setting(id: string): Pick<ZoneNeed<Settings>, "givers" | "concerns" | "hangsOn"> {
  return {
    givers: [ZONE_SETTING],
    concerns: ({ inputs }) => inputs["settingId"] === id,
    hangsOn: ["settingId", "value"],
  };
}
