import { resourcePolicy } from "../../framework/policy.ts";
import type { Plain } from "../../framework/known.ts";
import { flagAt, fsbp, isUndecided, mend } from "../values.ts";
import { CLASSIC } from "./types.ts";

/** What the provider takes where nothing is written. */
const DEFAULTS: Readonly<Record<string, boolean>> = { connectionDraining: false, crossZoneLoadBalancing: true };

export const classicBalancerDrainsAndSpreads = resourcePolicy({
  name: "classic-balancer-drains-and-spreads",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Classic load balancers let open connections end, and spread requests over the servers of all zones.",
  why: "Otherwise each deployment cuts requests short, and a zone with few servers drowns while others idle.",
  fix: "Write connectionDraining: true and crossZoneLoadBalancing: true.",
  control: fsbp("Classic Load Balancers should have cross-zone load balancing enabled", ["ELB.9", "ELB.7"]),
  settings: {},
  types: [CLASSIC],
  check(resource, _settings, report) {
    for (const path of Object.keys(DEFAULTS)) {
      if (isUndecided(resource, report, "whether deployments cut requests short", path)) continue;
      if (isOn(resource.inputs, path)) continue;
      report.violation(`${path} is ${flagAt(resource.inputs, path) ?? "not set, which means false"}; write true.`);
    }
  },
  remediate(resource) {
    const off = Object.keys(DEFAULTS).filter((path) => !isOn(resource.inputs, path));
    return mend(resource, off, true);
  },
});

function isOn(inputs: Plain, path: string): boolean {
  return flagAt(inputs, path) ?? DEFAULTS[path] ?? false;
}
