import { parseCidr } from "@groundwork/lib/cidr";
import { BadInput } from "@groundwork/lib/errors";
import { CLOUDFLARE_PLANS } from "@groundwork/lib/cloudflare-plans";
import type { CloudflarePlan } from "@groundwork/lib/cloudflare-plans";
import { REGIONS } from "@groundwork/lib/regions";
import { SYSTEMS } from "../systems/index.ts";
import type { WorkloadOverride } from "../systems/scale.ts";
import type { ClusteredTier, RegionRole } from "../systems/system.ts";
import type { Unreachable } from "../../components/cluster/kubernetes-provider.ts";
import { CLUSTER_KEYS } from "./cluster-keys.ts";
import { IN_THE_CLOUD, key, ON_DOCKER } from "./key.ts";
import type { Key, Target } from "./key.ts";
import { edgeChoices } from "./edge.ts";
import type { EdgeChoices } from "./edge.ts";
import type { AlertSettings, DockerSize, NatGateways, NodesConfig } from "./types.ts";
import type { AddonToggles } from "../../components/cluster/addons/choose.ts";
import type { AccountConfig, CacheConfig, DatabaseConfig, RecoveryConfig } from "./cloud-data.ts";
import { readAccount, readCache, readDatabase, readRecovery } from "./cloud-data.ts";
import { readBrokers, readDocuments } from "./cloud-tiers.ts";
import type { BrokerConfig, DocumentsConfig } from "./cloud-tiers.ts";
import type { ReleaseChoice } from "./releases.ts";
import { imageReference, readReleases } from "./releases.ts";
import type { Reader } from "./values.ts";
import { boolean, cpu, integer, list, memory, object, oneOf, optional, partial, record, text } from "./values.ts";

/** A region before its zones are known to be the default. */
export interface RegionInput {
  readonly name: string;
  readonly role: RegionRole;
  readonly cidr: string;
  readonly zones: readonly string[];
}

const replicas = integer(1, 1000);
const readiness = text(/^\/[\w./-]*$/, 'a path, e.g. "/ready"');
const cidr: Reader<string> = (value, key) => {
  const written = text(/./, 'an IPv4 block in CIDR notation, e.g. "10.0.0.0/16"')(value, key);
  parseCidr(written, key);
  return written;
};
const hex32 = (what: string) =>
  text(/^[0-9a-f]{32}$/, `the ${what}'s id, 32 hexadecimal digits, from its overview page in Cloudflare's dashboard`);
const httpsUrl: Reader<string> = (value, key) => {
  const written = text(/./, "an address that begins with https://")(value, key);
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url?.protocol === "https:" && url.username === "" && url.search === "" && url.hash === "") return written;
  throw new BadInput(
    `${key} is "${written}"; write an address that begins with https://, without user, query or fragment.`,
  );
};
const instanceType = (prefix: string, example: string) =>
  text(new RegExp(`^${prefix}[a-z][a-z0-9-]*\\.[a-z0-9]+$`), `an instance type such as "${example}"`);

/** Defaults of the objects that a stack may leave out or write in part; the sizes come from systems.md, finai-nexus. */
const NODES: NodesConfig = { instanceType: "m7i.xlarge", min: 3, max: 10, desired: 4, systemOnly: false };

