import { annotations, dnsLabel, labels, labelSelector } from "./names.ts";
import type { Field } from "./field.ts";

/** IANA service names: https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/#containerport-v1-core */
const PORT_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const PORT_NAME_RULE = "write at most 15 lower case letters, digits and `-`, with at least one letter";
/** https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/ */
const ENVIRONMENT_NAME = /^[ -<>-~]+$/;
const VOLUME_SOURCES = [
  ...["awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "configMap", "csi", "downwardAPI"],
  ...["emptyDir", "ephemeral", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "hostPath"],
  ...["image", "iscsi", "nfs", "persistentVolumeClaim", "photonPersistentDisk", "portworxVolume", "projected"],
  ...["quobyte", "rbd", "scaleIO", "secret", "storageos", "vsphereVolume"],
];

/** A pod template: what every workload has. `restart` names the policies that its controller allows. */
export function podTemplate(template: Field, restart: readonly string[]): void {
  labels(template.at("metadata", "labels"));
  annotations(template.at("metadata", "annotations"));
  podSpec(template.at("spec"), restart);
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export function podSpec(spec: Field, restart: readonly string[]): void {
  const containers = spec.at("containers");
  containers.refuseIf(containers.present && containers.items.length === 0, "write at least one container");
  const init = spec.at("initContainers");
  volumes(spec.at("volumes"));
  for (const container of [...init.items, ...containers.items]) oneContainer(container, spec);
  const names = new Set(init.items.map((each) => each.at("name").text));
  for (const container of containers.items) {
    const name = container.at("name");
    name.refuseIf(name.text !== undefined && names.has(name.text), "Duplicate value: an init container has this name");
  }
  containers.unique((each) => each.at("name").text, "name");
  init.unique((each) => each.at("name").text, "name");
  restartPolicy(spec.at("restartPolicy"), restart);
  scheduling(spec);
}

function restartPolicy(field: Field, allowed: readonly string[]): void {
  field.oneOf(...allowed);
  field.refuseIf(
    field.absent && !allowed.includes("Always"),
    `write one of ${allowed.join(", ")}: the default, Always, is not allowed here`,
  );
}

function scheduling(spec: Field): void {
  spec.at("terminationGracePeriodSeconds").range(0);
  spec.at("activeDeadlineSeconds").range(1);
  spec.at("dnsPolicy").oneOf("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None");
  for (const spread of spec.at("topologySpreadConstraints").items) {
    spread.at("maxSkew").range(1);
    spread.at("whenUnsatisfiable").oneOf("DoNotSchedule", "ScheduleAnyway");
    labelSelector(spread.at("labelSelector"));
  }
  for (const toleration of spec.at("tolerations").items) {
    toleration.at("operator").oneOf("Exists", "Equal", "Lt", "Gt");
    toleration.at("effect").oneOf("NoSchedule", "PreferNoSchedule", "NoExecute", "");
    const value = toleration.at("value");
    value.refuseIf(
      toleration.at("operator").text === "Exists" && (value.text ?? "") !== "",
      "leave it out where the operator is Exists",
    );
  }
}

function volumes(field: Field): void {
  field.unique((volume) => volume.at("name").text, "name");
  for (const volume of field.items) {
    dnsLabel(volume.at("name"));
    volume.exactlyOne(...VOLUME_SOURCES);
    quantity(volume.at("emptyDir", "sizeLimit"));
  }
}

function oneContainer(container: Field, pod: Field): void {
  dnsLabel(container.at("name"));
  const image = container.at("image");
  image.require("write the image to run");
  image.matches(/^\S+$/, 4096, "write an image reference without spaces");
  container.at("imagePullPolicy").oneOf("Always", "IfNotPresent", "Never");
  ports(container.at("ports"));
  environment(container.at("env"));
  mounts(container, pod);
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"]) probe(container.at(name), container);
  for (const name of ["postStart", "preStop"])
    handler(container.at("lifecycle", name), container, ["exec", "httpGet", "sleep", "tcpSocket"]);
  resources(container.at("resources"));
  security(container.at("securityContext"), pod.at("securityContext"));
}

function ports(field: Field): void {
  field.unique((port) => port.at("name").text, "name");
  for (const port of field.items) {
    port.at("containerPort").range(1, 65535);
    port.at("hostPort").range(1, 65535);
    port.at("protocol").oneOf("TCP", "UDP", "SCTP");
    port.at("name").matches(PORT_NAME, 15, PORT_NAME_RULE);
  }
}

function environment(field: Field): void {
  for (const variable of field.items) {
    variable.at("name").matches(ENVIRONMENT_NAME, Infinity, "write printable characters other than `=`");
    const from = variable.at("valueFrom");
    from.refuseIf((variable.at("value").text ?? "") !== "" && from.present, "write only one of value and valueFrom");
    if (from.present) from.exactlyOne("configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef");
  }
}

function mounts(container: Field, pod: Field): void {
  const all = pod.at("volumes");
  const open = all.unknown || all.items.some((volume) => volume.at("name").unknown);
  const names = all.items.map((volume) => volume.at("name").text);
  const field = container.at("volumeMounts");
  field.unique((mount) => mount.at("mountPath").text, "mountPath");
  for (const mount of field.items) {
    const name = mount.at("name");
    const known = name.text === undefined || open || names.includes(name.text);
    name.refuseIf(
      !known,
      `Not found: write the name of one of the pod's volumes (${names.join(", ") || "it has none"})`,
    );
    mount.at("mountPath").matches(/^[^:]+$/, 4096, "write a path without `:`");
  }
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes */
function probe(field: Field, container: Field): void {
  if (!field.present) return;
  handler(field, container, ["exec", "grpc", "httpGet", "tcpSocket"]);
  field.at("initialDelaySeconds").range(0);
  for (const name of ["periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold"])
    field.at(name).range(1);
  const isReadiness = field.steps.at(-1) === "readinessProbe";
  const success = field.at("successThreshold");
  success.refuseIf(!isReadiness && (success.number ?? 1) > 1, "write 1: only a readiness probe can ask for more");
}

function handler(field: Field, container: Field, kinds: readonly string[]): void {
  if (!field.present) return;
  field.exactlyOne(...kinds);
  for (const kind of ["httpGet", "tcpSocket"]) namedPort(field.at(kind, "port"), container);
  field.at("grpc", "port").range(1, 65535);
  field.at("httpGet", "scheme").oneOf("HTTP", "HTTPS");
}

/** A port is a number, or the name of a port of the same container. */
function namedPort(port: Field, container: Field): void {
  port.range(1, 65535);
  if (port.text === undefined) return;
  const own = container.at("ports");
  const open = own.unknown || own.items.some((each) => each.at("name").unknown);
  const names = own.items.map((each) => each.at("name").text).filter((name) => name !== undefined);
  port.refuseIf(
    !open && !names.includes(port.text),
    `no port of this container has that name; write one of ${names.join(", ") || "its numbers"}`,
  );
}

/** https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ */
export function resources(field: Field): void {
  for (const kind of ["requests", "limits"]) for (const [, amount] of field.at(kind).entries) quantity(amount);
  for (const [name, request] of field.at("requests").entries) {
    const limit = field.at("limits", name).quantity;
    const own = request.quantity;
    const over = limit !== undefined && own !== undefined && own > limit;
    request.refuseIf(over, `must be less than or equal to ${name} limit of ${String(field.at("limits", name).value)}`);
  }
}

export function quantity(field: Field): void {
  if (!field.present) return;
  const amount = field.quantity;
  field.refuseIf(amount === undefined, "write a quantity such as 500m, 2, 512Mi or 1.5Gi");
  field.refuseIf(amount !== undefined && amount < 0, "must be greater than or equal to 0");
}

function security(own: Field, pods: Field): void {
  own.refuseIf(
    own.at("privileged").value === true && own.at("allowPrivilegeEscalation").value === false,
    "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
  );
  const nonRoot = own.at("runAsNonRoot").value ?? pods.at("runAsNonRoot").value;
  const user = own.at("runAsUser").present ? own.at("runAsUser") : pods.at("runAsUser");
  user.refuseIf(
    nonRoot === true && user.number === 0,
    "the kubelet refuses user 0 where runAsNonRoot is true; write another user",
  );
}
