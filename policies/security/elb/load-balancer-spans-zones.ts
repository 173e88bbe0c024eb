import { listAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";
import { fsbp, isUndecided } from "../values.ts";
import { BALANCERS, CLASSIC } from "./types.ts";

const settings = { zones: number(2, "Fewest zones of a load balancer.", 2, 6) };

/** A load balancer has at most one subnet in each zone, so that subnets count as zones. */
const PLACES = ["subnets", "subnetMappings", "availabilityZones"] as const;

export const loadBalancerSpansZones = resourcePolicy({
  name: "load-balancer-spans-zones",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Load balancers are in at least two availability zones.",
  why: "A balancer in one zone is gone with it, however many zones the servers behind it are in.",
  fix: "Write the subnets of two or more zones into subnets.",
  control: fsbp("Application, Network and Gateway Load Balancers should span multiple Availability Zones", [
    "ELB.13",
    "ELB.10",
  ]),
  settings,
  types: [...BALANCERS, CLASSIC],
  check(resource, { zones }, report) {
    const count = Math.max(...PLACES.map((place) => listAt(resource.inputs, place).length));
    if (count >= zones || (count === 0 && isUndecided(resource, report, "how many zones it is in", ...PLACES))) return;
    report.violation(
      `The load balancer is in ${count === 0 ? "no named subnet" : `${count} ${count === 1 ? "zone" : "zones"}`}, fewer than the ${zones} of load-balancer-spans-zones.zones; write the subnets of ${zones} zones.`,
    );
  },
});
