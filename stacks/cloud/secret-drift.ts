import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { PLATFORM } from "../../components/monitoring/kubernetes-cluster.ts";
import { FINGERPRINT_KEY } from "../../components/secret-drift/checker/own-names.ts";
import { KubernetesSecretDriftChecker } from "../../components/secret-drift/kubernetes.ts";
import type { DriftMapping } from "../../components/secret-drift/spec.ts";
import type { WorkloadSpec } from "../../components/workload/spec.ts";
import type { CloudConfig } from "../config/types.ts";
import type { SecretDriftConfig } from "../config/secret-drift.ts";
import { ownMapping, tokensOf } from "../secret-drift.ts";
import type { System } from "../systems/system.ts";
import { pushChecker } from "./place.ts";
import type { Place } from "./place.ts";
import { prometheusUrl } from "./platform.ts";
import type { Platform } from "./platform.ts";

/** A value that a workload is given, and where it is in the cluster. */
export interface WorkloadSecret {
  readonly system: string;
  readonly workload: string;
  /** E.g. `PGPASSWORD`. */
  readonly variable: string;
  readonly value: pulumi.Input<string>;
  /** Name of the Kubernetes Secret. */
  readonly secretName: pulumi.Output<string>;
}

/** The workload's secrets, each with the Kubernetes Secret that it is in. */
export function secretsOf(
  { name: system }: Pick<System, "name">,
  { name: workload }: Pick<WorkloadSpec, "name">,
  values: Readonly<Record<string, pulumi.Input<string>>>,
  secretName: pulumi.Output<string> | undefined,
): WorkloadSecret[] {
  if (secretName === undefined) return [];
  return Object.entries(values).map(([variable, value]) => ({ system, workload, variable, value, secretName }));
}

/** A region, and what stands in it. */
interface Where {
  readonly config: CloudConfig;
  readonly place: Place;
  readonly platform: Platform;
}

/** Stores of the mapping that the stack makes itself. */
const SOURCE = "parameters";
const CLUSTER = "cluster";
/** Letters and digits that are at least the 32 bytes of the key when they are read as base64. */
const KEY_LENGTH = 64;

/**
 * The checker of one region's cluster. What it compares is, unless the stack has a mapping of its own, every secret of
 * every workload: what the stack has put into Parameter Store of the region, which is the source, and the Kubernetes
 * Secrets. Parameter Store because it needs no account beside AWS, costs nothing, and a name is free again as soon as it is
 * deleted; each region has its own, so that one that is lost takes no other's checker with it.
 */
export function createSecretDrift(
  where: Where,
  secrets: readonly WorkloadSecret[],
  namespaces: readonly pulumi.Resource[],
): void {
  const { config, place, platform } = where;
  if (config.secretDrift === undefined) return;
  const { healing, mapping: file, runs, tokens } = config.secretDrift;
  const { region, cluster, provider } = place;
  const name = `${region.name}-secret-drift`;
  const made = file === undefined ? createSource(name, where, secrets, healing) : undefined;
  new KubernetesSecretDriftChecker(
    name,
    {
      system: PLATFORM,
      mapping: made?.mapping ?? ownMapping(file ?? "", config.secretDrift),
      credentials: tokensOf(tokens),
      image: pushChecker(config, place),
      clusterName: place.cluster.clusterName,
      aws: { accountId: config.awsAccountId, keys: made === undefined ? [] : [cluster.key.arn] },
      runs,
      monitored: prometheusUrl(platform) !== undefined,
      protect: config.protect,
    },
    {
      providers: [cluster.kubernetes, provider],
      dependsOn: [...namespaces, ...platform.ready, ...(made?.parameters ?? [])],
    },
  );
}

/** Workloads that share a value share a parameter. */
function createSource(
  name: string,
  { place: { region, cluster, provider } }: Where,
  secrets: readonly WorkloadSecret[],
  mode: SecretDriftConfig["healing"],
): { readonly mapping: DriftMapping; readonly parameters: readonly pulumi.Resource[] } {
  const prefix = `/${pulumi.getProject()}/${pulumi.getStack()}/`;
  const create = (id: string, path: string, value: pulumi.Input<string>) =>
    new aws.ssm.Parameter(
      `${name}-${id}`,
      { name: prefix + path, type: "SecureString", keyId: cluster.key.arn, value },
      { provider },
    );
  const key = new random.RandomPassword(`${name}-key`, { length: KEY_LENGTH, special: false });
  const groups = shared(secrets);
  const parameters = groups.map(({ id, path, value }) => create(id, path, value));
  const places = (members: readonly WorkloadSecret[]) =>
    members.map(({ system, variable, secretName }) => ({
      store: CLUSTER,
      scope: system,
      name: pulumi.interpolate`${secretName}#${variable.toLowerCase()}`,
    }));
  return {
    parameters: [create("fingerprints", FINGERPRINT_KEY, key.result), ...parameters],
    mapping: {
      source: { store: SOURCE, scope: `${region.name}:${prefix}` },
      stores: { [SOURCE]: { kind: "aws-ssm" }, [CLUSTER]: { kind: "kubernetes" } },
      // the way into a database: a person who did not propose it approves
      defaults: { risk: "high" },
      healing: { mode },
      secrets: Object.fromEntries(
        groups.map(({ id, path, members }) => [id, { property: prefix + path, places: places(members) }]),
      ),
    },
  };
}

interface SharedSecret {
  readonly id: string;
  /** Below the stack's own prefix. */
  readonly path: string;
  readonly value: pulumi.Input<string>;
  readonly members: readonly WorkloadSecret[];
}

/** By system and variable; where workloads of a system have different values, by workload too. */
export function shared(secrets: readonly WorkloadSecret[]): SharedSecret[] {
  const byVariable = Map.groupBy(secrets, ({ system, variable }) => `${system}/${variable.toLowerCase()}`);
  return [...byVariable].flatMap(([path, members]) => {
    const values = Map.groupBy(members, ({ value }) => value);
    if (values.size === 1) return [...values].map(([value]) => ({ id: path.replace("/", "-"), path, value, members }));
    return members.map((member) => {
      const own = `${member.system}/${member.workload}/${member.variable.toLowerCase()}`;
      return { id: own.replaceAll("/", "-"), path: own, value: member.value, members: [member] };
    });
  });
}
