import * as kubernetes from "@pulumi/kubernetes";
import type { Input, Resource } from "@pulumi/pulumi";
import { IMAGES } from "../images.ts";
import { definerScript } from "./definer.ts";
import { definitions } from "./definitions.ts";
import type { Topology } from "./spec.ts";

export interface KubernetesDefinerArgs {
  readonly system: string;
  readonly namespace: Input<string>;
  /** Service of the broker. */
  readonly host: string;
  readonly managementPort: number;
  readonly vhost: string;
  readonly user: string;
  /** Secret with the password under the key `password`. */
  readonly secret: string;
  readonly topology: Topology;
}

export const DEFINER = "rabbitmq-definer";
export const DEFINER_SIZE = {
  requests: { cpu: "10m", memory: "64Mi" },
  limits: { cpu: "100m", memory: "64Mi" },
} as const;

const FOLDER = "/etc/groundwork";
const PASSWORDS = "/run/secrets/groundwork";
/** `rabbitmq` in the official images; the container has nothing that it would own. */
const USER = 999;
const HARDENED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
};

/** Gives the broker its queues and exchanges, and gives them back when somebody deletes one: the same script as on Docker. */
export function kubernetesDefiner(
  name: string,
  args: KubernetesDefinerArgs,
  parent: Resource,
  dependsOn: Resource[],
): void {
  const labels = { "app.kubernetes.io/name": DEFINER, "app.kubernetes.io/part-of": args.system };
  const files = new kubernetes.core.v1.ConfigMap(
    name,
    {
      metadata: { namespace: args.namespace },
      // a new topology gives a new name, which rolls the pod out
      immutable: true,
      data: {
        "definitions.json": JSON.stringify(definitions(args.topology), undefined, 2),
        "define.sh": definerScript(args.vhost, `${FOLDER}/definitions.json`),
      },
    },
    { parent },
  );
  new kubernetes.apps.v1.Deployment(
    name,
    {
      metadata: { name: DEFINER, namespace: args.namespace, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: { "app.kubernetes.io/name": DEFINER } },
        template: { metadata: { labels }, spec: podSpec(args, files.metadata.name) },
      },
    },
    { parent, dependsOn },
  );
}

function podSpec(args: KubernetesDefinerArgs, files: Input<string>): kubernetes.types.input.core.v1.PodSpec {
  const { host, managementPort, user, secret } = args;
  const environment = {
    RABBITMQ_HOST: host,
    RABBITMQ_MANAGEMENT_PORT: String(managementPort),
    RABBITMQ_USER: user,
    RABBITMQ_PASSWORD_FILE: `${PASSWORDS}/password`,
  };
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 10,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: "definer",
        image: IMAGES.rabbitmq,
        command: ["bash", `${FOLDER}/define.sh`],
        env: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
        resources: DEFINER_SIZE,
        securityContext: HARDENED,
        readinessProbe: { exec: { command: ["test", "-f", "/tmp/defined"] }, periodSeconds: 10 },
        volumeMounts: [
          { name: "files", mountPath: FOLDER, readOnly: true },
          { name: "password", mountPath: PASSWORDS, readOnly: true },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "files", configMap: { name: files } },
      {
        name: "password",
        secret: { secretName: secret, defaultMode: 0o440, items: [{ key: "password", path: "password" }] },
      },
      { name: "tmp", emptyDir: { sizeLimit: "16Mi" } },
    ],
  };
}
