import type { Properties } from "../../table.ts";
import { list, object, text, texts } from "./rules.ts";

/** One value stands by itself, several are a list from last to first: as upstream writes them. */
const oneOrMany = (values: readonly string[]): unknown =>
  values.length === 1 ? values[0] : [...values].sort().reverse();

const principals = (given: unknown): unknown => {
  const entries = list(given).map(object);
  if (entries.length === 0) return undefined;
  const everyone = entries.find((each) => each["type"] === "*" && texts(each["identifiers"]).includes("*"));
  if (everyone !== undefined) return "*";
  const merged = new Map<string, string[]>();
  for (const each of entries) {
    const type = text(each["type"]);
    merged.set(type, [...(merged.get(type) ?? []), ...texts(each["identifiers"])]);
  }
  return Object.fromEntries([...merged].map(([type, identifiers]) => [type, oneOrMany(identifiers)]));
};

const conditions = (given: unknown): unknown => {
  const entries = list(given).map(object);
  if (entries.length === 0) return undefined;
  const merged: Record<string, Record<string, unknown>> = {};
  for (const each of entries) {
    const test = (merged[text(each["test"])] ??= {});
    const values = texts(each["values"]);
    test[text(each["variable"])] = values.length === 1 ? values[0] : values;
  }
  return merged;
};

const some = (given: unknown): unknown => (list(given).length === 0 ? undefined : oneOrMany(texts(given)));

const statement = (given: Properties): Properties => ({
  ...(text(given["sid"]) === "" ? {} : { Sid: given["sid"] }),
  Effect: text(given["effect"]) || "Allow",
  Action: some(given["actions"]),
  NotAction: some(given["notActions"]),
  Resource: some(given["resources"]),
  NotResource: some(given["notResources"]),
  Principal: principals(given["principals"]),
  NotPrincipal: principals(given["notPrincipals"]),
  Condition: conditions(given["conditions"]),
});

const statementsOf = (json: string): readonly Properties[] => {
  const own = object(JSON.parse(json))["Statement"];
  return (Array.isArray(own) ? list(own) : [own]).map(object);
};

const sid = (each: Properties): string => text(each["Sid"]);

/** Statements of the same Sid are replaced where they stand; all others are added. */
const overridden = (below: readonly Properties[], above: readonly Properties[]): readonly Properties[] => [
  ...below.map((each) => (sid(each) === "" ? each : (above.find((other) => sid(other) === sid(each)) ?? each))),
  ...above.filter((other) => sid(other) === "" || !below.some((each) => sid(each) === sid(other))),
];

const documents = (one: unknown, several: unknown): readonly string[] =>
  [text(one), ...texts(several)].filter((each) => each !== "");

/** What `getPolicyDocument` answers, but for its id. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document */
export const policyJson = (args: Properties): Properties => {
  const sources = documents(args["sourceJson"], args["sourcePolicyDocuments"]).flatMap(statementsOf);
  const own = overridden(
    sources,
    list(args["statements"]).map((each) => statement(object(each))),
  );
  const all = documents(args["overrideJson"], args["overridePolicyDocuments"]).reduce(
    (below, each) => overridden(below, statementsOf(each)),
    own,
  );
  return {
    Version: text(args["version"]) || "2012-10-17",
    ...(text(args["policyId"]) === "" ? {} : { Id: args["policyId"] }),
    Statement: all,
  };
};
