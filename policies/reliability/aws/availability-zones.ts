import { counted } from "@groundwork/lib/counted";
import { listAt, textAt, unknownAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Resource, StackPolicy } from "../../framework/policy.ts";
import type { Stack } from "../../framework/stack.ts";

export const SUBNET = "aws:ec2/subnet:Subnet";

/** A resource that is put into subnets. */
interface Place {
  readonly type: string;
  /** Inputs with ids of subnets. */
  readonly inputs: readonly string[];
  /** As the name of such a resource begins a sentence. */
  readonly what: string;
  /** Only those for which this holds; default: all. */
  readonly where?: (resource: Resource) => boolean;
}

type Words = Omit<StackPolicy<Record<never, never>>, "checkStack" | "types" | "settings">;

/** The policy that each resource is in at least two zones. */
export function spansZones(words: Words, places: readonly Place[]) {
  const byType = new Map(places.map((place) => [place.type, place]));
  return stackPolicy({
    ...words,
    settings: {},
    types: [SUBNET, ...byType.keys()],
    checkStack(stack, _settings, report) {
      const subnets = new Map(stack.ofType(SUBNET).map((subnet) => [subnet.urn, subnet]));
      for (const resource of stack.ofType(...byType.keys())) {
        const place = byType.get(resource.type);
        if (!place || (place.where && !place.where(resource))) continue;
        const { zones, unknown } = zonesOf(stack, subnets, resource, place.inputs);
        if (zones >= 2) continue;
        if (unknown !== undefined) report.undecided(unknown, "how many zones it is in", resource.urn);
        else if (zones > 0)
          report.violation(
            `${place.what} ${resource.name} is in ${counted(zones, "zone")}, which takes it along when it fails; add a subnet of another zone to ${place.inputs[0] ?? ""}.`,
            resource.urn,
          );
      }
    },
  });
}

/**
 * In how many zones at least a resource is. A subnet of another stack is taken for a zone of its own: nothing here tells
 * where it is.
 */
export function zonesOf(
  stack: Stack,
  subnets: ReadonlyMap<string, Resource>,
  resource: Resource,
  inputs: readonly string[],
): { zones: number; unknown?: string } {
  const own = inputs.flatMap((input) => stack.nearest(resource.urn, SUBNET, input.split(".", 1)[0]));
  const made = [...new Set(own)].flatMap((urn) => subnets.get(urn) ?? []);
  const written = inputs.flatMap((input) => listAt(resource.inputs, input));
  const foreign = new Set(written).size;
  const zones = new Set(made.flatMap(zoneOf));
  const unplaced = made.find((subnet) => zoneOf(subnet).length === 0);
  const count = made.length === 0 ? foreign : zones.size + Math.max(0, foreign - made.length);
  if (unplaced === undefined) {
    const unknown = made.length === 0 ? unknownAt(resource.unknown, ...inputs) : undefined;
    return unknown === undefined ? { zones: count } : { zones: 0, unknown };
  }
  const unknown = unknownAt(unplaced.unknown, "availabilityZone", "availabilityZoneId");
  // AWS chooses a zone where none is written
  return { zones: count, unknown: `${unknown ?? "availabilityZone"} of ${unplaced.name}` };
}

function zoneOf({ inputs }: Resource): string[] {
  const zone = textAt(inputs, "availabilityZone") ?? textAt(inputs, "availabilityZoneId");
  return zone === undefined ? [] : [zone];
}
