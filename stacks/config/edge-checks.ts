import { LOAD_BALANCING } from "@groundwork/lib/cloudflare-plans";
import { BadInput } from "@groundwork/lib/errors";
import type { System } from "../systems/system.ts";
import type { Settings } from "./keys.ts";

type EdgeInputs = Pick<Settings, "cloudflarePlan" | "domain" | "edge" | "regions">;

/** What the plan does not permit is said before anything is made: Cloudflare would say it half way. */
export function checkEdge(project: string, settings: EdgeInputs, systems: readonly System[]): void {
  if (settings.cloudflarePlan === "enterprise") return;
  refuseNameInZone(`${project}:domain`, settings.domain);
  refuseTooManyPools(project, settings, systems);
  const { checkRegions } = settings.edge;
  if (checkRegions > LOAD_BALANCING.checkRegions)
    throw new BadInput(
      `${project}:edge.checkRegions is ${checkRegions}; write at most ${LOAD_BALANCING.checkRegions}, what can be booked below the enterprise plan.`,
    );
}

/** Each public system has a pool for each region, since a pool's one monitor asks for one host. */
function refuseTooManyPools(project: string, { regions }: EdgeInputs, systems: readonly System[]): void {
  const open = systems.filter(({ workloads }) => workloads.some(({ exposure }) => exposure?.public === true));
  const pools = open.length * regions.length;
  if (pools <= LOAD_BALANCING.pools) return;
  throw new BadInput(
    `${project}:systems has ${open.length} public systems and ${project}:regions ${regions.length} regions, which makes ${pools} pools of Cloudflare's load balancers; write fewer, at most ${LOAD_BALANCING.pools} pools in all, or ${project}:cloudflarePlan: enterprise where that is booked.`,
  );
}

/** Second levels below which countries register names, e.g. `co.uk`. https://publicsuffix.org/list/ */
const SECOND_LEVELS =
  /^(ac|adv|art|asn|asso|biz|blog|co|com|ed|edu|eng|ernet|firm|gen|go|gob|gouv|gov|govt|gv|id|idv|ind|inf|info|int|law|ltd|me|med|mil|mod|muni|my|name|ne|net|nhs|nic|nom|nome|off|or|org|ouv|plc|police|pri|pro|pub|res|sch|school|tm|tv|web)$/;

/**
 * Below Enterprise a zone is a registered name, never a part of one (Subdomain setup). A name inside of a zone has no
 * certificate for the names below it (Universal SSL covers one level), and health checks leave by the zone's name only.
 * https://developers.cloudflare.com/ssl/edge-certificates/universal-ssl/limitations/
 */
function refuseNameInZone(key: string, domain: string): void {
  const labels = domain.split(".");
  const [second = "", top = ""] = labels.slice(-2);
  const registered = top.length === 2 && SECOND_LEVELS.test(second) && labels.length > 2 ? 3 : 2;
  if (labels.length <= registered) return;
  const zone = labels.slice(-registered).join(".");
  throw new BadInput(
    `${key} is "${domain}", a name inside of the zone ${zone}; write the zone's own name, because Cloudflare's certificate covers only names directly below it (zones of subdomains need ${key.replace(/domain$/, "cloudflarePlan")}: enterprise).`,
  );
}
