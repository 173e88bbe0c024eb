import type { ChosenAddon } from "../../components/cluster/addons/choose.ts";
import type { EdgeSettings } from "../../components/cdn/spec.ts";
import type { FlowLogsArgs } from "../../components/cluster/flow-logs.ts";
import type { Unreachable } from "../../components/cluster/kubernetes-provider.ts";
import type { WorkloadNodes } from "../../components/cluster/node-pools.ts";
import type { EngineAccess } from "../../components/monitoring/exporters.ts";
import type { GatewayConfig, MeshConfig } from "./cloud-gateway.ts";
import type { BrokerConfig, DocumentsConfig } from "./cloud-tiers.ts";
import type { SecretDriftConfig } from "./secret-drift.ts";
import type { SecretStoreConfig } from "./secret-store.ts";
import type { RegionRole, System } from "../systems/system.ts";
import type { ClusterAccessChoices, EndpointChoices } from "./cluster.ts";
import type { AccountConfig, CacheConfig, DatabaseConfig, RecoveryConfig } from "./cloud-data.ts";

/** What every environment has, whatever carries it. */
interface Common {
  /** Chosen systems, at the environment's size, with the overrides and images of the configuration applied. */
  readonly systems: readonly System[];
  /** Whether stateful resources refuse deletion; set to false and updated before a destroy. */
  readonly protect: boolean;
  /** Who is told of alerts; the secrets that it takes are read where they are used. */
  readonly alerts: AlertSettings;
  /** Whether there are traces: on Docker of systems with monitoring, in the cloud of all. */
  readonly traces: boolean;
  /** What compares its secrets; absent: nothing does. */
  readonly secretDrift?: SecretDriftConfig;
  /** Where people read the runbooks of alerts. Default: the path in this repository. */
  readonly runbookUrl?: string;
}

/** An environment on one Docker Engine, or on a Docker Swarm that the engine manages. */
export interface DockerConfig extends Common {
  readonly target: "docker" | "swarm";
  readonly size: DockerSize;
  /** Whether the gateways answer HTTPS. */
  readonly tls: boolean;
  /** How cAdvisor may look at the engine. */
  readonly engine: EngineAccess;
  /** Swarm: the largest packet in bytes that the network between the hosts carries. */
  readonly hostMtu: number;
}

/** Who is told of alerts. */
export interface AlertSettings {
  /** With its `#`. */
  readonly slackChannel?: string;
  readonly emailTo?: string;
  readonly emailFrom?: string;
  /** `host:port` of the mail server. */
  readonly smarthost?: string;
  /** Default: the mail server asks for no password. */
  readonly smtpUsername?: string;
}

/** `laptop` fits a machine of 4 cores and 16 GB, `full` is what systems.md asks for. */
export type DockerSize = "laptop" | "full";

/** One AWS region of the environment. */
export interface RegionConfig {
  /** AWS's own name, e.g. `us-west-2`. */
  readonly name: string;
  readonly role: RegionRole;
  /** The VPC's IPv4 block. */
  readonly cidr: string;
  /** Availability zones to spread over, e.g. `us-west-2a`. */
  readonly zones: readonly string[];
}

/** The managed nodes of each region's cluster. */
export interface NodesConfig {
  readonly instanceType: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** Whether they refuse workloads, which then run on Karpenter's nodes alone. */
  readonly systemOnly: boolean;
}

/** What Karpenter may launch. */
export interface WorkloadNodesConfig extends WorkloadNodes {
  /** Cards of all GPU nodes together, where a system asks for one. */
  readonly gpus: number;
}

/** One NAT gateway a zone survives the loss of a zone; a single one costs a third (about US$ 33 a month each and traffic). */
export type NatGateways = "perZone" | "single";

/** An environment in AWS regions behind Cloudflare. */
export interface CloudConfig extends Common {
  readonly target: "cloud";
  readonly awsAccountId: string;
  readonly cloudflareAccountId: string;
  readonly cloudflareZoneId: string;
  /** What Cloudflare does with requests before they reach a region. */
  readonly edge: EdgeSettings;
  /** The name of the Cloudflare zone; each system answers below it. */
  readonly domain: string;
  /** The primary first. */
  readonly regions: readonly RegionConfig[];
  readonly natGateways: NatGateways;
  /** From where the clusters' public API endpoints are reachable; none: from within the VPC only. */
  readonly clusterAccessCidrs: readonly string[];
  readonly clusterAccess: Required<ClusterAccessChoices>;
  /** Minor version, e.g. `1.36`. */
  readonly kubernetesVersion: string;
  readonly vpcEndpoints: EndpointChoices;
  readonly flowLogs: FlowLogsArgs;
  readonly nodes: NodesConfig;
  readonly workloadNodes: WorkloadNodesConfig;
  readonly database: DatabaseConfig;
  readonly cache: CacheConfig;
  /**
   * The region in which what spans regions was made (global database, datastore, keys, audit trail). It stays the same
   * when another region becomes the primary one.
   */
  readonly homeRegion: string;
  /** How requests come into the clusters. */
  readonly gateway: GatewayConfig;
  readonly mesh: MeshConfig;
  /** Add-ons of each cluster, in the order in which they are installed. */
  readonly addons: readonly ChosenAddon[];
  readonly brokers: BrokerConfig;
  readonly documents: DocumentsConfig;
  readonly recovery: RecoveryConfig;
  /** Where the clusters read secrets from; absent: nowhere. */
  readonly secretStore?: SecretStoreConfig;
  /** Who Let's Encrypt writes to. Absent: the clusters do not edit the zone. */
  readonly acmeEmail?: string;
  readonly account: AccountConfig;
  /** What is done about the Kubernetes objects of a region whose cluster does not answer, by region; else an update fails. */
  readonly unreachable: Readonly<Record<string, Unreachable>>;
}

export type EnvironmentConfig = DockerConfig | CloudConfig;
