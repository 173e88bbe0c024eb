import type { Properties, QuotaName } from "./table.ts";
import { vcpuQuota, vcpus } from "./tables/aws/vcpus.ts";
import { list, plain, text } from "./tables/values.ts";

/** What autoscalers may take of a quota beside what is used. */
export interface Growth {
  readonly quota: QuotaName;
  readonly count: number;
}

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool";

/** The smallest machine with a card (g4dn, g5, g6) has four vCPUs. https://aws.amazon.com/ec2/instance-types/g6/ */
const VCPUS_PER_GPU = 4;

/** A node group may grow to its largest size, and Karpenter until a pool's limits are reached. */
export function growthOf({ token, inputs }: { readonly token: string; readonly inputs: Properties }): Growth[] {
  if (token === NODE_GROUP) return ofNodeGroup(inputs);
  return token === NODE_POOL ? ofNodePool(plain(inputs["spec"])) : [];
}

function ofNodeGroup(inputs: Properties): Growth[] {
  const { desiredSize, maxSize } = plain(inputs["scalingConfig"]);
  const type = text(list(inputs["instanceTypes"])[0]);
  const quota = vcpuQuota(type, inputs["capacityType"] === "SPOT");
  const more = Number(maxSize) - Number(desiredSize);
  return quota === undefined || !(more > 0) ? [] : [{ quota, count: more * (vcpus(type) ?? 0) }];
}

/** Where spot machines are taken, all of them may be spot, or none while there is no spot capacity. */
function ofNodePool(spec: Properties): Growth[] {
  const limits = plain(spec["limits"]);
  const kinds = capacityTypes(spec);
  const most = (quota: QuotaName, spot: QuotaName, count: number): Growth[] =>
    count > 0 ? kinds.map((kind) => ({ quota: kind === "spot" ? spot : quota, count })) : [];
  const gpus = Number(limits["nvidia.com/gpu"] ?? 0);
  if (gpus > 0) return most("gpuVcpus", "gpuSpotVcpus", gpus * VCPUS_PER_GPU);
  return most("standardVcpus", "standardSpotVcpus", Number(limits["cpu"] ?? 0));
}

function capacityTypes(spec: Properties): string[] {
  const requirements = list(plain(plain(spec["template"])["spec"])["requirements"]).map(plain);
  const own = requirements.find(({ key }) => key === "karpenter.sh/capacity-type");
  // without one, Karpenter takes On-Demand. https://karpenter.sh/docs/concepts/nodepools/#capacity-type
  return own === undefined ? ["on-demand"] : list(own["values"]).map(text);
}
