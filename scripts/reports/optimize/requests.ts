import type { Throughput, WorkloadCapacity } from "@groundwork/lib/capacity-report";
import { instanceType } from "@groundwork/lib/instances";
import { HOURS } from "@groundwork/lib/pricing/table";
import { type Proposal, type Rule, type Subject, changeOf } from "./proposal.ts";

/** Share of what its replicas carry at their minimum that a part may be asked for, once it has fewer cores. */
const BUSY = 0.5;

/** Least of its cores that a part keeps in one step: what is measured afterwards decides the next one. */
const KEPT = 0.25;

/** Share of its cores up to which a smaller request is worth the trouble. */
const WORTH = 0.5;

/** Cores, and steps of them, that a request is not below. */
const LEAST = 0.1;
const STEP = 0.05;

/** One part of a system in one region, as it stands at the autoscalers' minimum. */
interface Standing {
  readonly system: string;
  readonly part: string;
  readonly workload: WorkloadCapacity;
  /** Share of what it carries that it is asked for at the end of the projection. */
  readonly used: number;
  /** US dollars a month of a core on the cheapest of the region's nodes. */
  readonly price: number;
}

/** Cores that are requested and, by the model, used by nobody within the months that it looks ahead. */
export const requests: Rule = (subject) => {
  const parts = subject.capacity.throughput.flatMap((system) => standing(subject, system));
  return [...Map.groupBy(parts, ({ system, part }) => `${system} ${part}`).values()].flatMap((regions) =>
    smaller(subject, regions),
  );
};

/** The same for all regions, as their configuration is: the busiest of them decides. */
function smaller(subject: Subject, regions: readonly Standing[]): readonly Proposal[] {
  const [first] = regions;
  if (first === undefined) return [];
  const { system, part } = first;
  const before = Math.max(...regions.map(({ workload }) => workload.vcpu));
  const used = Math.max(...regions.map((region) => region.used));
  const cores = Math.max(LEAST, rounded(before * Math.max(KEPT, used / BUSY)));
  const saved = regions.reduce(
    (sum, { workload, price }) => sum + workload.replicas.min * (workload.vcpu - cores) * price,
    0,
  );
  const savingCents = Math.round(saved * 100);
  if (cores > before * WORTH || savingCents <= 0) return [];
  return [
    {
      rule: "requested-cores",
      area: "compute",
      what: `Let each replica of ${part} of ${system} request ${cores} cores instead of ${before}: ${subject.capacity.projection.months} months ahead they are asked for ${Math.max(1, Math.round(used * 100))} % of what they carry.`,
      savingCents,
      risk: "medium",
      riskWhy:
        "The model is calibrated with the reference service and not with yours, and only nodes that become free save anything.",
      change: changeOf(
        subject,
        `groundwork:workloads: { ${system}: { ${part}: { cpu: ${cores} } } }`,
        `resources.requests.cpu of ${part} (${system}): ${cores}`,
      ),
      source:
        "https://docs.aws.amazon.com/wellarchitected/latest/framework/cost_type_size_number_resources_metrics.html",
    },
  ];
}

function rounded(cores: number): number {
  return Number((Math.ceil(cores / STEP - 1e-9) * STEP).toFixed(2));
}

/** The parts whose CPU the model knows: those that it measures in seconds of it. Tracks are no requests. */
function standing(subject: Subject, throughput: Throughput): readonly Standing[] {
  const { system, region, parts, trackParts = [] } = throughput;
  const load = loadOf(subject, throughput);
  const price = priceOfCore(subject, region);
  if (load === undefined || price === undefined) return [];
  return parts.flatMap(({ part, requestsPerSecond, figures = [] }) => {
    const workload = workloadOf(subject, throughput, part);
    const isKnown = figures.some(({ name }) => name === "cpuSeconds") && !trackParts.some((one) => one.part === part);
    if (workload === undefined || !isKnown || workload.replicas.min === 0 || requestsPerSecond === 0) return [];
    const { min, max } = workload.replicas;
    return [{ system, part, workload, used: load / ((requestsPerSecond * min) / max), price }];
  });
}

function workloadOf({ capacity }: Subject, { system, region }: Throughput, part: string): WorkloadCapacity | undefined {
  return capacity.places
    .find((place) => place.system === system && place.region === region)
    ?.workloads.find(({ name }) => name === part);
}

/** Requests a second at the end of the projection. */
function loadOf({ capacity }: Subject, { system, region }: Throughput): number | undefined {
  return capacity.projection.series
    .find((series) => series.system === system && series.region === region && series.measure === "requests a second")
    ?.values.at(-1);
}

function priceOfCore({ capacity, prices }: Subject, region: string): number | undefined {
  const cores = capacity.nodes.flatMap((node) => {
    const type = instanceType(node.instanceType);
    const price = prices.find(`ec2/${node.instanceType}`, region);
    return node.region !== region || type === undefined || type.gpu !== undefined || price === undefined
      ? []
      : [(price.usd * HOURS) / type.vcpu];
  });
  return cores.length === 0 ? undefined : Math.min(...cores);
}
