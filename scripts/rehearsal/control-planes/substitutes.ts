import { createHash } from "node:crypto";
import type { Client, KubernetesObject } from "./client.ts";
import { ignoreMissing } from "./nodes.ts";

/** What AWS's controllers do in a real cluster, as far as others wait for it: addresses of balancers, volumes for claims. */
export async function actForAws(client: Client, region: string): Promise<void> {
  await giveAddresses(client, region);
  await provisionVolumes(client);
  await removeReleased(client);
}

interface WithAddress {
  readonly loadBalancer?: { readonly ingress?: readonly unknown[] };
}

/** A host name such as the load balancer controller reports. https://kubernetes-sigs.github.io/aws-load-balancer-controller/ */
async function giveAddresses(client: Client, region: string): Promise<void> {
  const [services, ingresses] = await Promise.all([
    client.glance("/api/v1/services"),
    client.glance("/apis/networking.k8s.io/v1/ingresses"),
  ]);
  const balanced = services.filter((service) => (service["spec"] as { type?: string }).type === "LoadBalancer");
  const waiting = [
    ...balanced.map((object) => ({ object, path: `/api/v1/namespaces/${object.metadata.namespace}/services` })),
    ...ingresses.map((object) => ({
      object,
      path: `/apis/networking.k8s.io/v1/namespaces/${object.metadata.namespace}/ingresses`,
    })),
  ].filter(({ object }) => ((object["status"] as WithAddress | undefined)?.loadBalancer?.ingress ?? []).length === 0);
  for (const { object, path } of waiting) {
    const digits = createHash("sha256").update(String(object.metadata["uid"])).digest("hex");
    const hostname = `k8s-${digits.slice(0, 8)}-${digits.slice(8, 18)}.elb.${region}.amazonaws.com`;
    const status = { loadBalancer: { ingress: [{ hostname }] } };
    await client.merge(`${path}/${object.metadata.name}/status`, { status }).catch(ignoreMissing);
  }
}

interface ClaimSpec {
  readonly storageClassName?: string;
  readonly volumeName?: string;
  readonly volumeMode?: string;
  readonly accessModes: readonly string[];
  readonly resources: { readonly requests: { readonly storage: string } };
}

const SELECTED_NODE = "volume.kubernetes.io/selected-node";
const IS_DEFAULT = "storageclass.kubernetes.io/is-default-class";

/** A volume for each claim whose class exists, in the zone of the node that the scheduler chose, as the EBS driver makes it. */
async function provisionVolumes(client: Client): Promise<void> {
  const claims = (await client.glance("/api/v1/persistentvolumeclaims")).filter(
    (claim) => (claim["status"] as { phase?: string }).phase === "Pending",
  );
  if (claims.length === 0) return;
  const classes = await client.list("/apis/storage.k8s.io/v1/storageclasses");
  const byDefault = classes.find(({ metadata }) => annotationsOf(metadata)[IS_DEFAULT] === "true");
  for (const claim of claims) {
    const spec = claim["spec"] as ClaimSpec;
    const storageClass =
      spec.storageClassName === undefined
        ? byDefault
        : classes.find(({ metadata: { name } }) => name === spec.storageClassName);
    if (storageClass === undefined || (spec.volumeName ?? "") !== "") continue;
    const node = annotationsOf(claim.metadata)[SELECTED_NODE];
    if (storageClass["volumeBindingMode"] === "WaitForFirstConsumer" && node === undefined) continue;
    await createVolume(client, claim, spec, storageClass, node);
  }
}

async function createVolume(
  client: Client,
  { metadata }: KubernetesObject,
  spec: ClaimSpec,
  storageClass: KubernetesObject,
  node: string | undefined,
): Promise<void> {
  const zone = node === undefined ? undefined : await zoneOf(client, node);
  const { namespace, uid } = metadata;
  const name = `pvc-${String(uid)}`;
  const driver = String(storageClass["provisioner"]);
  const volume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": driver } },
    spec: {
      capacity: { storage: spec.resources.requests.storage },
      accessModes: spec.accessModes,
      volumeMode: spec.volumeMode ?? "Filesystem",
      storageClassName: storageClass.metadata.name,
      persistentVolumeReclaimPolicy: storageClass["reclaimPolicy"] ?? "Delete",
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: metadata.name, uid },
      csi: { driver, volumeHandle: `vol-${createHash("sha256").update(name).digest("hex").slice(0, 17)}` },
      ...(zone !== undefined && { nodeAffinity: inZone(zone) }),
    },
  };
  await client.create("/api/v1/persistentvolumes", volume).catch(ignoreTaken);
}

function inZone(zone: string) {
  const expression = { key: "topology.kubernetes.io/zone", operator: "In", values: [zone] };
  return { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } };
}

async function zoneOf(client: Client, node: string): Promise<string | undefined> {
  const found = await client.get(`/api/v1/nodes/${node}`);
  return ((found.metadata["labels"] ?? {}) as Readonly<Record<string, string>>)["topology.kubernetes.io/zone"];
}

/** A volume whose claim is gone goes with it, unless its class keeps it. */
async function removeReleased(client: Client): Promise<void> {
  for (const volume of await client.glance("/api/v1/persistentvolumes")) {
    const { phase } = volume["status"] as { phase?: string };
    const { persistentVolumeReclaimPolicy } = volume["spec"] as { persistentVolumeReclaimPolicy?: string };
    if (phase !== "Released" || persistentVolumeReclaimPolicy !== "Delete") continue;
    await client.call("DELETE", `/api/v1/persistentvolumes/${volume.metadata.name}`).catch(ignoreMissing);
  }
}

function annotationsOf(metadata: KubernetesObject["metadata"]): Readonly<Record<string, string>> {
  return (metadata["annotations"] ?? {}) as Readonly<Record<string, string>>;
}

/** Made in the round before, and not bound yet. */
function ignoreTaken(error: unknown): void {
  if ((error as { status?: number }).status !== 409) throw error;
}
