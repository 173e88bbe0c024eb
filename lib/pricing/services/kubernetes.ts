import type { DesiredResource } from "../../desired-state.ts";
import { expand, isUnexpanded } from "../../expanders/expand.ts";
import { kubernetesQuantity } from "../../kubernetes-quantity.ts";
import { at, list, number, text, unpriced, type Context, type Outcome } from "../line.ts";
import { volumeKind, type VolumeKind } from "../storage-classes.ts";
import { times, volumeLines } from "./compute.ts";

const GIBIBYTE = 2 ** 30;
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const STATEFUL_SET = /^kubernetes:apps\/v\w+:StatefulSet$/;
const SERVICE = "kubernetes:core/v1:Service";

/** What volumes of a class cost: how many, how many bytes each has, and the name of the class. */
type Claimed = (count: number, bytes: number | undefined, className: string | undefined) => readonly Outcome[];

/** What an object in a cluster costs beside the nodes that it runs on: volumes, and balancers of its own. */
export function kubernetesLines(resource: DesiredResource, { graph }: Context): readonly Outcome[] {
  const { type, inputs } = resource;
  const claimed: Claimed = (count, bytes, name) => claimLines(count, bytes, volumeKind(resource, name, graph));
  if (type === CLAIM) return claimed(1, sizeOf(inputs), text(inputs, "spec.storageClassName"));
  if (STATEFUL_SET.test(type)) return statefulSet(inputs, claimed);
  if (type === SERVICE)
    return text(inputs, "spec.type") === "LoadBalancer"
      ? [unpriced("the balancer that a controller makes for it is not in the table")]
      : [];
  const hidden = expand(type, inputs);
  if (hidden === undefined) return [];
  if (isUnexpanded(hidden)) return [unpriced(`what it makes is not known: ${hidden.unknown}`)];
  return hidden.claims.flatMap(({ count, bytes, storageClass }) => claimed(count, bytes, storageClass));
}

function statefulSet(inputs: DesiredResource["inputs"], claimed: Claimed): readonly Outcome[] {
  const replicas = number(inputs, "spec.replicas") ?? 1;
  return list(inputs, "spec.volumeClaimTemplates").flatMap((template) =>
    claimed(replicas, sizeOf(template), text(template, "spec.storageClassName")),
  );
}

function sizeOf(claim: unknown): number | undefined {
  const written = at(claim, "spec.resources.requests.storage");
  return typeof written === "string" || typeof written === "number" ? kubernetesQuantity(written) : undefined;
}

function claimLines(count: number, bytes: number | undefined, kind: VolumeKind | string): readonly Outcome[] {
  if (typeof kind === "string") return [unpriced(kind)];
  if (bytes === undefined) return [unpriced("the size of a claim is not known before the update")];
  return volumeLines({ ...kind, size: bytes / GIBIBYTE }).map((each) => times(each, count));
}
