import type * as kubernetes from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { formatCpu, formatMemory, parseCpu, parseMemory } from "@groundwork/lib/quantity";
import type { Size } from "@groundwork/lib/quantity";
import { readinessPath, SECRETS_FOLDER } from "../workload/spec.ts";
import type { SecretDriftSpec } from "./spec.ts";
import {
  commandOf,
  environmentOf,
  HEALTH,
  HISTORY_FOLDER,
  MAPPING_FILE,
  PART,
  PORT,
  RESOURCES,
  USER_ID,
} from "./spec.ts";

type PodSpec = kubernetes.types.input.core.v1.PodSpec;
type Container = kubernetes.types.input.core.v1.Container;
type Volume = kubernetes.types.input.core.v1.Volume;

export interface SecretDriftPod {
  readonly spec: SecretDriftSpec;
  readonly image: Input<string>;
  /** `monitor` for a Deployment, `check` for a job. */
  readonly command: "monitor" | "check";
  readonly account: Input<string>;
  readonly mapping: Input<string>;
  readonly claim: Input<string>;
  /** The Secret with the tokens; none where the mapping needs none. */
  readonly credentials: Input<string> | undefined;
}

const MAPPING_FOLDER = MAPPING_FILE.slice(0, MAPPING_FILE.lastIndexOf("/"));
const TOKEN_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";
/** The kubelet makes a new one when four fifths are over. https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken */
const TOKEN_SECONDS = 3600;
const GRACE_SECONDS = 30;
const SCRATCH = "64Mi";

/** What runs, as the `restricted` Pod Security standard wants it. */
export function podSpec(pod: SecretDriftPod): PodSpec {
  return {
    serviceAccountName: pod.account,
    // mounted below by hand, so that it is short-lived and nothing else of the account is there
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    ...(pod.command === "check" && { restartPolicy: "Never" }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER_ID,
      runAsGroup: USER_ID,
      fsGroup: USER_ID,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [container(pod)],
    volumes: volumes(pod),
  };
}

function container({ spec, image, command, credentials }: SecretDriftPod): Container {
  const { requests, limits } = spec.resources ?? RESOURCES;
  return {
    name: PART,
    image,
    args: commandOf(command),
    env: Object.entries(environmentOf(spec)).map(([name, value]) => ({ name, value })),
    resources: { requests: quantities(requests), limits: quantities(limits) },
    ...(command === "monitor" && { ports: [{ name: "http", containerPort: PORT, protocol: "TCP" }], ...probes() }),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [
      { name: "tmp", mountPath: "/tmp" },
      { name: "history", mountPath: HISTORY_FOLDER },
      { name: "mapping", mountPath: MAPPING_FOLDER, readOnly: true },
      { name: "token", mountPath: TOKEN_FOLDER, readOnly: true },
      ...(credentials === undefined ? [] : [{ name: "credentials", mountPath: SECRETS_FOLDER, readOnly: true }]),
    ],
  };
}

function volumes({ mapping, claim, credentials }: SecretDriftPod): Volume[] {
  return [
    { name: "tmp", emptyDir: { sizeLimit: SCRATCH } },
    { name: "history", persistentVolumeClaim: { claimName: claim } },
    { name: "mapping", configMap: { name: mapping } },
    {
      name: "token",
      projected: {
        defaultMode: 0o440,
        sources: [
          { serviceAccountToken: { path: "token", expirationSeconds: TOKEN_SECONDS } },
          { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
          { downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } },
        ],
      },
    },
    ...(credentials === undefined
      ? []
      : [{ name: "credentials", secret: { secretName: credentials, defaultMode: 0o440 } }]),
  ];
}

function quantities({ cpu, memory }: Size): { cpu: string; memory: string } {
  return { cpu: formatCpu(parseCpu(cpu)), memory: formatMemory(parseMemory(memory)) };
}

const STARTUP_INTERVAL = 5;

function probes(): Pick<Container, "startupProbe" | "livenessProbe" | "readinessProbe"> {
  const { path, port, interval, timeout, retries, startPeriod } = HEALTH;
  const probe = (at: string, periodSeconds: number, failureThreshold: number) => ({
    httpGet: { path: at, port },
    periodSeconds,
    timeoutSeconds: timeout,
    failureThreshold,
  });
  return {
    startupProbe: probe(path, STARTUP_INTERVAL, Math.ceil(startPeriod / STARTUP_INTERVAL)),
    livenessProbe: probe(path, interval, retries),
    readinessProbe: probe(readinessPath(HEALTH), interval, retries),
  };
}
