import type { Created, Ctx, ResourceType } from "../../table.ts";
import { CLUSTER, CREATED } from "./eks.ts";
import { ROLE } from "./iam.ts";
import {
  arn,
  arnOf,
  awsType,
  input,
  kept,
  object,
  oneOf,
  pattern,
  refer,
  rule,
  texts,
  upstream,
  uuid,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/eks/latest/APIReference/";

const usesConfigMapOnly = (ctx: Ctx): boolean => {
  const access = ctx.find(CLUSTER, "name", input(ctx, "clusterName"))?.properties["accessConfig"];
  return object(access)["authenticationMode"] === "CONFIG_MAP";
};

const accessEntry = awsType({
  token: "aws:eks/accessEntry:AccessEntry",
  source: upstream("eks/access_entry.go"),
  id: (ctx) => `${input(ctx, "clusterName")}:${input(ctx, "principalArn")}`,
  key: (ctx) => `${input(ctx, "clusterName")}:${input(ctx, "principalArn")}`,
  exists: "ResourceInUseException",
  rules: [
    rule("principalArn", arn("iam"), `${API}API_CreateAccessEntry.html`),
    rule(
      "type",
      oneOf("STANDARD", "EC2", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "HYPERPOD_LINUX"),
      `${API}API_CreateAccessEntry.html`,
    ),
    rule(
      "kubernetesGroups[]",
      pattern(
        /^(?!system:|eks:|aws:|amazon:|iam:)/,
        "write a group that does not begin with system:, eks:, aws:, amazon: or iam:",
      ),
      "https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html",
    ),
  ],
  references: [
    refer("clusterName", CLUSTER, { by: "name", holds: false }),
    refer("principalArn", ROLE, { by: "arn", holds: false, except: /:(user\/|root$|role\/aws-reserved\/)/ }),
  ],
  check: (ctx) =>
    usesConfigMapOnly(ctx)
      ? {
          path: "clusterName",
          reason:
            "InvalidRequestException: The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.",
          source: `${API}API_CreateAccessEntry.html`,
        }
      : undefined,
  replaces: ["clusterName", "principalArn", "type"],
  updates: ["kubernetesGroups", "userName"],
  deleteBeforeReplace: true,
  defaults: { kubernetesGroups: [], type: "STANDARD", userName: (ctx: Created) => input(ctx, "principalArn") },
  outputs: (ctx) => ({
    accessEntryArn: arnOf(
      ctx,
      "eks",
      `access-entry/${input(ctx, "clusterName")}/${input(ctx, "principalArn").split(":").slice(4).join("/")}/${uuid(ctx, "entry")}`,
    ),
    createdAt: kept(ctx, "createdAt", () => CREATED),
    modifiedAt: CREATED,
  }),
});

const accessPolicyAssociation = awsType({
  token: "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
  source: upstream("eks/access_policy_association.go"),
  id: (ctx) => ["clusterName", "principalArn", "policyArn"].map((each) => input(ctx, each)).join("#"),
  rules: [
    rule(
      "policyArn",
      pattern(
        /^arn:aws:eks::aws:cluster-access-policy\/\w+$/,
        "write an access policy such as arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      ),
      "https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html",
    ),
    rule("accessScope.type", oneOf("cluster", "namespace"), `${API}API_AccessScope.html`),
  ],
  references: [
    refer("clusterName", CLUSTER, { by: "name", holds: false }),
    refer("principalArn", "aws:eks/accessEntry:AccessEntry", { by: "principalArn", holds: false }),
  ],
  check: (ctx) => {
    const scope = object(ctx.inputs["accessScope"]);
    const named = texts(scope["namespaces"]).length > 0;
    if (scope["type"] === "namespace" && !named)
      return {
        path: "accessScope.namespaces",
        reason: "name at least one namespace",
        source: `${API}API_AccessScope.html`,
      };
    return scope["type"] === "cluster" && named
      ? {
          path: "accessScope.namespaces",
          reason: "leave it out: the scope is the whole cluster",
          source: `${API}API_AccessScope.html`,
        }
      : undefined;
  },
  replaces: ["accessScope", "clusterName", "policyArn", "principalArn"],
  deleteBeforeReplace: true,
  outputs: () => ({ associatedAt: CREATED, modifiedAt: CREATED }),
});

const dnsLabel = pattern(
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  "write a DNS label of at most 63 lower-case letters, digits and -",
);

const podIdentityAssociation = awsType({
  token: "aws:eks/podIdentityAssociation:PodIdentityAssociation",
  source: upstream("eks/pod_identity_association.go"),
  id: (ctx) => `a-${ctx.hex(17, "association")}`,
  key: (ctx) => ["clusterName", "namespace", "serviceAccount"].map((each) => input(ctx, each)).join("/"),
  exists: "ResourceInUseException",
  rules: [
    rule("namespace", dnsLabel, `${API}API_CreatePodIdentityAssociation.html`),
    rule("roleArn", arn("iam"), `${API}API_CreatePodIdentityAssociation.html`),
  ],
  references: [
    refer("clusterName", CLUSTER, { by: "name", holds: false }),
    refer("roleArn", ROLE, { by: "arn", holds: false }),
    refer("targetRoleArn", ROLE, { by: "arn", holds: false }),
  ],
  replaces: ["clusterName", "namespace", "serviceAccount"],
  updates: ["disableSessionTags", "policy", "roleArn", "targetRoleArn"],
  defaults: { disableSessionTags: false },
  outputs: (ctx) => ({
    associationArn: arnOf(ctx, "eks", `podidentityassociation/${input(ctx, "clusterName")}/${ctx.id}`),
    associationId: ctx.id,
    externalId: "",
  }),
});

export const eksAccess: readonly ResourceType[] = [accessEntry, accessPolicyAssociation, podIdentityAssociation];
