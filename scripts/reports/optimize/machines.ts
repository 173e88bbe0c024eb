import type { DesiredResource } from "@groundwork/lib/desired-state";
import { number, text } from "@groundwork/lib/pricing/line";
import { PREVIOUS_DISKS, successorOf } from "@groundwork/lib/pricing/previous-generation";
import { centsOf as cents } from "@groundwork/lib/pricing/price";
import { HOURS } from "@groundwork/lib/pricing/table";
import { type Proposal, type Rule, type Subject, centsOf, changeOf } from "./proposal.ts";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const EC2_PRICES = "https://aws.amazon.com/ec2/pricing/on-demand/";

/** Hours a week in which somebody works: ten on each of five days. */
const WORKED = 50;
const WEEK = 168;

interface Group {
  readonly resource: DesiredResource;
  readonly region: string;
  readonly type: string;
  readonly count: number;
}

function groupsOf({ resources, cost }: Subject): readonly Group[] {
  return resources.flatMap((resource) => {
    if (resource.type !== NODE_GROUP) return [];
    const item = cost.items.find(({ urn, unit }) => urn === resource.urn && unit === "hours");
    const type = text(resource.inputs, "instanceTypes.0");
    const count =
      number(resource.inputs, "scalingConfig.desiredSize") ?? number(resource.inputs, "scalingConfig.minSize");
    return item === undefined || type === undefined || count === undefined
      ? []
      : [{ resource, region: item.region, type, count }];
  });
}

/** The type with Graviton processors that is as large; `undefined` where the family has none or it is one. */
function gravitonOf(type: string): string | undefined {
  const [, letter = "", generation = "", rest = ""] = /^([cmr])(\d)[ai](?:-flex)?\.(\w+)$/.exec(type) ?? [];
  return letter === "" ? undefined : `${letter}${generation}g.${rest}`;
}

/** Nodes with Graviton processors do the same for less. */
export const graviton: Rule = (subject) =>
  groupsOf(subject).flatMap((group): Proposal[] => {
    const better = gravitonOf(group.type);
    const saved = better === undefined ? 0 : saving(subject, group, better);
    if (better === undefined || saved <= 0) return [];
    return [
      {
        rule: "graviton",
        area: "compute",
        what: `Run the nodes of ${group.resource.name} on ${better} instead of ${group.type}.`,
        savingCents: saved,
        risk: "medium",
        riskWhy: "Every image must be built for arm64, too; nodes are replaced one by one.",
        change: changeOf(
          subject,
          `groundwork:nodes: { instanceType: ${better} }`,
          `instanceTypes of ${group.resource.name} (${NODE_GROUP}): ["${better}"], with an arm64 amiType`,
        ),
        source: EC2_PRICES,
      },
    ];
  });

/** What AWS has followed up costs more than its successor, or does less. */
export const previousGeneration: Rule = (subject) => [
  ...groupsOf(subject).flatMap((group): Proposal[] => {
    const next = successorOf(group.type);
    const better = next && group.type.replace(/^[a-z0-9-]+/, next.family);
    const saved = better === undefined ? 0 : saving(subject, group, better);
    if (next === undefined || better === undefined || saved <= 0) return [];
    return [
      {
        rule: "previous-generation",
        area: "compute",
        what: `Run the nodes of ${group.resource.name} on ${better}, which follows ${group.type}.`,
        savingCents: saved,
        risk: "medium",
        riskWhy: "Nodes are replaced one by one; a Graviton machine needs images for arm64.",
        change: changeOf(
          subject,
          `groundwork:nodes: { instanceType: ${better} }`,
          `instanceTypes of ${group.resource.name} (${NODE_GROUP}): ["${better}"]`,
        ),
        source: next.source,
      },
    ];
  }),
  ...disks(subject),
];

function saving({ prices }: Subject, { type, region, count }: Group, better: string): number {
  const before = prices.find(`ec2/${type}`, region);
  const after = prices.find(`ec2/${better}`, region);
  if (before === undefined || after === undefined) return 0;
  return cents(count * HOURS, before.usd) - cents(count * HOURS, after.usd);
}

function disks({ cost, prices }: Subject): readonly Proposal[] {
  return cost.items.flatMap((item): Proposal[] => {
    const [, type = ""] = /^(\w+) storage$/.exec(item.description) ?? [];
    const next = Object.hasOwn(PREVIOUS_DISKS, type) ? PREVIOUS_DISKS[type] : undefined;
    const after = next === undefined ? undefined : prices.find(`ebs/${next}`, item.region);
    const savingCents = after === undefined ? 0 : item.cents - cents(item.quantity, after.usd);
    if (savingCents <= 0 || next === undefined) return [];
    const name = item.urn.split("::").at(-1) ?? "";
    return [
      {
        rule: "previous-generation",
        area: "storage",
        what: `Make the ${type} disks of ${name} ${next}, which do the same for less.`,
        savingCents,
        risk: "low",
        riskWhy: "A volume's type changes while it is in use.",
        change: `volumeType of ${name}: ${next}`,
        source: "https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html",
      },
    ];
  });
}

/** Node groups that stand larger than what their pods need at the autoscalers' minimum. */
export const idleNodes: Rule = (subject) =>
  groupsOf(subject).flatMap((group): Proposal[] => {
    const nodes = subject.capacity.nodes.find(
      ({ region, name, instanceType }) =>
        region === group.region && instanceType === group.type && group.resource.name.includes(name),
    );
    const least = Math.max(
      nodes?.needed.min ?? group.count,
      number(group.resource.inputs, "scalingConfig.minSize") ?? 1,
    );
    const price = subject.prices.find(`ec2/${group.type}`, group.region);
    if (nodes === undefined || price === undefined || least >= group.count) return [];
    const spare = group.count - least;
    return [
      {
        rule: "idle-nodes",
        area: "compute",
        what: `Let ${group.resource.name} stand at ${least} nodes instead of ${group.count}: its pods need ${nodes.needed.min} at their minimum.`,
        savingCents: cents(spare * HOURS, price.usd),
        risk: "medium",
        riskWhy: "Load waits for new nodes about two minutes, and a lost zone leaves fewer.",
        change: changeOf(
          subject,
          `groundwork:nodes: { desired: ${least} }`,
          `scalingConfig.desiredSize of ${group.resource.name} (${NODE_GROUP}): ${least}`,
        ),
        source:
          "https://docs.aws.amazon.com/wellarchitected/latest/framework/cost_type_size_number_resources_metrics.html",
      },
    ];
  });

/** What nobody uses at night and at weekends need not run then; only where the stack's name says that it is no production. */
export const schedules: Rule = (subject) => {
  if (!/(?:^|[-_])(?:dev|development|test|staging|sandbox|qa|preview)(?:$|[-_\d])/.test(subject.cost.stack)) return [];
  const items = subject.cost.items.filter(
    ({ service, unit }) => unit === "hours" && (service === "Amazon EC2" || service === "Amazon RDS"),
  );
  const savingCents = Math.round(centsOf(items) * (1 - WORKED / WEEK));
  if (savingCents === 0) return [];
  return [
    {
      rule: "schedules",
      area: "compute",
      what: `Stop machines and databases of ${subject.cost.stack} outside of ${WORKED} hours a week.`,
      savingCents,
      risk: "low",
      riskWhy: "Nobody works then; whoever does starts them again, in ten minutes.",
      change: "nothing in the program: an AWS Instance Scheduler for these machines and databases",
      source: "https://aws.amazon.com/solutions/implementations/instance-scheduler-on-aws/",
    },
  ];
};
