import type { CloudflarePlan } from "@groundwork/lib/cloudflare-plans";

/**
 * What a simulated cloud has to be told about a type beyond what the SDK's own declarations say. One entry is about
 * fifteen lines. The generic engine (simulator.ts) does the rest: unknown, missing and mistyped properties, references,
 * uniqueness, diffs, outputs, quotas, faults, the inventory.
 */

/** Names joined by dots, `[]` for each element of a list, `*` for each value of a map: `vpcConfig.subnetIds[]`. */
export type Path = string;

/** Plain values as the provider sees them: secrets unwrapped. Rules are never called with a value not yet known. */
export type Properties = Readonly<Record<string, unknown>>;

/** Where a thing lives, e.g. `aws/123456789012/us-west-2`, `aws/123456789012`, `kubernetes/<endpoint>`, `docker/<host>`. */
export type Place = string;

/** Something that exists in a simulated cloud. */
export interface Thing {
  readonly token: string;
  readonly id: string;
  readonly place: Place;
  /** Inputs and outputs, as a read would return them. */
  readonly properties: Properties;
  readonly inputs: Properties;
  /** What created it, for reports only: a real cloud does not know URNs, only tags. */
  readonly urn: string;
  /** The id of the thing that brought it into being (a VPC's default security group); it goes away with its owner. */
  readonly broughtBy?: string;
  /** Set when it outlives its deletion by design: why, e.g. `KMS key, deleted after 30 days`. */
  readonly retained?: string;
}

/**
 * What the rules and output functions of an entry may ask of the cloud that they are in.
 *
 * In a preview, inputs may be not yet known. A function that reads one is given up at that point (the read throws, the
 * engine catches it): a check passes, a key or default counts as not yet known. So entries need not think of unknowns.
 */
export interface Ctx {
  readonly place: Place;
  /** AWS account id; empty outside AWS. */
  readonly account: string;
  /** AWS region; empty outside AWS. */
  readonly region: string;
  /** The properties of the explicit provider, e.g. `region`, `kubeconfig`, `host`. */
  readonly provider: Properties;
  readonly inputs: Properties;
  /** The logical name in the URN. */
  readonly name: string;
  /** The thing before this change; absent on create. */
  readonly old?: Thing;
  /** Docker only: the machine that the engine runs on; `gpus` are what it offers to Swarm as NVIDIA-GPU. */
  readonly host?: { readonly cpus: number; readonly memoryBytes: number; readonly gpus?: number };
  /** Cloudflare only: what a zone has booked, where the program does not book it. */
  readonly cloudflarePlan?: CloudflarePlan;
  /** The folder of the Pulumi program, for paths that it names relative to itself; default the working directory. */
  readonly directory?: string;
  /** `n` hexadecimal digits, the same at each call with the same salt for this thing, different for each thing. */
  readonly hex: (n: number, salt?: string) => string;
  /**
   * Things of a type in this place, or in a named one, with what this preview has planned so far. A place that ends in
   * `*` names all that start so: an image is pushed to ECR repositories of any account and region, `aws/*`.
   */
  readonly all: (token: string, place?: Place) => readonly Thing[];
  readonly find: (token: string, property: string, value: unknown, place?: Place) => Thing | undefined;
}

export interface Created extends Ctx {
  readonly id: string;
}

/** A check of one value. `undefined` is fine; a string says what to write instead, without repeating path and value. */
export type Check = (value: unknown, ctx: Ctx) => string | undefined;

export interface Rule {
  readonly path: Path;
  readonly check: Check;
  /** Where the service documents the rule. */
  readonly source: string;
}

export interface Reference {
  readonly path: Path;
  /** The token or tokens that it may point to. */
  readonly to: string | readonly string[];
  /** The target's property that holds the value, or several of which one must (Docker: name or id); default `id`. */
  readonly by?: string | readonly string[];
  /** Whether the target can be deleted while this reference exists; default `true`: it cannot (DependencyViolation). */
  readonly holds?: boolean;
  /** The target may live in another region of the account; default `false`. */
  readonly anyRegion?: boolean;
  /** Values that need no target, e.g. AWS-managed policy ARNs. */
  readonly except?: RegExp;
}

/** The quotas that new AWS accounts really hit. */
export type QuotaName =
  | "standardVcpus"
  | "standardSpotVcpus"
  | "gpuVcpus"
  | "gpuSpotVcpus"
  | "elasticIps"
  | "vpcs"
  | "natGatewaysPerZone"
  | "interfaceEndpoints"
  | "internetGateways"
  | "securityGroupRules"
  | "eksClusters"
  | "rdsInstances"
  | "rdsProxies";

