import { isCustomGroup } from "@groundwork/lib/expanders/expand";
import type { Properties } from "../../table.ts";
import type { Failure } from "../values.ts";
import { configMap, secret } from "./data.ts";
import { Field } from "./field.ts";
import { annotations, labels, objectName } from "./names.ts";
import { ingress, networkPolicy, service } from "./network.ts";
import {
  autoscaler,
  disruptionBudget,
  limitRange,
  priorityClass,
  resourceQuota,
  role,
  roleBinding,
  storageClass,
} from "./policies.ts";
import { checkSchema } from "./schema.ts";
import { isNamespaced, kindOf } from "./token.ts";
import {
  cronJob,
  daemonSet,
  deployment,
  job,
  persistentVolumeClaim,
  pod,
  replicaSet,
  statefulSet,
} from "./workloads.ts";

/** What the API server checks beyond its schema, by kind. */
const CHECKS: Readonly<Record<string, (object: Field) => void>> = {
  ClusterRole: role,
  ClusterRoleBinding: roleBinding,
  ConfigMap: configMap,
  CronJob: cronJob,
  DaemonSet: daemonSet,
  Deployment: deployment,
  HorizontalPodAutoscaler: autoscaler,
  Ingress: ingress,
  Job: job,
  LimitRange: limitRange,
  NetworkPolicy: networkPolicy,
  PersistentVolumeClaim: persistentVolumeClaim,
  Pod: pod,
  PodDisruptionBudget: disruptionBudget,
  PriorityClass: priorityClass,
  ReplicaSet: replicaSet,
  ResourceQuota: resourceQuota,
  Role: role,
  RoleBinding: roleBinding,
  Secret: secret,
  Service: service,
  StatefulSet: statefulSet,
  StorageClass: storageClass,
};

/**
 * Everything that is wrong with an object whatever the cluster, in which any value may be not yet known: so it also
 * holds for objects of a cluster that is only planned. Unknown fields are the generic engine's business.
 */
export function validateObject(token: string, inputs: Properties): readonly Failure[] {
  const kind = kindOf(token);
  if (!kind) return [];
  const failures: Failure[] = [];
  // the SDK fills both in; a hand-written object may lack them
  const apiVersion = kind.group === "core" ? kind.version : `${kind.group}/${kind.version}`;
  const object = new Field({ apiVersion, kind: kind.kind, ...inputs }, failures);
  const metadata = object.at("metadata");
  objectName(metadata.at("name"), kind);
  const namespace = metadata.at("namespace");
  namespace.refuseIf(
    !isNamespaced(kind) && (namespace.text ?? "") !== "",
    `leave it out: a ${kind.kind} lives in no namespace`,
  );
  labels(metadata.at("labels"));
  annotations(metadata.at("annotations"));
  // others may have a kind of the same name
  if (!isCustomGroup(kind.group)) CHECKS[kind.kind]?.(object);
  checkSchema(token, object);
  return distinct(failures);
}

/** The rules and the schema may both see the same slip; the rules say it better, so they come first. */
function distinct(failures: readonly Failure[]): readonly Failure[] {
  const seen = new Set<string>();
  return failures.filter(({ path }) => !seen.has(path) && seen.add(path));
}
