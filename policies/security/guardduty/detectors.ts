import { textAt, unknownAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Report, Resource, StackPolicy } from "../../framework/policy.ts";
import type { Stack } from "../../framework/stack.ts";
import { Companions } from "../../aws/companions.ts";
import { flagAt } from "../values.ts";

export const DETECTOR = "aws:guardduty/detector:Detector";
const FEATURE = "aws:guardduty/detectorFeature:DetectorFeature";

/** A feature of GuardDuty, what it watches, and how the old form of a detector says it. */
export interface Watch {
  readonly feature: string;
  /** Types of which one in the detector's region makes the feature worth having. */
  readonly of: readonly string[];
  /** What is not seen without it. */
  readonly misses: string;
  /** Path of the switch in the detector's `datasources`. */
  readonly inline?: string;
}

type Words = Omit<StackPolicy<Record<never, never>>, "checkStack" | "types" | "settings">;

/** The policy that each detector watches what its region has. */
export function detectorsWatch(words: Words, watches: readonly Watch[]) {
  return stackPolicy({
    ...words,
    settings: {},
    types: [DETECTOR, FEATURE, ...new Set(watches.flatMap((watch) => watch.of))],
    checkStack(stack, _settings, report) {
      const features = new Companions(stack, {
        owners: [DETECTOR],
        names: [],
        companions: [FEATURE],
        property: "detectorId",
      });
      const here = typesByPlace(stack);
      for (const detector of features.owners) {
        const types = here.get(placeOf(detector)) ?? new Set();
        for (const watch of watches) {
          if (watch.of.some((type) => types.has(type))) check(detector, features.of(detector), watch, report);
        }
      }
    },
  });
}

/** A provider stands for a region of an account, unless the resource names another region. */
function placeOf({ inputs, provider }: Resource): string {
  return `${provider?.urn ?? ""} ${textAt(inputs, "region") ?? ""}`;
}

function typesByPlace(stack: Stack): ReadonlyMap<string, ReadonlySet<string>> {
  const types = new Map<string, Set<string>>();
  for (const resource of stack.resources) {
    const key = placeOf(resource);
    types.set(key, (types.get(key) ?? new Set()).add(resource.type));
  }
  return types;
}

function check(detector: Resource, features: readonly Resource[], watch: Watch, report: Report): void {
  const found = features.find(({ inputs }) => inputs["name"] === watch.feature);
  const unknown = [found, ...features].flatMap((each) =>
    each ? (unknownAt(each.unknown, "name", each === found ? "status" : "name") ?? []) : [],
  )[0];
  const isOn =
    textAt(found?.inputs, "status") === "ENABLED" ||
    (found === undefined && watch.inline !== undefined && flagAt(detector.inputs, watch.inline) === true);
  if (isOn) return;
  const message = `Detector ${detector.name} does not see ${watch.misses}; make a DetectorFeature ${watch.feature} with status: ENABLED.`;
  if (unknown !== undefined)
    report.undecided(unknown, `whether GuardDuty sees ${watch.misses}`, found?.urn ?? detector.urn);
  // AWS switches some features on by itself in a region that is new to GuardDuty
  else if (found === undefined) report.advice(message, detector.urn);
  else report.violation(message, detector.urn);
}
