import type { Size } from "@groundwork/lib/quantity";
import type { BackupSpec } from "../../components/backup/spec.ts";
import type { MongodbSpec } from "../../components/mongodb/spec.ts";
import type { Chat } from "../../components/monitoring/rules/assistant.ts";
import type { Pipeline } from "../../components/monitoring/rules/business.ts";
import type { PostgresSpec } from "../../components/postgres/spec.ts";
import type { RabbitmqSpec } from "../../components/rabbitmq/spec.ts";
import type { RedisSpec } from "../../components/redis/spec.ts";
import type { Colour } from "../../components/gateway/switch.ts";
import type { QueueScaling } from "../../components/workload/queue-scaling.ts";
import type { Release } from "../../components/workload/release.ts";
import type { TierName, WorkloadSpec } from "../../components/workload/spec.ts";

/** A bridge network of one Docker Engine. */
export interface DockerNetwork {
  readonly name: string;
  readonly cidr: string;
  /** Bytes. */
  readonly mtu: number;
}

/** How many of it, and how big each is. */
export interface Scale extends Size {
  readonly replicas: number;
}

/** What a system needs beside its tiers and workloads to run on one Docker Engine. */
export interface DockerForm {
  readonly networks: readonly DockerNetwork[];
  /** The networks that each tier and the gateway join, by name (`postgres`, `redis`, `rabbitmq`, `gateway`). */
  readonly joins: Readonly<Record<string, readonly string[]>>;
  /** nginx in front of the exposed workloads; the host port is the exposures' own. */
  readonly gateway: Size;
  /** The host port that answers HTTPS where the stack wants TLS; the others then send clients there. */
  readonly tlsPort: number;
  /** Whether the gateway sends security headers, speaks HTTP/2 without TLS too and hides what is for operators. Default false. */
  readonly strictGateway?: boolean;
  /** The laptop size of each tier, workload and the gateway; the full size is the system's own numbers. */
  readonly laptop: Readonly<Record<string, Scale>>;
  /** Tiers in the form that Docker gives them, in place of the system's own of the same name or beside them. */
  readonly tiers?: Tiers;
  /** What workloads need beside their own needs, because Docker has it. */
  readonly needs?: Readonly<Record<string, readonly TierName[]>>;
  /** Ports on the Docker host at which a person reaches a tier; none is published when absent. */
  readonly tierPorts?: Readonly<Partial<Record<TierName, number>>>;
  /** Tiers that run as clusters. Default: one server each. */
  readonly clusters?: readonly ClusteredTier[];
  /** How its tiers are backed up. Absent: not at all. */
  readonly backup?: BackupSpec;
  /** Absent: the system runs without monitoring of its own. */
  readonly monitoring?: MonitoringForm;
  /** Networks of its secret-drift checker, by name. Absent: it has none. */
  readonly secretDrift?: readonly string[];
  /** Workloads that are released blue-green, by name. Default: none. */
  readonly releases?: Readonly<Record<string, BlueGreenRelease>>;
}

/** A workload whose new version comes in beside the old one, on one Docker Engine. */
export interface BlueGreenRelease {
  /** Which of the two gets the requests. */
  readonly live: Colour;
  /** What each colour runs; the one that is left out does not run. `reference` is the reference service, built here. */
  readonly images: Readonly<Partial<Record<Colour, string>>>;
}

/** Monitoring of one system on Docker; the ports are the host's. */
export interface MonitoringForm {
  readonly prometheusPort: number;
  readonly alertmanagerPort: number;
  readonly grafanaPort: number;
  /** Elasticsearch, Logstash and Kibana for the logs of every container; absent: `docker logs` only. */
  readonly kibanaPort?: number;
}

/** The data tiers of a system. */
export interface Tiers {
  readonly postgres?: PostgresSpec;
  readonly redis?: RedisSpec;
  readonly rabbitmq?: RabbitmqSpec;
  readonly mongodb?: MongodbSpec;
}

/** Tiers that Docker can run as one server or as a cluster of servers. */
export type ClusteredTier = "postgres" | "redis" | "mongodb";

/** The least replicas are the workload's own. */
export type QueueRange = Omit<QueueScaling, "min">;

export type RegionRole = "primary" | "failover";

/** What a system needs beside its tiers and workloads to run in cloud regions. */
export interface CloudForm {
  /** Replicas by region role: the autoscaler's minimum where the workload scales. Default: the workload's own. */
  readonly minReplicas: Readonly<Record<RegionRole, Readonly<Record<string, number>>>>;
  /** Workloads whose new versions come in beside the old one, by name; the others are rolled. */
  readonly releases?: Readonly<Record<string, Release>>;
  /** Workloads that scale with a queue of the system's RabbitMQ, by name, in place of CPU and memory. */
  readonly queues?: Readonly<Record<string, QueueRange>>;
  /** Whether its requests pass Kong behind the gateway. Default false. */
  readonly kong?: boolean;
  /** Whether its pods are in the service mesh. Default false. */
  readonly mesh?: boolean;
  /** Tiers in the form that the cloud gives them, in place of the system's own of the same name or beside them. */
  readonly tiers?: Tiers;
  /** What workloads need beside their own needs, because the cloud has it. */
  readonly needs?: Readonly<Record<string, readonly TierName[]>>;
}

/** US$ a month for everything the system runs on. */
export interface Budget {
  readonly start: number;
  /** What it may rise to under full load. */
  readonly limit: number;
}

/** A pipeline at the size of its system. */
export interface SystemPipeline extends Pipeline {
  /** The workload that brings the items in: with fewer replicas of it, fewer an hour are promised. */
  readonly source: string;
}

/** One of the systems that an environment carries: data only, read by the composition of each target. */
export interface System {
  /** DNS label; prefix of all its resources and its namespace. */
  readonly name: string;
  readonly description: string;
  readonly tiers: Tiers;
  readonly workloads: readonly WorkloadSpec[];
  /** Absent: it cannot run on Docker, and the config reader says so. */
  readonly docker?: DockerForm;
  /** Absent: it cannot run in the cloud, and the config reader says so. */
  readonly cloud?: CloudForm;
  readonly budget?: Budget;
  /** What its pipeline is built for: rules and dashboards go by it. Absent: it has none. */
  readonly pipeline?: SystemPipeline;
  /** The limits of its chat service. Absent: it has none. */
  readonly chat?: Chat;
}
