import type { Check, Created, ResourceType } from "../../table.ts";
import { all, arn, arnOf, awsType, input, length, object, oneOf, pattern, refer, rule, upstream } from "./rules.ts";

const API = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/";
const PATTERNS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html";
const RULE = "aws:cloudwatch/eventRule:EventRule";

/** Each field of a pattern is a list of what it may be, or an object of such fields. */
const isPattern = (value: unknown): boolean =>
  Array.isArray(value) || (Object.keys(object(value)).length > 0 && Object.values(object(value)).every(isPattern));

const eventPattern: Check = (value) => {
  if (value === "") return undefined;
  try {
    const parsed: unknown = JSON.parse(String(value));
    return !Array.isArray(parsed) && isPattern(parsed)
      ? undefined
      : 'InvalidEventPatternException: write fields with lists of values, e.g. {"source":["aws.ec2"]}';
  } catch {
    return "InvalidEventPatternException: write a pattern as JSON";
  }
};

const busOf = (bus: string): string => (bus === "" || bus === "default" ? "" : `${bus}/`);

const eventRule = awsType({
  token: RULE,
  source: upstream("events/rule.go"),
  id: (ctx) => `${busOf(input(ctx, "eventBusName"))}${input(ctx, "name")}`,
  key: (ctx) => `${busOf(input(ctx, "eventBusName"))}${input(ctx, "name")}`,
  exists: "ResourceAlreadyExistsException",
  autoName: { property: "name", maxLength: 64 },
  rules: [
    rule(
      "name",
      all(length(1, 64), pattern(/^[.\-_A-Za-z0-9]+$/, "write letters, digits and .-_ only")),
      `${API}API_PutRule.html`,
    ),
    rule("description", length(0, 512), `${API}API_PutRule.html`),
    rule("eventPattern", all(length(0, 4096), eventPattern), PATTERNS),
    rule(
      "scheduleExpression",
      pattern(/^((cron|rate)\(.+\))?$/, "write rate(5 minutes) or cron(0 20 * * ? *)"),
      `${API}API_PutRule.html`,
    ),
    rule(
      "state",
      oneOf("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
      `${API}API_PutRule.html`,
    ),
    rule("roleArn", arn("iam"), `${API}API_PutRule.html`),
  ],
  check: (ctx) =>
    input(ctx, "eventPattern") === "" && input(ctx, "scheduleExpression") === ""
      ? { path: "eventPattern", reason: "write eventPattern or scheduleExpression", source: `${API}API_PutRule.html` }
      : undefined,
  replaces: ["eventBusName", "name", "namePrefix"],
  updates: ["description", "eventPattern", "forceDestroy", "isEnabled", "roleArn", "scheduleExpression", "state"],
  defaults: {
    eventBusName: "default",
    forceDestroy: false,
    namePrefix: "",
    state: (ctx: Created) => (ctx.inputs["isEnabled"] === false ? "DISABLED" : "ENABLED"),
  },
  outputs: (ctx) => ({ arn: arnOf(ctx, "events", `rule/${ctx.id}`) }),
  refuseDelete: (thing, ctx) =>
    ctx.all(TARGET).some((each) => each.properties["rule"] === thing.properties["name"])
      ? "ValidationException: Rule can't be deleted since it has targets."
      : undefined,
});

const TARGET = "aws:cloudwatch/eventTarget:EventTarget";

const eventTarget = awsType({
  token: TARGET,
  source: upstream("events/target.go"),
  id: (ctx) => `${busOf(input(ctx, "eventBusName"))}${input(ctx, "rule")}-${input(ctx, "targetId")}`,
  key: (ctx) => `${busOf(input(ctx, "eventBusName"))}${input(ctx, "rule")}-${input(ctx, "targetId")}`,
  exists: "the rule has a target of this id",
  autoName: { property: "targetId", maxLength: 64 },
  rules: [
    rule(
      "targetId",
      all(length(1, 64), pattern(/^[.\-_A-Za-z0-9]+$/, "write letters, digits and .-_ only")),
      `${API}API_Target.html`,
    ),
    rule("arn", arn(), `${API}API_Target.html`),
    rule("roleArn", arn("iam"), `${API}API_Target.html`),
  ],
  references: [
    refer("rule", RULE, { by: "name", holds: false }),
    refer("arn", "aws:sqs/queue:Queue", { by: "arn", holds: false, except: /^arn:aws[a-z-]*:(?!sqs:)/ }),
  ],
  check: (ctx) => {
    const given = ["input", "inputPath", "inputTransformer"].filter((property) => ctx.inputs[property] !== undefined);
    return given.length > 1
      ? { path: given[1] ?? "", reason: `write one of ${given.join(" and ")}`, source: `${API}API_Target.html` }
      : undefined;
  },
  replaces: ["eventBusName", "rule", "targetId"],
  updates: [
    "appsyncTarget",
    "arn",
    "batchTarget",
    "deadLetterConfig",
    "ecsTarget",
    "forceDestroy",
    "httpTarget",
    "input",
    "inputPath",
    "inputTransformer",
    "kinesisTarget",
    "redshiftTarget",
    "retryPolicy",
    "roleArn",
    "runCommandTargets",
    "sagemakerPipelineTarget",
    "sqsTarget",
  ],
  defaults: { eventBusName: "default", forceDestroy: false },
});

export const events: readonly ResourceType[] = [eventRule, eventTarget];
