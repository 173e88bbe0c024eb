import { BadInput } from "@groundwork/lib/errors";
import { contains, parseCidr } from "@groundwork/lib/cidr";
import { ACCESS_POLICIES } from "../../components/cluster/access.ts";
import type { AccessPolicy } from "../../components/cluster/access.ts";
import { INTERFACE_SERVICES, NODE_SERVICES } from "../../components/cluster/endpoints.ts";
import type { InterfaceService } from "../../components/cluster/endpoints.ts";
import type { FlowLogsArgs } from "../../components/cluster/flow-logs.ts";
import type { WorkloadNodes } from "../../components/cluster/node-pools.ts";
import type { Architecture } from "../../components/cluster/nodes.ts";
import type { Reader } from "./values.ts";
import { boolean, integer, list, object, oneOf, partial, record, text } from "./values.ts";

/** Who may use the clusters beside whoever made them, and how they are reached. */
export interface ClusterAccessChoices {
  /** Default: where no block of `clusterAccessCidrs` leads in. */
  readonly runner?: boolean;
  readonly roles?: Readonly<Record<string, RoleAccess>>;
}

export interface RoleAccess {
  /** ARN of an IAM role. */
  readonly role: string;
  readonly policy: AccessPolicy;
  /** Empty: the whole cluster. */
  readonly namespaces: readonly string[];
}

export const clusterAccess: Reader<ClusterAccessChoices> = partial<ClusterAccessChoices>({
  runner: boolean,
  roles: record((name, key) => {
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(name))
      throw new BadInput(
        `${key}.${name} is no name; write a letter, then lower case letters, digits and -, e.g. "developers".`,
      );
    return object<RoleAccess>({
      role: {
        read: text(
          /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/,
          'the ARN of an IAM role, e.g. "arn:aws:iam::123456789012:role/developers"',
        ),
      },
      policy: { read: oneOf(...(Object.keys(ACCESS_POLICIES) as AccessPolicy[])), fallback: "view" },
      namespaces: { read: list(text(/^[a-z0-9-]{1,63}$/, "a namespace"), "a list of namespaces"), fallback: [] },
    });
  }, "names of your own with { role, policy, namespaces } each"),
});

export interface EndpointChoices {
  readonly services: readonly InterfaceService[];
}

export const vpcEndpoints: Reader<EndpointChoices> = object<EndpointChoices>({
  services: { read: list(oneOf(...INTERFACE_SERVICES), "a list of services"), fallback: NODE_SERVICES },
});

/** What CloudWatch keeps logs for; S3 would take any number. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const retention: Reader<number> = (value, key) => {
  const days = integer(1, 3653)(value, key);
  if (!RETENTIONS.includes(days)) throw new BadInput(`${key} is ${days}; write one of ${RETENTIONS.join(", ")}.`);
  return days;
};

export const flowLogs: Reader<FlowLogsArgs> = object<FlowLogsArgs>({
  to: { read: oneOf("cloudwatch", "s3", "none"), fallback: "cloudwatch" },
  retentionDays: { read: retention, fallback: 30 },
});

/** What Karpenter may launch; the architecture is that of the managed nodes where nothing is said. */
export interface WorkloadNodesChoices extends Omit<WorkloadNodes, "architecture"> {
  readonly architecture: Architecture | "";
  /** Cards of all GPU nodes together, where a system asks for one. */
  readonly gpus: number;
}

/** Room for all five systems at their most replicas, twice. */
export const workloadNodes: Reader<WorkloadNodesChoices> = object<WorkloadNodesChoices>({
  architecture: { read: oneOf("amd64", "arm64"), fallback: "" },
  spot: { read: boolean, fallback: false },
  cpu: { read: integer(1, 100_000), fallback: 200 },
  memoryGib: { read: integer(1, 1_000_000), fallback: 800 },
  expireAfterHours: { read: integer(1, 8760), fallback: 336 },
  gpus: { read: integer(1, 1000), fallback: 4 },
});

/** Blocks that examples are written with and nobody has. https://www.rfc-editor.org/rfc/rfc5737#section-3 */
const DOCUMENTATION = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"];

/** The API of a cluster is nobody else's business, and somebody must reach it. */
export function refuseOpenApi(key: string, cidrs: readonly string[]): void {
  cidrs.forEach((cidr, index) => {
    const block = parseCidr(cidr, key);
    if (block.prefix === 0)
      throw new BadInput(
        `${key}[${index}] is "${cidr}", the whole internet; write the blocks of your offices, VPN and pipelines.`,
      );
    if (DOCUMENTATION.some((example) => contains(parseCidr(example, key), block)))
      throw new BadInput(
        `${key}[${index}] is "${cidr}", a block for documentation that nobody has; write your own, or remove the key to reach the clusters through their runners.`,
      );
  });
}
