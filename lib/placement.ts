import type { DesiredResource, Plain } from "./desired-state.ts";

/** Which system a resource serves, and where it is. */
export interface Placement {
  /** Name of the system, or {@link SHARED}. */
  readonly system: string;
  /** AWS region, `global`, or `host` for what runs on a Docker host. */
  readonly region: string;
}

/** What serves all systems, or says of none that it is theirs. */
export const SHARED = "shared";
export const GLOBAL = "global";
export const HOST = "host";

/** Tags and labels by which a resource tells its system, the first that is there; teams have their own. */
export const SYSTEM_TAGS: readonly string[] = [
  "groundwork:system",
  "groundwork.dev/system",
  "app.kubernetes.io/part-of",
  "system",
  "System",
];

const NAMESPACE = "kubernetes:core/v1:Namespace";
const EKS_CLUSTER = "aws:eks/cluster:Cluster";

const DOCKER_PROVIDER = /[:$]pulumi:providers:docker::/;

/** AWS services whose resources belong to the account, whatever region they are asked through. */
export const ACCOUNT_WIDE = /^aws:(?:iam|budgets|cloudfront|route53|organizations|account)\//;

/**
 * The place of every resource, by URN. A system is told by the resource's own tag or label, then by the namespace that it
 * lies in, then by the nearest component all of whose tagged parts are of one system, then by a name that carries the name
 * of a known system.
 */
export function placements(
  resources: readonly DesiredResource[],
  tags: readonly string[] = SYSTEM_TAGS,
): ReadonlyMap<string, Placement> {
  const systems = new Systems(resources, tags);
  const regions = new Regions(resources);
  return new Map(
    resources.map((resource) => [resource.urn, { system: systems.of(resource), region: regions.of(resource) }]),
  );
}

class Systems {
  readonly #tags: readonly string[];
  readonly #byUrn: ReadonlyMap<string, DesiredResource>;
  readonly #ofComponent = new Map<string, Set<string>>();
  readonly #ofNamespace = new Map<string, string>();
  readonly #names: readonly string[];

  constructor(resources: readonly DesiredResource[], tags: readonly string[]) {
    this.#tags = tags;
    this.#byUrn = byUrn(resources);
    const told = resources.flatMap((resource) => {
      const system = this.#told(resource);
      return system === undefined ? [] : [{ resource, system }];
    });
    for (const { resource, system } of told) {
      if (resource.type === NAMESPACE) this.#ofNamespace.set(namespaceKey(resource, nameOf(resource)), system);
      for (const component of this.#ancestors(resource)) {
        this.#ofComponent.set(component, (this.#ofComponent.get(component) ?? new Set()).add(system));
      }
    }
    // the longest first, so that `shop-admin` is not taken for `shop`
    this.#names = [...new Set(told.map(({ system }) => system))].sort(
      (a, b) => b.length - a.length || (a < b ? -1 : 1),
    );
  }

  of(resource: DesiredResource): string {
    return (
      this.#told(resource) ??
      this.#ofNamespace.get(namespaceKey(resource, text(metadata(resource)["namespace"]))) ??
      this.#ofFamily(resource) ??
      this.#names.find((system) => `-${resource.name}-`.includes(`-${system}-`)) ??
      SHARED
    );
  }

  #told({ inputs }: DesiredResource): string | undefined {
    const places = [inputs["tags"], inputs["labels"], (inputs["metadata"] as Plain | undefined)?.["labels"]];
    for (const place of places) {
      for (const tag of this.#tags) {
        const value = Array.isArray(place) ? labelOf(place, tag) : (place as Plain | undefined)?.[tag];
        if (typeof value === "string" && value !== "") return value;
      }
    }
    return undefined;
  }

  #ofFamily(resource: DesiredResource): string | undefined {
    for (const urn of [resource.urn, ...this.#ancestors(resource)]) {
      const systems = this.#ofComponent.get(urn);
      if (systems !== undefined) return systems.size === 1 ? [...systems][0] : undefined;
    }
    return undefined;
  }

  /** Without the stack, which is the parent of everything and tells nothing. */
  #ancestors(resource: DesiredResource): string[] {
    const found: string[] = [];
    for (let at = resource.parent; at !== undefined; at = this.#byUrn.get(at)?.parent) {
      if (this.#byUrn.get(at)?.type !== "pulumi:pulumi:Stack") found.push(at);
    }
    return found;
  }
}

