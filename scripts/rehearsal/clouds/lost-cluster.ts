import { type Cloud, type Instance, Refusal, type Subject } from "./cloud.ts";
import type { Done, ReadRequest } from "./lifecycle.ts";
import { CLUSTER, serverOf } from "./places.ts";
import { regionOf } from "./regions-lost.ts";
import { EVERYWHERE } from "./shelf.ts";
import { type TreeObject, holdsUnknown, toProperties, unwrap } from "./values.ts";

type Option = "skipUpdateUnreachable" | "deleteUnreachable";

const RELEASE = "kubernetes:helm.sh/v3:Release";

/**
 * What the official provider does for a cluster that does not answer, by its two options. A new object cannot be skipped,
 * nor can a deletion, and a Helm release is not even dropped by a deletion, only by a refresh.
 * https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go, Check, Create, Read, Update, Delete
 */
export class LostCluster {
  readonly #cloud: Cloud;
  readonly #instance: Instance;
  readonly #why: string;

  /** Undefined while the provider's cluster answers. */
  static of(cloud: Cloud, instance: Instance): LostCluster | undefined {
    const { lost, inventory } = cloud;
    const { packageName, config } = instance;
    if (packageName !== "kubernetes" || lost === undefined || lost.names.length === 0 || holdsUnknown(config)) {
      return undefined;
    }
    const server = serverOf(toProperties(config));
    if (server === undefined) return undefined;
    const clusters = [...inventory.shelf.find(CLUSTER, EVERYWHERE, "endpoint", server)];
    return clusters.some(({ place }) => lost.has(regionOf(place)))
      ? new LostCluster(cloud, instance, server)
      : undefined;
  }

  private constructor(cloud: Cloud, instance: Instance, server: string) {
    this.#cloud = cloud;
    this.#instance = instance;
    this.#why = `unable to load schema information from the API server: Get "${server}/openapi/v2?timeout=32s": dial tcp: i/o timeout`;
  }

  /** The inputs that a check answers with instead of the program's: the old ones, so that nothing differs. */
  check(olds: TreeObject | undefined): TreeObject | undefined {
    return this.#has("skipUpdateUnreachable") ? (olds ?? {}) : undefined;
  }

  /** @throws Refusal always: neither option lets an object be made or changed */
  refuse(): never {
    throw new Refusal(`configured Kubernetes cluster is unreachable: ${this.#why}`);
  }

  /** Undefined: the object is dropped from the state. */
  read({ id, properties, inputs }: ReadRequest): Done | undefined {
    if (this.#has("deleteUnreachable")) return undefined;
    if (this.#has("skipUpdateUnreachable")) return { id, properties, inputs };
    throw new Refusal(
      "failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this resource " +
        'from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
    );
  }

  /** It stays in the cluster, and nobody remembers it. */
  remove({ urn, token }: Pick<Subject, "urn" | "token">): void {
    if (token === RELEASE) {
      throw new Refusal(`can't delete Helm Release with unreachable cluster. Reason: ${JSON.stringify(this.#why)}`);
    }
    if (!this.#has("deleteUnreachable")) {
      throw new Refusal(
        "configured Kubernetes cluster is unreachable. If the cluster was deleted, you can remove this resource from Pulumi " +
          'state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
      );
    }
    this.forget(urn);
  }

  /** What is dropped from the state is remembered here, for a report. */
  forget(urn: string): void {
    for (const item of this.#cloud.inventory.byUrn(urn)) this.#cloud.lost?.leave(item);
  }

  #has(option: Option): boolean {
    return unwrap(this.#instance.config[option]) === true;
  }
}

/** What AWS's control API says of things in a region that does not work, while they are there. */
const UNHEALTHY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html, status
  [CLUSTER]: { status: "FAILED" },
  // https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html, status
  "aws:eks/nodeGroup:NodeGroup": { status: "DEGRADED" },
};

/** A thing as it is read back, with the state that its region is in. */
export function asReported(cloud: Cloud, token: string, done: Done | undefined): Done | undefined {
  const states = UNHEALTHY[token];
  const region = done && unwrap(done.properties["region"]);
  if (done === undefined || states === undefined || typeof region !== "string" || cloud.lost?.has(region) !== true) {
    return done;
  }
  return { ...done, properties: { ...done.properties, ...states } };
}
