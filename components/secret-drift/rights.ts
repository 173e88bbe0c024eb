import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../cluster/iam.ts";
import { FINGERPRINT_KEY, OVERWRITTEN, RECORDS } from "./checker/own-names.ts";
import type { DriftMapping } from "./spec.ts";
import { scopesOf, writes as writesTo } from "./spec.ts";

/** Whose AWS the mapping's scopes are in. */
export interface AwsAccount {
  readonly accountId: string;
  /** KMS keys that the values are encrypted with, beside AWS's own. */
  readonly keys: readonly pulumi.Input<string>[];
}

/** What one AWS service calls its questions, as docs/secret-drift.md lists them. */
interface Service {
  readonly kind: "aws-secrets-manager" | "aws-ssm";
  readonly sid: string;
  readonly host: string;
  /** Questions that AWS knows no single secret for: they take `*` and give no value. */
  readonly lists: readonly string[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly keyWrites: string;
  readonly arn: (region: string, accountId: string, name: pulumi.Input<string>) => pulumi.Output<string>;
  /** What follows a name that is whole. */
  readonly ending: string;
}

/**
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
 */
const SERVICES: readonly Service[] = [
  {
    kind: "aws-secrets-manager",
    sid: "Secrets",
    host: "secretsmanager",
    lists: ["secretsmanager:ListSecrets", "secretsmanager:BatchGetSecretValue"],
    reads: ["secretsmanager:GetSecretValue"],
    writes: ["secretsmanager:PutSecretValue", "secretsmanager:CreateSecret", "secretsmanager:DescribeSecret"],
    keyWrites: "kms:GenerateDataKey",
    arn: (region, accountId, name) => pulumi.interpolate`arn:aws:secretsmanager:${region}:${accountId}:secret:${name}`,
    // six characters that AWS adds: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
    ending: "-??????",
  },
  {
    kind: "aws-ssm",
    sid: "Parameters",
    host: "ssm",
    lists: ["ssm:DescribeParameters"],
    reads: ["ssm:GetParameters"],
    writes: ["ssm:PutParameter"],
    keyWrites: "kms:Encrypt",
    arn: (region, accountId, name) =>
      pulumi.output(name).apply((known) => `arn:aws:ssm:${region}:${accountId}:parameter/${known.replace(/^\//, "")}`),
    ending: "",
  },
];

/** What a role at AWS needs for exactly this mapping; writing only where it heals by itself. Nothing where it names no AWS. */
export function awsStatements(mapping: DriftMapping, account: AwsAccount): Statement[] {
  return SERVICES.flatMap((service) => statementsOf(service, mapping, account));
}

function statementsOf(service: Service, mapping: DriftMapping, account: AwsAccount): Statement[] {
  if (scopesOf(mapping, service.kind).length === 0) return [];
  const { sid, lists, reads, writes } = service;
  const compared = arnsOf(service, mapping, account, false);
  const healed = arnsOf(service, mapping, account, true);
  return [
    { Sid: `List${sid}`, Effect: "Allow", Action: lists, Resource: "*" },
    { Sid: `Compare${sid}`, Effect: "Allow", Action: reads, Resource: compared },
    ...(writesTo(mapping) && healed.length > 0
      ? [{ Sid: `Heal${sid}`, Effect: "Allow" as const, Action: writes, Resource: healed }]
      : []),
    ...keyStatement(service, mapping, account),
  ];
}

/** By name where a name is known; of a scope that is managed, all that begins as it does. */
function arnsOf(
  { kind, arn, ending }: Service,
  { source, stores, secrets, managed = [] }: DriftMapping,
  { accountId }: AwsAccount,
  written: boolean,
): pulumi.Output<string>[] {
  const isHere = (store: string) => stores[store]?.kind === kind;
  const at = (scope: string, name: pulumi.Input<string>, end = ending) =>
    arn(regionOf(scope), accountId, pulumi.interpolate`${name}${end}`);
  const own = (name: string, end?: string) => at(source.scope, prefixOf(source.scope) + name, end);
  const properties = Object.values(secrets).map(({ property }) => property);
  const places = Object.values(secrets).flatMap((secret) => secret.places);
  const ofSource = written
    ? [own(RECORDS), own(`${OVERWRITTEN}-`, "*")]
    : [own(FINGERPRINT_KEY), own(RECORDS), ...properties.map((property) => at(source.scope, property))];
  return [
    ...(isHere(source.store) ? ofSource : []),
    ...places.filter(({ store }) => isHere(store)).map(({ scope, name }) => at(scope, name)),
    ...(written
      ? []
      : managed.filter(({ store }) => isHere(store)).map(({ scope }) => at(scope, prefixOf(scope), "*"))),
  ];
}

/** Through the service alone: nobody decrypts anything else with it. */
function keyStatement(service: Service, mapping: DriftMapping, { keys }: AwsAccount): Statement[] {
  if (keys.length === 0) return [];
  const regions = [...new Set(scopesOf(mapping, service.kind).map(regionOf))];
  return [
    {
      Sid: `Keys${service.sid}`,
      Effect: "Allow",
      Action: writesTo(mapping) ? ["kms:Decrypt", service.keyWrites] : ["kms:Decrypt"],
      Resource: keys,
      Condition: {
        StringEquals: { "kms:ViaService": regions.map((region) => `${service.host}.${region}.amazonaws.com`) },
      },
    },
  ];
}

function regionOf(scope: string): string {
  return scope.split(":")[0] ?? scope;
}

function prefixOf(scope: string): string {
  const cut = scope.indexOf(":");
  return cut < 0 ? "" : scope.slice(cut + 1);
}

/** One rule of a Role in each namespace that the mapping names; Kubernetes cannot list single Secrets. */
export function secretRules(mapping: DriftMapping): { apiGroups: string[]; resources: string[]; verbs: string[] }[] {
  const verbs = writesTo(mapping) ? ["list", "get", "create", "patch"] : ["list"];
  return [{ apiGroups: [""], resources: ["secrets"], verbs }];
}
