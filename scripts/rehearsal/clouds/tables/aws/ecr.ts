import type { Check, Ctx, ResourceType } from "../../table.ts";
import { policyDocument } from "./iam.ts";
import {
  all,
  arnOf,
  awsType,
  input,
  length,
  list,
  number,
  object,
  oneOf,
  pattern,
  refer,
  regionOf,
  rule,
  text,
  texts,
  upstream,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/";
const LIFECYCLE = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html";
export const REPOSITORY = "aws:ecr/repository:Repository";

const IMAGE = "docker-build:index:Image";

export const registry = (ctx: Pick<Ctx, "account" | "region" | "provider">): string =>
  `${ctx.account}.dkr.ecr.${regionOf(ctx)}.amazonaws.com`;

/** Whether an image that was built here was pushed there. */
const holdsImages = (ctx: Ctx, url: string): boolean =>
  ctx
    .all(IMAGE, "*")
    .some(({ inputs }) => inputs["push"] === true && texts(inputs["tags"]).some((tag) => tag.startsWith(`${url}:`)));

const repository = awsType({
  token: REPOSITORY,
  source: upstream("ecr/repository.go"),
  id: (ctx) => input(ctx, "name"),
  key: (ctx) => input(ctx, "name"),
  exists: "RepositoryAlreadyExistsException",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule(
      "name",
      all(
        length(2, 256),
        pattern(
          /^[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/,
          "write lower-case letters and digits, joined by ., _, - or /",
        ),
      ),
      `${API}API_CreateRepository.html`,
    ),
    rule(
      "imageTagMutability",
      oneOf("MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"),
      `${API}API_CreateRepository.html`,
    ),
    rule(
      "encryptionConfigurations[].encryptionType",
      oneOf("AES256", "KMS", "KMS_DSSE"),
      `${API}API_EncryptionConfiguration.html`,
    ),
  ],
  references: [refer("encryptionConfigurations[].kmsKey", "aws:kms/key:Key", { by: "arn", holds: false })],
  replaces: ["encryptionConfigurations", "name"],
  updates: ["forceDelete", "imageScanningConfiguration", "imageTagMutability", "imageTagMutabilityExclusionFilters"],
  defaults: { imageTagMutability: "MUTABLE", forceDelete: false },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "ecr", `repository/${ctx.id}`),
    registryId: ctx.account,
    repositoryUrl: `${registry(ctx)}/${ctx.id}`,
  }),
  refuseDelete: (thing, ctx) =>
    thing.properties["forceDelete"] !== true && holdsImages(ctx, text(thing.properties["repositoryUrl"]))
      ? `RepositoryNotEmptyException: The repository with name '${thing.id}' in registry with id '${ctx.account}' cannot be deleted because it still contains images`
      : undefined,
});

const ruleProblem = (each: Readonly<Record<string, unknown>>): string | undefined => {
  const selection = object(each["selection"]);
  if (number(each["rulePriority"]) === undefined) return "give each rule a rulePriority";
  if (!["tagged", "untagged", "any"].includes(text(selection["tagStatus"])))
    return "write the tagStatus tagged, untagged or any";
  if (
    selection["tagStatus"] === "tagged" &&
    selection["tagPrefixList"] === undefined &&
    selection["tagPatternList"] === undefined
  )
    return "give a rule for tagged images a tagPrefixList or tagPatternList";
  const kind = text(selection["countType"]);
  if (!["imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"].includes(kind))
    return "write the countType imageCountMoreThan or sinceImagePushed";
  if (kind !== "imageCountMoreThan" && selection["countUnit"] !== "days")
    return `write the countUnit days with ${kind}`;
  if ((number(selection["countNumber"]) ?? 0) < 1) return "write a countNumber of at least 1";
  return ["expire", "transition"].includes(text(object(each["action"])["type"]))
    ? undefined
    : "write the action type expire";
};

const lifecycle: Check = (value) => {
  let document: unknown = value;
  try {
    if (typeof value === "string") document = JSON.parse(value);
  } catch {
    return "InvalidParameterException: write a lifecycle policy as JSON";
  }
  const rules = list(object(document)["rules"]).map(object);
  if (rules.length < 1 || rules.length > 50)
    return `InvalidParameterException: write 1 to 50 rules, not ${rules.length}`;
  const priorities = rules.map((each) => each["rulePriority"]);
  if (new Set(priorities).size < priorities.length)
    return "InvalidParameterException: give each rule a rulePriority of its own";
  const problem = rules.map(ruleProblem).find((each) => each !== undefined);
  return problem === undefined ? undefined : `InvalidParameterException: ${problem}`;
};

const lifecyclePolicy = awsType({
  token: "aws:ecr/lifecyclePolicy:LifecyclePolicy",
  source: upstream("ecr/lifecycle_policy.go"),
  id: (ctx) => input(ctx, "repository"),
  rules: [rule("policy", lifecycle, LIFECYCLE)],
  references: [refer("repository", REPOSITORY, { by: "name", holds: false })],
  replaces: ["policy", "repository"],
  deleteBeforeReplace: true,
  outputs: (ctx) => ({ registryId: ctx.account }),
});

const repositoryPolicy = awsType({
  token: "aws:ecr/repositoryPolicy:RepositoryPolicy",
  source: upstream("ecr/repository_policy.go"),
  id: (ctx) => input(ctx, "repository"),
  rules: [
    rule(
      "policy",
      policyDocument("trust", 10_240),
      "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html",
    ),
  ],
  references: [refer("repository", REPOSITORY, { by: "name", holds: false })],
  replaces: ["repository"],
  updates: ["policy"],
  outputs: (ctx) => ({ registryId: ctx.account }),
});

export const ecr: readonly ResourceType[] = [repository, lifecyclePolicy, repositoryPolicy];