/** Every configuration key, in the order of Pulumi.yaml. */
export const KEYS = {
  target: key<Target>({
    type: "string",
    description:
      "What carries the environment: docker (one Docker Engine), swarm (Docker Swarm) or cloud (AWS regions, Kubernetes, Cloudflare).",
    read: oneOf("docker", "swarm", "cloud"),
  }),
  systems: key<readonly string[]>({
    type: "array",
    items: "string",
    description: "Names of the systems to deploy, each a file of stacks/systems.",
    read: list(oneOf(...Object.keys(SYSTEMS)), "a list of system names"),
  }),
  workloads: key<Readonly<Record<string, Readonly<Record<string, WorkloadOverride>>>>>({
    type: "object",
    unset: {},
    description:
      "Overrides of replicas, cpu (cores or millicores), memory (Mi, Gi) and readiness (the path at which an image of your own tells whether it can serve, default its health path) by system and workload; default none.",
    read: record(
      () =>
        record(
          () => partial<WorkloadOverride>({ replicas, cpu, memory, readiness }),
          "workload names with their overrides",
        ),
      "system names with their workloads",
    ),
  }),
  images: key<Readonly<Record<string, string>>>({
    type: "object",
    unset: {},
    description:
      "Image reference with a tag or digest by system/workload; default the reference service, built from components/reference.",
    read: record(() => imageReference, "system/workload names with an image each"),
  }),
  releases: key<Readonly<Record<string, Readonly<Record<string, ReleaseChoice>>>>>({
    type: "object",
    only: ["docker"],
    unset: {},
    description:
      "Docker only: workloads that are released blue-green behind the gateway, by system and workload, { live (blue or green), blue, green (an image reference each, or reference for the reference service) }, see docs/docker.md; default none, replicas are replaced one after the other.",
    read: readReleases,
  }),
  protect: key<boolean>({
    type: "boolean",
    unset: true,
    description: "Whether data tiers refuse deletion: set it to false and update before a destroy; default true.",
    read: boolean,
  }),
  size: key<DockerSize>({
    type: "string",
    only: ON_DOCKER,
    unset: "laptop",
    description:
      "Docker only: laptop (4 cores, 16 GB) or full (what the systems ask for, tracks about 26 cores); default laptop.",
    read: oneOf("laptop", "full"),
  }),
  portOffset: key<number>({
    type: "integer",
    only: ON_DOCKER,
    unset: 0,
    description: "Docker only: a number that is added to every published host port; default 0.",
    read: integer(0, 50_000),
  }),
  portOffsets: key<Readonly<Record<string, number>>>({
    type: "object",
    only: ON_DOCKER,
    unset: {},
    description:
      "Docker only: numbers by system that are added to its published host ports beside portOffset, so that two systems on one host stay apart; default none.",
    read: record(() => integer(0, 50_000), "system names with a number each"),
  }),
  clusters: key<Readonly<Record<string, readonly ClusteredTier[]>>>({
    type: "object",
    only: ON_DOCKER,
    unset: {},
    description:
      "Docker only: data tiers that run as clusters and survive the loss of a server, by system: postgres (primary and 3 replicas, Patroni, HAProxy, PgBouncer), redis (3 primaries and 3 replicas), mongodb (3 shards); default one server each.",
    read: record(
      () => list(oneOf("postgres", "redis", "mongodb"), "a list of postgres, redis, mongodb"),
      "system names with a list of tiers each",
    ),
  }),
  alerts: key<AlertSettings>({
    type: "object",
    unset: {},
    description:
      "Who is told of alerts, { slackChannel, emailTo, emailFrom, smarthost, smtpUsername }; Slack also needs slackWebhookUrl; default nobody, they are seen in Alertmanager and Grafana.",
    read: partial<AlertSettings>({
      slackChannel: text(/^#\S+$/, 'a channel with its #, e.g. "#alerts"'),
      emailTo: text(/^\S+@\S+$/, "an address"),
      emailFrom: text(/^\S+@\S+$/, "an address"),
      smarthost: text(/^[\w.-]+:\d+$/, 'the mail server as host:port, e.g. "smtp.example.com:587"'),
      smtpUsername: text(/./, "the user name for the mail server"),
    }),
  }),
  slackWebhookUrl: key<string>({
    type: "string",
    unset: "",
    description: "Secret: the address of Slack's incoming webhook; pulumi config set --secret.",
    read: optional(text(/^https:\/\//, "an address that begins with https://")),
  }),
  smtpPassword: key<string>({
    type: "string",
    unset: "",
    description: "Secret: the password of alerts.smtpUsername; pulumi config set --secret.",
    read: optional(text(/./, "the password for the mail server")),
  }),
  tls: key<boolean>({
    type: "boolean",
    only: ON_DOCKER,
    unset: false,
    description:
      "Docker only: whether the gateways answer HTTPS and HTTP/2 with an ECC certificate that signs itself, and send plain requests there; default false.",
    read: boolean,
  }),
  gpu: key<boolean>({
    type: "boolean",
    only: ON_DOCKER,
    unset: false,
    description: "Docker only: whether the host has an NVIDIA GPU for the workloads that ask for one; default false.",
    read: boolean,
  }),
  backups: key<boolean>({
    type: "boolean",
    only: ON_DOCKER,
    unset: true,
    description:
      "Docker only: whether each data tier is backed up on a schedule, with a retention rule and restore tests; default true.",
    read: boolean,
  }),
  monitoring: key<boolean>({
    type: "boolean",
    only: ON_DOCKER,
    unset: true,
    description:
      "Docker only: whether systems that have monitoring of their own bring it: Prometheus, Alertmanager, Grafana, exporters; default true.",
    read: boolean,
  }),
  logs: key<boolean>({
    type: "boolean",
    only: ON_DOCKER,
    unset: true,
    description:
      "Docker only: whether monitoring brings Elasticsearch, Logstash and Kibana where the system asks for them, about 3 GiB; default true.",
    read: boolean,
  }),
  traces: key<boolean>({
    type: "boolean",
    unset: false,
    description:
      "Whether there are OpenTelemetry traces: on Docker in Jaeger, shown by Grafana, about 0.4 GiB at laptop size and 1 GiB at full size; in the cloud one in ten in AWS X-Ray, US$ 5 a million; default false.",
    read: boolean,
  }),
  runbookUrl: key<string>({
    type: "string",
    unset: "",
    description:
      "Where people read docs/runbooks, for the links in alerts, e.g. the folder's address in the team's forge; default its path in this repository.",
    read: optional(httpsUrl),
  }),
  dockerGroup: key<number>({
    type: "integer",
    only: ON_DOCKER,
    unset: 999,
    description:
      "Docker only, classic image store: the group that owns the engine's socket, through which the containers are measured; stat -c %g /var/run/docker.sock tells it; default 999.",
    read: integer(1, 65_535),
  }),
  imageStore: key<"classic" | "containerd">({
    type: "string",
    only: ON_DOCKER,
    unset: "classic",
    description:
      "Docker only: where the engine keeps images, which decides how the containers are measured: containerd where docker info names io.containerd.snapshotter (new installations since Engine 29), else classic; default classic.",
    read: oneOf("classic", "containerd"),
  }),
  hostMtu: key<number>({
    type: "integer",
    only: ["swarm"],
    unset: 1500,
    description:
      "Swarm only: the largest packet in bytes that the network between the hosts carries; from 9100 on, overlay networks get an MTU of 9000, else 1450 and a warning; default 1500.",
    read: integer(1500, 65_535),
  }),
  awsAccountId: key<string>({
    type: "string",
    only: IN_THE_CLOUD,
    unset: "",
    description: "Cloud only: the AWS account, 12 digits in quotes.",
    read: text(/^\d{12}$/, 'the AWS account id, 12 digits in quotes, e.g. "123456789012"'),
  }),
  cloudflareAccountId: key<string>({
    type: "string",
    only: IN_THE_CLOUD,
    unset: "",
    description: "Cloud only: the Cloudflare account, 32 hexadecimal digits.",
    read: hex32("account"),
  }),
  cloudflareZoneId: key<string>({
    type: "string",
    only: IN_THE_CLOUD,
    unset: "",
    description: "Cloud only: the Cloudflare zone of the domain, 32 hexadecimal digits.",
    read: hex32("zone"),
  }),
  cloudflarePlan: key<CloudflarePlan>({
    type: "string",
    only: IN_THE_CLOUD,
    unset: "pro",
    description:
      "Cloud only: what the zone has booked, free, pro, business or enterprise: it decides which rules of cache, firewall and rate limits there are; default pro.",
    read: oneOf(...CLOUDFLARE_PLANS),
  }),
  edge: key<EdgeChoices>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: choices of the edge, each with a default, { dnssec, hstsSeconds, argo, bots, ddosSensitivity, exemptCidrs, steering, affinity, checkRegions, notificationEmail, originAuthentication, originCertificates }; docs/edge.md says what they do.",
    read: edgeChoices(cidr),
  }),
  domain: key<string>({
    type: "string",
    only: IN_THE_CLOUD,
    unset: "",
    description:
      "Cloud only: the Cloudflare zone's own name, e.g. example.com; each system answers at <system>.<domain>.",
    read: text(
      /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
      'the name of the zone in lower case, e.g. "example.com"',
    ),
  }),
  regions: key<readonly RegionInput[]>({
    type: "array",
    items: "object",
    only: IN_THE_CLOUD,
    unset: [],
    description:
      "Cloud only: the AWS regions, each { name, role (primary or failover), cidr (of its VPC, /16 to /23), zones (default the first three) }.",
    read: list(
      object<RegionInput>({
        name: { read: oneOf(...REGIONS) },
        role: { read: oneOf("primary", "failover") },
        cidr: { read: cidr },
        zones: {
          read: list(text(/^[a-z0-9-]+[a-z]$/, 'a zone such as "us-west-2a"'), "a list of zones"),
          fallback: [],
        },
      }),
      "a list of regions, each with name, role and cidr",
    ),
  }),
  natGateways: key<NatGateways>({
    type: "string",
    only: IN_THE_CLOUD,
    unset: "perZone",
    description:
      "Cloud only: perZone (survives the loss of a zone, about US$ 33 a month each) or single; default perZone.",
    read: oneOf("perZone", "single"),
  }),
  clusterAccessCidrs: key<readonly string[]>({
    type: "array",
    items: "string",
    only: IN_THE_CLOUD,
    unset: [],
    description:
      "Cloud only: IPv4 blocks from which the clusters' API endpoints are reachable; default none, from within the VPC only, through clusterAccess.runner.",
    read: list(cidr, "a list of your own IPv4 blocks in CIDR notation"),
  }),
  ...CLUSTER_KEYS,
  nodes: key<NodesConfig>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: the nodes of each region's cluster, { instanceType, min, max, desired, systemOnly (no workloads on them) }; default m7i.xlarge, 3 to 10, 4, false.",
    read: object<NodesConfig>({
      instanceType: { read: instanceType("", NODES.instanceType), fallback: NODES.instanceType },
      min: { read: integer(1, 450), fallback: NODES.min },
      max: { read: integer(1, 450), fallback: NODES.max },
      desired: { read: integer(1, 450), fallback: NODES.desired },
      systemOnly: { read: boolean, fallback: NODES.systemOnly },
    }),
  }),
  homeRegion: key<string>({
    type: "string",
    only: IN_THE_CLOUD,
    unset: "",
    description:
      "Cloud only: the region in which what spans regions was made (global database, keys, audit trail), and which never changes, whichever region leads; default the first of regions.",
    read: optional(oneOf(...REGIONS)),
  }),
  database: key<DatabaseConfig>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: PostgreSQL, { engine (aurora, or cloudnative-pg, in the clusters), instanceClass (aurora), readers: { primary, failover }, storage (Gi of each server, cloudnative-pg), pooling (aurora: rds-proxy, about US$ 11 a month a vCPU of the primary region, or none), monitoringSeconds (0 to 60), insights (standard, or advanced for about US$ 9 a month a vCPU), iamAuthentication, systems: { <name>: what one system has otherwise } }, see docs/data-tiers.md; default aurora, db.r8g.large, 3 and 1 for finai-nexus and 1 and 1 for the others (failover 2 with cloudnative-pg), 20Gi, rds-proxy, 60, standard, false.",
    read: readDatabase,
  }),
  cache: key<CacheConfig>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: ElastiCache, { nodeType, shards, replicasPerShard, global (one datastore over the regions, which takes writes in one and empties the others' caches once when switched on; else each region has its own), systems: { <name>: what one system has otherwise } }, see docs/data-tiers.md; default cache.r7g.large, 3 and 1 for finai-nexus, a smaller node, 1 and 1 for the others, false.",
    read: readCache,
  }),
  addons: key<AddonToggles>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: add-ons of the clusters, { <name>: true, false or { replicas, values } }, see docs/add-ons.md; default what the systems need.",
    // what may be said of each is checked where the systems are known
    read: record(() => (each) => each, "names of add-ons with true, false or changes"),
  }),
  brokers: key<BrokerConfig>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: RabbitMQ, { kind (operator, in the cluster, or amazon-mq, managed), nodes, storage (Gi each, operator), instanceType (amazon-mq), systems: { <name>: what one system has otherwise } }; default operator, 3, 10Gi, mq.m7g.large.",
    read: readBrokers,
  }),
  documents: key<DocumentsConfig>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: MongoDB in the cluster, { shards, storage (Gi of each server), systems: { <name>: what one system has otherwise } }; default 3, 20Gi.",
    read: readDocuments,
  }),
  recovery: key<RecoveryConfig>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: AWS Backup with copies in another region and replicated buckets for other backups, { enabled, dailyDays (1 to 35), monthlyMonths, lock (none, governance, compliance: nobody can undo it), restoreTests, timeControl (copies of objects within 15 minutes, US$ 0.015 a GB) }; default true, 35, 12, none, true, false.",
    read: readRecovery,
  }),
  account: key<AccountConfig>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: { owner (whether this stack has CloudTrail, GuardDuty and the account's guards, which only one stack of an account can), emails (told of alarms and budgets), dataEvents (US$ 0.10 for 100000), runtimeMonitoring (about US$ 1.50 a month a vCPU), costTags (a day after the first up) }; default true, nobody, and false.",
    read: readAccount,
  }),
  unreachable: key<Readonly<Record<string, Unreachable>>>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: what an update does about the Kubernetes objects of a lost region while its cluster does not answer, { <region>: skip (leave them alone) or delete (also forget them at a refresh or destroy) }, see docs/region-loss.md; default none, it fails.",
    read: record(() => oneOf("skip", "delete"), "names of regions with skip or delete each"),
  }),
} as const;

export type KeyName = keyof typeof KEYS;

/** Every key with its typed value; those of the other target have their neutral value. */
export type Settings = { readonly [K in KeyName]: (typeof KEYS)[K] extends Key<infer T> ? T : never };