export interface QuotaUse {
  readonly quota: QuotaName;
  /** How many one such thing uses; default 1. */
  readonly count?: (ctx: Ctx) => number;
  /** What it is counted over inside the place, e.g. the zone of a NAT gateway; default the place itself. */
  readonly per?: (ctx: Ctx) => string;
}

export interface ResourceType {
  readonly token: string;
  /** The upstream provider's page or schema that `replaces` and `outputs` were read from. */
  readonly source: string;
  /** AWS only: IAM, Route 53 and the like are one for the account. Default `regional`. */
  readonly scope?: "global" | "regional";
  /** The provider's id. Default: 20 hex digits. */
  readonly id?: (ctx: Ctx) => string;
  /** What must be unique in the place; a second one is refused with `exists`. */
  readonly key?: (ctx: Ctx) => string | undefined;
  /** What people would find it by that has no tag and no unique name, e.g. the secret of a version. Default: the key. */
  readonly findBy?: (ctx: Ctx) => string | undefined;
  /** The service's own error for a second one, e.g. `RepositoryAlreadyExistsException`. */
  readonly exists?: string;
  /** The property that the provider fills with `<logical name>-<hex>` when the program leaves it out. */
  readonly autoName?: {
    readonly property: string;
    /** Characters in all; a logical name that leaves no room for the digits is refused. */
    readonly maxLength: number;
    /** Random hexadecimal digits; default 7, as the Terraform bridge's. */
    readonly digits?: number;
  };
  readonly rules?: readonly Rule[];
  readonly references?: readonly Reference[];
  /** Whole-resource checks (overlaps, two zones, plan limits): a path and what is wrong there. */
  readonly check?: (ctx: Ctx) => { path: Path; reason: string; source: string } | undefined;
  /** Properties whose change replaces the resource. */
  readonly replaces?: readonly Path[];
  /** Properties whose change is made in place. What is in neither list updates and is reported as "may replace". */
  readonly updates?: readonly Path[];
  /** Replacement always deletes first (the provider says so), e.g. objects with a fixed name. */
  readonly deleteBeforeReplace?: boolean | ((ctx: Ctx) => boolean);
  /** Values of optional inputs that the service fills in, by property: each a value or a `(ctx: Created) => value`. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /**
   * Output-only properties that the generic names (region, tagsAll, ownerId, accountId, and arn where the id is one) do
   * not cover. What it returns for an input wins over the input, objects and lists of the same length are merged. Called
   * again on update, with `old`: what the service does not change must come out the same.
   */
  readonly outputs?: (ctx: Created) => Properties;
  /**
   * Outputs that follow something outside of cloud and inputs, e.g. the hash of source files: asked for at each diff,
   * and a difference to the state is an update of that property.
   */
  readonly follows?: (ctx: Ctx) => Properties;
  /** Output-only properties that are truly absent unless something sets them. */
  readonly absent?: readonly string[];
  /** Output properties that are secret even if the inputs were not. */
  readonly secrets?: readonly string[];
  readonly quotas?: readonly QuotaUse[];
  /** Things that the service makes along with it. */
  readonly brings?: (ctx: Created) => readonly { token: string; id: string; properties: Properties; place?: Place }[];
  /** Why it cannot be deleted now (deletion protection, bucket not empty), in the service's own words. */
  readonly refuseDelete?: (thing: Thing, ctx: Ctx) => string | undefined;
  /** What stays by design after a delete, e.g. a final snapshot. */
  readonly retains?: (thing: Thing, ctx: Ctx) => string | undefined;
  /** What is retained still blocks its key, e.g. the name of a secret that is scheduled for deletion. Default `false`. */
  readonly retainsKey?: boolean;
  /**
   * Checks that need no cloud, for objects of a cluster that is not there yet: inputs may hold unknown values
   * anywhere (the protocol's UNKNOWN text). The generic engine calls it in check and in checkPlanned, before `check`.
   */
  readonly offline?: (inputs: Properties) => readonly { path: Path; reason: string }[];
  /** No cloud behind it (random, tls): it exists only in the state, is never an orphan and is made again when lost. */
  readonly stateOnly?: boolean;
}

/** A function of a provider (`aws:index/getAvailabilityZones:getAvailabilityZones`). */
export interface Invoke {
  readonly token: string;
  readonly source: string;
  readonly answer: (args: Properties, ctx: Omit<Ctx, "inputs" | "name" | "old">) => Properties | { failure: string };
}

export interface Table {
  readonly package: "aws" | "kubernetes" | "cloudflare" | "docker" | "docker-build" | "random" | "tls";
  readonly types: readonly ResourceType[];
  /** An entry made on demand for a token of the package's SDK that `types` does not name (any Kubernetes kind). */
  readonly any?: (token: string) => ResourceType | undefined;
  readonly invokes?: readonly Invoke[];
}