class Regions {
  readonly #byUrn: ReadonlyMap<string, DesiredResource>;
  readonly #ofProvider = new Map<string, string>();

  constructor(resources: readonly DesiredResource[]) {
    this.#byUrn = byUrn(resources);
  }

  of(resource: DesiredResource): string {
    const { type, inputs, outputs } = resource;
    if (ACCOUNT_WIDE.test(type)) return GLOBAL;
    const own = text(inputs["region"]) || text(outputs["region"]);
    if (own !== "" && type.startsWith("aws:")) return own;
    if (resource.region !== undefined) return resource.region;
    return resource.provider === undefined ? this.#ofComponent(resource) : this.#providerRegion(resource.provider);
  }

  /** A component is where its name says, if its name says it. */
  #ofComponent({ urn, name, type }: DesiredResource): string {
    if (type.startsWith("pulumi:providers:")) return this.#providerRegion(urn);
    return /(?:^|-)([a-z]{2}(?:-[a-z]+)+-\d)(?:-|$)/.exec(name)?.[1] ?? GLOBAL;
  }

  #providerRegion(urn: string): string {
    const known = this.#ofProvider.get(urn);
    if (known !== undefined) return known;
    const provider = this.#byUrn.get(urn);
    // a default provider is not among the resources of a plan
    const region = DOCKER_PROVIDER.test(urn) ? HOST : this.#regionOf(provider);
    this.#ofProvider.set(urn, region);
    return region;
  }

  #regionOf(provider: DesiredResource | undefined): string {
    if (provider === undefined) return GLOBAL;
    const written = text(provider.inputs["region"]);
    if (written !== "") return written;
    const cluster = this.#nearestCluster(provider);
    return cluster === undefined ? GLOBAL : this.of(cluster);
  }

  /** The kubeconfig of a provider comes from its cluster, perhaps by way of something else. */
  #nearestCluster(from: DesiredResource): DesiredResource | undefined {
    const visited = new Set<string>([from.urn]);
    let level = [...from.dependencies];
    while (level.length > 0) {
      const found = level.map((urn) => this.#byUrn.get(urn)).find((resource) => resource?.type === EKS_CLUSTER);
      if (found !== undefined) return found;
      for (const urn of level) visited.add(urn);
      level = level.flatMap((urn) => this.#byUrn.get(urn)?.dependencies ?? []).filter((urn) => !visited.has(urn));
    }
    return undefined;
  }
}

function byUrn(resources: readonly DesiredResource[]): ReadonlyMap<string, DesiredResource> {
  return new Map(resources.map((resource) => [resource.urn, resource]));
}

/** Namespaces of two clusters may have one name. */
function namespaceKey({ provider = "", type }: DesiredResource, name: string): string {
  return type.startsWith("kubernetes:") && name !== "" ? `${provider} ${name}` : "";
}

function nameOf(resource: DesiredResource): string {
  return text(metadata(resource)["name"]);
}

function metadata({ inputs }: DesiredResource): Plain {
  const found = inputs["metadata"];
  return typeof found === "object" && found !== null ? (found as Plain) : {};
}

/** Docker writes labels as a list of pairs. */
function labelOf(labels: readonly unknown[], wanted: string): unknown {
  const found = labels.find((each) => (each as Plain | undefined)?.["label"] === wanted);
  return (found as Plain | undefined)?.["value"];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
