import type { DesiredResource } from "../desired-state.ts";
import { STORAGE_CLASS, isStorageClass } from "../storage-class.ts";
import type { ResourceGraph } from "./graph.ts";
import { at, number, text } from "./line.ts";

const EBS = /^(?:ebs\.csi\.(?:aws|eks\.amazonaws)\.com|kubernetes\.io\/aws-ebs)$/;

/** What EBS volumes of a class are. */
export interface VolumeKind {
  readonly type: string;
  readonly iops: number | undefined;
  readonly throughput: number | undefined;
}

/** What volumes of a class are in the cluster of who asks for them, no name being its default; else why nobody knows: a text. */
export function volumeKind(
  resource: DesiredResource,
  className: string | undefined,
  graph: ResourceGraph,
): VolumeKind | string {
  const cluster = graph.clusterOf(resource);
  const found = graph
    .ofType(STORAGE_CLASS)
    .find((each) => graph.clusterOf(each) === cluster && isStorageClass(each.inputs, className));
  if (found === undefined)
    return className === undefined
      ? "what volumes of the cluster's default class are is not known: no such class is made here"
      : `what volumes of the class ${className} are is not known: no such class is made here`;
  const provisioner = text(found.inputs, "provisioner") ?? "a provisioner that is not known";
  if (!EBS.test(provisioner)) return `volumes of ${provisioner} are not in the table`;
  const parameters = at(found.inputs, "parameters");
  return {
    // https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
    type: text(parameters, "type") ?? "gp3",
    iops: number(parameters, "iops"),
    throughput: number(parameters, "throughput"),
  };
}
