import type { DesiredResource, DesiredState } from "../desired-state.ts";
import { at, bytes, count, list, plain, text } from "../expanders/read.ts";
import type { Placement } from "../placement.ts";
import { GLOBAL, SHARED } from "../placement.ts";
import { podsOf } from "../pods.ts";
import { STORAGE_CLASS, isStorageClass } from "../storage-class.ts";
import { Graph } from "./graph.ts";
import { EKS_CLUSTER, isPatch, kindOf } from "./kinds.ts";
import type { HiddenClaim } from "./pods.ts";
import { includedIops } from "./volume-types.ts";

/** Volumes that something asks for. */
export interface Volumes extends Placement {
  readonly name: string;
  readonly count: number;
  /** Of one of them; 0 where nobody bounds it, as Docker's. */
  readonly bytes: number;
  readonly iops: number;
}

const EBS = "aws:ebs/volume:Volume";
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const DOCKER_VOLUME = "docker:index/volume:Volume";
const GIBIBYTE = 2 ** 30;

export function volumesOf(
  state: DesiredState,
  places: ReadonlyMap<string, Placement>,
  hidden: readonly HiddenClaim[],
): readonly Volumes[] {
  const classes = new StorageClasses(state.resources);
  const visible = state.resources.flatMap((resource): Volumes[] => {
    const place = places.get(resource.urn) ?? { system: SHARED, region: GLOBAL };
    return visibleVolumes(resource, classes).map((volume) => ({ ...place, ...volume }));
  });
  return [
    ...visible,
    ...hidden.map(({ system, region, cluster, claim }) => ({
      system,
      region,
      name: claim.name,
      count: claim.count,
      bytes: claim.bytes,
      iops: classes.iops(cluster, claim.storageClass ?? "", claim.bytes),
    })),
  ];
}

type Own = Omit<Volumes, keyof Placement>;

function visibleVolumes(resource: DesiredResource, classes: StorageClasses): readonly Own[] {
  const { type, inputs, name } = resource;
  if (type === EBS) return [ebs(resource)];
  if (type === DOCKER_VOLUME) return [{ name: text(inputs["name"], name), count: 1, bytes: 0, iops: 0 }];
  if (type === CLAIM) return [claimed(resource, inputs, 1, classes)];
  if (isPatch(type) || kindOf(type) !== "StatefulSet" || !type.startsWith("kubernetes:apps/")) return [];
  const replicas = podsOf(type, inputs)?.replicas ?? 1;
  return list(at(inputs, "spec")["volumeClaimTemplates"]).map((template) =>
    claimed(resource, plain(template), replicas, classes),
  );
}

function ebs({ inputs, name }: DesiredResource): Own {
  const size = count(inputs["size"], 0) * GIBIBYTE;
  const provisioned = typeof inputs["iops"] === "number" ? inputs["iops"] : undefined;
  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html (gp2 unless told otherwise)
  return { name, count: 1, bytes: size, iops: includedIops(text(inputs["type"], "gp2"), size, provisioned) };
}

function claimed(
  resource: DesiredResource,
  claim: DesiredResource["inputs"],
  replicas: number,
  classes: StorageClasses,
): Own {
  const spec = plain(claim["spec"]);
  const size = bytes(at(spec, "resources", "requests")["storage"]);
  return {
    name: text(plain(claim["metadata"])["name"], resource.name),
    count: replicas,
    bytes: size,
    iops: classes.iopsFor(resource, text(spec["storageClassName"]), size),
  };
}

/** What volumes of each class of each cluster are made of. */
class StorageClasses {
  readonly #graph: Graph;
  readonly #classes: readonly { readonly cluster: string; readonly resource: DesiredResource }[];

  constructor(resources: readonly DesiredResource[]) {
    this.#graph = new Graph(resources);
    this.#classes = resources
      .filter(({ type }) => type === STORAGE_CLASS)
      .map((resource) => ({ cluster: this.#clusterOf(resource), resource }));
  }

  iopsFor(resource: DesiredResource, className: string, size: number): number {
    return this.iops(this.#clusterOf(resource), className, size);
  }

  /** An empty name is the cluster's default class; a class that is not made here is not known. */
  iops(cluster: string, className: string, size: number): number {
    const found = this.#classes.find(
      ({ cluster: own, resource }) =>
        own === cluster && isStorageClass(resource.inputs, className === "" ? undefined : className),
    );
    if (found === undefined) return 0;
    const { type, iops } = at(found.resource.inputs, "parameters");
    const provisioned = Number(iops ?? NaN);
    // https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md (gp3 by default)
    return includedIops(text(type, "gp3"), size, provisioned > 0 ? provisioned : undefined);
  }

  #clusterOf({ provider = "" }: DesiredResource): string {
    return this.#graph.nearest(provider, EKS_CLUSTER)?.urn ?? provider;
  }
}
