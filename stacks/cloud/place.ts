import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { boundedName } from "@groundwork/lib/names";
import type { ClusterAccess } from "../../components/cluster/access.ts";
import type { Architecture } from "../../components/cluster/nodes.ts";
import { architectureOf } from "../../components/cluster/nodes.ts";
import { regionProvider, stackTags } from "../../components/cluster/provider.ts";
import { RegionalCluster } from "../../components/cluster/regional-cluster.ts";
import { ReferenceImage } from "../../components/reference/image.ts";
import { SecretDriftImage } from "../../components/secret-drift/image.ts";
import { RegionalRepository } from "../../components/registry/repository.ts";
import type { CloudConfig, RegionConfig } from "../config/types.ts";
import { BACKUP_TAG } from "./tags.ts";

/** One region with everything that its systems share. */
export interface Place {
  readonly region: RegionConfig;
  readonly provider: aws.Provider;
  readonly cluster: RegionalCluster;
  /** The reference service, in the region's own registry. */
  readonly image: pulumi.Output<string>;
}

/** EKS cluster names. https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html */
const CLUSTER_NAME_LIMIT = 100;

export function createPlace(config: CloudConfig, region: RegionConfig): Place {
  const provider = regionProvider({ region: region.name, accountId: config.awsAccountId });
  const cluster = new RegionalCluster(
    region.name,
    {
      region: region.name,
      clusterName: clusterNameOf(region.name),
      cidr: region.cidr,
      zones: region.zones,
      natGateways: config.natGateways,
      accountId: config.awsAccountId,
      kubernetesVersion: config.kubernetesVersion,
      accessCidrs: config.clusterAccessCidrs,
      runner: config.clusterAccess.runner,
      access: accessOf(config),
      endpoints: config.vpcEndpoints.services,
      flowLogs: config.flowLogs,
      nodes: config.nodes,
      volumeTags: volumeTags(config, region.name),
      protect: config.protect,
      unreachable: config.unreachable[region.name],
    },
    { providers: [provider] },
  );
  return { region, provider, cluster, image: pushReference(config, region, provider) };
}

/** The provider's tags are not those of what a cluster makes by itself. */
function volumeTags({ recovery }: CloudConfig, region: string): Readonly<Record<string, string>> {
  return {
    ...stackTags(),
    "groundwork:cluster": clusterNameOf(region),
    ...(recovery.enabled && { [BACKUP_TAG.key]: BACKUP_TAG.value }),
  };
}

/** The name of a region's cluster at AWS. */
export function clusterNameOf(region: string): string {
  return boundedName(`${pulumi.getProject()}-${pulumi.getStack()}-${region}`, CLUSTER_NAME_LIMIT);
}

/** Built for each region by itself: a region more neither rebuilds nor moves what the others run. */
function pushReference(config: CloudConfig, region: RegionConfig, provider: aws.Provider): pulumi.Output<string> {
  return pushed(`${region.name}-reference`, config, provider, ReferenceImage);
}

/** The secret-drift checker, in the region's own registry. */
export function pushChecker(config: CloudConfig, { region, provider }: Place): pulumi.Output<string> {
  return pushed(`${region.name}-secret-drift`, config, provider, SecretDriftImage);
}

function pushed(
  name: string,
  config: CloudConfig,
  provider: aws.Provider,
  Image: typeof ReferenceImage | typeof SecretDriftImage,
): pulumi.Output<string> {
  const repository = new RegionalRepository(name, { provider, protect: config.protect });
  const image = new Image(name, {
    push: { repositories: [repository.url], registries: [repository.login] },
    platforms: platformsOf(config),
  });
  return image.ref;
}

/** Both kinds of nodes may run it. */
function platformsOf({ nodes, workloadNodes }: CloudConfig): `linux/${Architecture}`[] {
  const [own, other] = [architectureOf(nodes.instanceType), workloadNodes.architecture];
  return own === other ? [`linux/${own}`] : [`linux/${own}`, `linux/${other}`];
}

function accessOf({ clusterAccess }: CloudConfig): Readonly<Record<string, ClusterAccess>> {
  const roles = Object.entries(clusterAccess.roles);
  return Object.fromEntries(roles.map(([name, { role, ...access }]) => [name, { ...access, roleArn: role }]));
}
