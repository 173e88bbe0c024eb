import type { DesiredResource } from "../../desired-state.ts";
import { expand, isUnexpanded } from "../../expanders/expand.ts";
import { kubernetesQuantity } from "../../kubernetes-quantity.ts";
import { at, list, number, text, unpriced, type Outcome } from "../line.ts";
import { volumeLines } from "./compute.ts";

const GIBIBYTE = 2 ** 30;
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const STATEFUL_SET = /^kubernetes:apps\/v\w+:StatefulSet$/;
const SERVICE = "kubernetes:core/v1:Service";

/** What an object in a cluster costs beside the nodes that it runs on: volumes, and balancers of its own. */
export function kubernetesLines(resource: DesiredResource): readonly Outcome[] {
  const { type, inputs } = resource;
  if (type === CLAIM) return claimLines(1, sizeOf(inputs), text(inputs, "spec.storageClassName"));
  if (STATEFUL_SET.test(type)) return statefulSet(inputs);
  if (type === SERVICE)
    return text(inputs, "spec.type") === "LoadBalancer"
      ? [unpriced("the balancer that a controller makes for it is not in the table")]
      : [];
  const hidden = expand(type, inputs);
  if (hidden === undefined) return [];
  if (isUnexpanded(hidden)) return [unpriced(`what it makes is not known: ${hidden.unknown}`)];
  return hidden.claims.flatMap(({ count, bytes, storageClass }) => claimLines(count, bytes, storageClass));
}

function statefulSet(inputs: DesiredResource["inputs"]): readonly Outcome[] {
  const replicas = number(inputs, "spec.replicas") ?? 1;
  return list(inputs, "spec.volumeClaimTemplates").flatMap((template) =>
    claimLines(replicas, sizeOf(template), text(template, "spec.storageClassName")),
  );
}

function sizeOf(claim: unknown): number | undefined {
  const written = at(claim, "spec.resources.requests.storage");
  return typeof written === "string" || typeof written === "number" ? kubernetesQuantity(written) : undefined;
}

/** A class is taken for what its name says; the clusters' default is gp3. */
function claimLines(count: number, bytes: number | undefined, storageClass = "gp3"): readonly Outcome[] {
  if (bytes === undefined) return [unpriced("the size of a claim is not known before the update")];
  const type = /(?:gp2|gp3|io1|io2|st1|sc1)/.exec(storageClass)?.[0] ?? "gp3";
  return volumeLines({ type, size: (count * bytes) / GIBIBYTE });
}
