import type { Check, Created, Ctx, Properties, ResourceType } from "../../table.ts";
import {
  all,
  arn,
  awsType,
  globalArn,
  input,
  kept,
  length,
  list,
  object,
  pattern,
  range,
  refer,
  rule,
  upstream,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/IAM/latest/APIReference/";
const QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";

export const ROLE = "aws:iam/role:Role";
const POLICY = "aws:iam/policy:Policy";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const INLINE = "aws:iam/rolePolicy:RolePolicy";
const PROFILE = "aws:iam/instanceProfile:InstanceProfile";

const parsed = (value: unknown): Properties | undefined => {
  if (typeof value !== "string") return object(value);
  try {
    const document: unknown = JSON.parse(value);
    return typeof document === "object" && document !== null ? object(document) : undefined;
  } catch {
    return undefined;
  }
};

const statementProblem = (statement: Properties, kind: "identity" | "resource" | "trust"): string | undefined => {
  if (statement["Effect"] !== "Allow" && statement["Effect"] !== "Deny")
    return "give each statement the Effect Allow or Deny";
  if (statement["Action"] === undefined && statement["NotAction"] === undefined)
    return "give each statement an Action or NotAction";
  const principal = statement["Principal"] !== undefined || statement["NotPrincipal"] !== undefined;
  const resource = statement["Resource"] !== undefined || statement["NotResource"] !== undefined;
  if (kind === "identity") {
    if (principal) return "leave Principal out: a policy of a role has none";
    return resource ? undefined : "give each statement a Resource or NotResource";
  }
  if (kind === "trust" && resource) return "leave Resource out: a trust policy has none";
  return principal ? undefined : "give each statement a Principal";
};

/** MalformedPolicyDocument in the service; `maxLength` counts without white space, as the service does. */
export const policyDocument =
  (kind: "identity" | "resource" | "trust", maxLength: number): Check =>
  (value) => {
    const document = parsed(value);
    if (document === undefined) return "MalformedPolicyDocument: write a policy as JSON";
    const size = JSON.stringify(document).length;
    if (size > maxLength) return `LimitExceeded: write at most ${maxLength} characters, not ${size}`;
    if (!["2012-10-17", "2008-10-17", undefined].includes(document["Version"] as string | undefined))
      return "MalformedPolicyDocument: write Version 2012-10-17";
    const statements = (
      Array.isArray(document["Statement"]) ? list(document["Statement"]) : [document["Statement"]]
    ).map(object);
    const problem = statements.map((each) => statementProblem(each, kind)).find((each) => each !== undefined);
    return problem === undefined ? undefined : `MalformedPolicyDocument: ${problem}`;
  };

const name = (max: number): Check =>
  all(length(1, max), pattern(/^[\w+=,.@-]+$/, "write letters, digits and _+=,.@- only"));
const path = pattern(/^\/([!-~]+\/)?$/, "write a path that begins and ends with /");
const uniqueId = (ctx: Pick<Ctx, "hex">, prefix: string): string => `${prefix}${ctx.hex(17, prefix).toUpperCase()}`;
const pathed = (ctx: Ctx, property = "name"): string => `${input(ctx, "path") || "/"}${input(ctx, property)}`;
const created = "2026-11-01T00:00:00Z";

/** The role that an attachment names: by name, which is also its id. */
const ofRole = (ctx: Pick<Ctx, "all">, token: string, role: string) =>
  ctx.all(token).filter((each) => each.properties["role"] === role);

const roleInUse = (id: string, forced: boolean, ctx: Ctx): string | undefined => {
  if (ofRole(ctx, PROFILE, id).length > 0)
    return "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.";
  if (forced) return undefined;
  if (ofRole(ctx, ATTACHMENT, id).length > 0)
    return "DeleteConflict: Cannot delete entity, must detach all policies first.";
  return ofRole(ctx, INLINE, id).length > 0
    ? "DeleteConflict: Cannot delete entity, must delete policies first."
    : undefined;
};

const role = awsType({
  token: ROLE,
  source: upstream("iam/role.go"),
  scope: "global",
  id: (ctx) => input(ctx, "name"),
  key: (ctx) => input(ctx, "name").toLowerCase(),
  exists: "EntityAlreadyExists",
  autoName: { property: "name", maxLength: 64 },
  rules: [
    rule("name", name(64), `${API}API_CreateRole.html`),
    rule("path", path, `${API}API_CreateRole.html`),
    rule("description", length(0, 1000), `${API}API_CreateRole.html`),
    rule("maxSessionDuration", range(3600, 43_200), `${API}API_CreateRole.html`),
    rule("assumeRolePolicy", policyDocument("trust", 2048), QUOTAS),
    rule("managedPolicyArns", length(0, 10), QUOTAS),
    rule("inlinePolicies[].policy", policyDocument("identity", 10_240), QUOTAS),
  ],
  references: [
    refer("managedPolicyArns[]", POLICY, { except: /^arn:aws:iam::aws:policy\// }),
    refer("permissionsBoundary", POLICY, { except: /^arn:aws:iam::aws:policy\// }),
  ],
  replaces: ["name", "namePrefix", "path"],
  updates: [
    "assumeRolePolicy",
    "description",
    "forceDetachPolicies",
    "inlinePolicies",
    "managedPolicyArns",
    "maxSessionDuration",
    "permissionsBoundary",
  ],
  defaults: {
    inlinePolicies: [],
    managedPolicyArns: [],
    namePrefix: "",
    path: "/",
    maxSessionDuration: 3600,
    forceDetachPolicies: false,
  },
  outputs: (ctx) => ({
    arn: globalArn(ctx, "iam", `role${pathed(ctx)}`),
    createDate: kept(ctx, "createDate", () => created),
    uniqueId: uniqueId(ctx, "AROA"),
  }),
  refuseDelete: (thing, ctx) => roleInUse(thing.id, thing.properties["forceDetachPolicies"] === true, ctx),
});

const rolePolicyAttachment: ResourceType = {
  token: ATTACHMENT,
  source: upstream("iam/role_policy_attachment.go"),
  scope: "global",
  id: (ctx) => `${input(ctx, "role")}/${input(ctx, "policyArn")}`,
  rules: [rule("policyArn", arn("iam"), `${API}API_AttachRolePolicy.html`)],
  references: [
    refer("role", ROLE, { by: "name", holds: false }),
    refer("policyArn", POLICY, { holds: false, except: /^arn:aws:iam::aws:policy\// }),
  ],
  check: (ctx) => {
    const attached = ofRole(ctx, ATTACHMENT, input(ctx, "role")).filter(
      (each) => each.properties["policyArn"] !== ctx.inputs["policyArn"],
    );
    return ctx.old === undefined && attached.length >= 10
      ? { path: "role", reason: "LimitExceeded: a role takes at most 10 managed policies", source: QUOTAS }
      : undefined;
  },
  replaces: ["policyArn", "role"],
  deleteBeforeReplace: true,
};

const rolePolicy: ResourceType = {
  token: INLINE,
  source: upstream("iam/role_policy.go"),
  scope: "global",
  id: (ctx) => `${input(ctx, "role")}:${input(ctx, "name")}`,
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule("name", name(128), `${API}API_PutRolePolicy.html`),
    rule("policy", policyDocument("identity", 10_240), QUOTAS),
  ],
  references: [refer("role", ROLE, { by: "name", holds: false })],
  replaces: ["name", "namePrefix", "role"],
  updates: ["policy"],
  defaults: { namePrefix: "" },
};

const policy = awsType({
  token: POLICY,
  source: upstream("iam/policy.go"),
  scope: "global",
  id: (ctx) => globalArn(ctx, "iam", `policy${pathed(ctx)}`),
  key: (ctx) => input(ctx, "name").toLowerCase(),
  exists: "EntityAlreadyExists",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule("name", name(128), `${API}API_CreatePolicy.html`),
    rule("path", path, `${API}API_CreatePolicy.html`),
    rule("description", length(0, 1000), `${API}API_CreatePolicy.html`),
    rule("policy", policyDocument("identity", 6144), QUOTAS),
  ],
  replaces: ["description", "name", "namePrefix", "path"],
  updates: ["policy", "delayAfterPolicyCreationInMs"],
  defaults: { namePrefix: "", path: "/" },
  outputs: (ctx) => ({ arn: ctx.id, attachmentCount: 0, policyId: uniqueId(ctx, "ANPA") }),
  refuseDelete: (thing, ctx) =>
    ctx.all(ATTACHMENT).some((each) => each.properties["policyArn"] === thing.id)
      ? "DeleteConflict: Cannot delete a policy attached to entities."
      : undefined,
});

const openIdConnectProvider = awsType({
  token: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
  source: upstream("iam/openid_connect_provider.go"),
  scope: "global",
  id: (ctx) => globalArn(ctx, "iam", `oidc-provider/${input(ctx, "url").replace(/^https:\/\//, "")}`),
  key: (ctx) => input(ctx, "url").replace(/^https:\/\//, ""),
  exists: "EntityAlreadyExists",
  rules: [
    rule(
      "url",
      all(length(1, 255), pattern(/^https:\/\/[^?]+$/, "write an https:// URL with no query")),
      `${API}API_CreateOpenIDConnectProvider.html`,
    ),
    rule("clientIdLists[]", length(1, 255), `${API}API_CreateOpenIDConnectProvider.html`),
    rule(
      "thumbprintLists[]",
      pattern(/^[0-9a-fA-F]{40}$/, "write 40 hexadecimal digits"),
      `${API}API_CreateOpenIDConnectProvider.html`,
    ),
  ],
  replaces: ["url"],
  updates: ["clientIdLists", "thumbprintLists"],
  defaults: { thumbprintLists: (ctx: Created) => [ctx.hex(40, "thumbprint")] },
  outputs: (ctx) => ({ arn: ctx.id }),
});

const instanceProfile = awsType({
  token: PROFILE,
  source: upstream("iam/instance_profile.go"),
  scope: "global",
  id: (ctx) => input(ctx, "name"),
  key: (ctx) => input(ctx, "name").toLowerCase(),
  exists: "EntityAlreadyExists",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule("name", name(128), `${API}API_CreateInstanceProfile.html`),
    rule("path", path, `${API}API_CreateInstanceProfile.html`),
  ],
  references: [refer("role", ROLE, { by: "name", holds: false })],
  replaces: ["name", "namePrefix", "path"],
  updates: ["role"],
  defaults: { namePrefix: "", path: "/" },
  outputs: (ctx) => ({
    arn: globalArn(ctx, "iam", `instance-profile${pathed(ctx)}`),
    createDate: kept(ctx, "createDate", () => created),
    uniqueId: uniqueId(ctx, "AIPA"),
  }),
});

export const iam: readonly ResourceType[] = [
  role,
  rolePolicyAttachment,
  rolePolicy,
  policy,
  openIdConnectProvider,
  instanceProfile,
];
