import type { Plain } from "../framework/known.ts";

/** A condition of a statement; keys in lower case, as IAM compares them. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** One statement of an IAM or resource policy. */
export interface Statement {
  readonly sid: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  /** `*` where it is all but some. */
  readonly resources: readonly string[];
  /** Every principal of every kind; `*` where it is anyone. */
  readonly principals: readonly string[];
  /** Everybody but some. */
  readonly notPrincipal: boolean;
  readonly conditions: readonly Condition[];
}

/** The statements of a policy document, written as JSON text or as an object; none where it is neither. */
export function statementsOf(document: unknown): readonly Statement[] {
  const parsed = typeof document === "string" ? parse(document) : document;
  return list(isPlain(parsed) ? parsed["Statement"] : undefined).flatMap((statement, index) =>
    isPlain(statement) ? [toStatement(statement, index)] : [],
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // not a policy at all, which the provider says better
    return undefined;
  }
}

function toStatement(statement: Plain, index: number): Statement {
  const sid = statement["Sid"];
  return {
    sid: typeof sid === "string" && sid !== "" ? sid : `statement ${index + 1}`,
    effect: typeof statement["Effect"] === "string" ? statement["Effect"] : "",
    actions: texts(statement["Action"]).map((action) => action.toLowerCase()),
    notActions: texts(statement["NotAction"]).map((action) => action.toLowerCase()),
    resources: statement["NotResource"] === undefined ? texts(statement["Resource"]) : ["*"],
    principals: principalsOf(statement["Principal"]),
    notPrincipal: statement["NotPrincipal"] !== undefined,
    conditions: conditionsOf(statement["Condition"]),
  };
}

function principalsOf(principal: unknown): string[] {
  return isPlain(principal) ? Object.values(principal).flatMap(texts) : texts(principal);
}

function conditionsOf(condition: unknown): Condition[] {
  return entries(condition).flatMap(([operator, keys]) =>
    entries(keys).map(([key, value]) => ({
      operator,
      key: key.toLowerCase(),
      values: list(value)
        .filter((each) => each !== undefined)
        .map(String),
    })),
  );
}

/**
 * What narrows a statement for everyone down to some, as S3 judges it: a fixed value of one of these.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
const NARROWING: ReadonlySet<string> = new Set([
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principalorgid",
  "aws:principalorgpaths",
  "aws:sourceaccount",
  "aws:sourcearn",
  "aws:sourceip",
  "aws:sourceorgid",
  "aws:sourceorgpaths",
  "aws:sourceowner",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:userid",
  "aws:vpcsourceip",
  "kms:calleraccount",
  "s3:dataaccesspointaccount",
  "s3:dataaccesspointarn",
]);

/** Operators that ask for a value; those with `IfExists` let whoever sends none pass, and negated ones everyone else. */
const ASKING = /^(ForAnyValue:)?(StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike|IpAddress)$/;

const ADDRESSES: ReadonlySet<string> = new Set(["aws:sourceip", "aws:vpcsourceip"]);
const PATHS: ReadonlySet<string> = new Set(["aws:principalorgpaths", "aws:sourceorgpaths"]);

/** The value stands for few: no wildcard where it says whose, and no network as wide as the page above calls public. */
function isFixed(key: string, value: string): boolean {
  if (ADDRESSES.has(key)) return isNarrowNetwork(value);
  if (!/[*?]/.test(value)) return true;
  if (key.endsWith("arn")) return isArnOfOne(value);
  // of a path the organization is what counts, of a role's sessions the role
  if (PATHS.has(key)) return /^[^/*?]+\//.test(value);
  return key === "aws:userid" && /^[^:*?]+:/.test(value);
}

/** The account is written out, or the bucket, whose name is its own in the world and whose ARN has no account. */
function isArnOfOne(arn: string): boolean {
  const [, , service = "", , account = "", name = ""] = arn.split(":");
  if (service === "s3" && account === "*") return /^[^/*?]+$/.test(name);
  return service === "s3" && account === "" ? /^[^/*?]+(?:\/|$)/.test(name) : /^[^*?]+$/.test(account);
}

/** Its addresses are at most the 2^24 of IPv4 or 2^96 of IPv6 that S3 does not call public. */
function isNarrowNetwork(value: string): boolean {
  const match = /^([0-9a-fA-F.:]+)(?:\/(\d+))?$/.exec(value.trim());
  if (!match) return false;
  const [, address = "", prefix] = match;
  return prefix === undefined || Number(prefix) >= (address.includes(":") ? 32 : 8);
}

/** The statement lets anyone in the world in. */
export function isPublic({ effect, principals, notPrincipal, conditions }: Statement): boolean {
  if (effect !== "Allow" || !(notPrincipal || principals.includes("*"))) return false;
  return !conditions.some(
    ({ operator, key, values }) =>
      NARROWING.has(key) && ASKING.test(operator) && values.every((value) => isFixed(key, value)),
  );
}

/** The statement is about an action, e.g. `kms:decrypt`; wildcards as IAM reads them. */
export function covers({ actions, notActions }: Statement, action: string): boolean {
  if (notActions.length > 0) return !notActions.some((pattern) => matches(pattern, action));
  return actions.some((pattern) => matches(pattern, action));
}

function matches(pattern: string, action: string): boolean {
  if (!pattern.includes("*") && !pattern.includes("?")) return pattern === action;
  const literal = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(action);
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function entries(value: unknown): [string, unknown][] {
  return isPlain(value) ? Object.entries(value) : [];
}

function list(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? (value as unknown[]) : [value];
}

function texts(value: unknown): string[] {
  return list(value).filter((text) => typeof text === "string");
}
