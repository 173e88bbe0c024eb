import { CUSTOM_KINDS, customKind } from "@groundwork/lib/crds";
import { expand, isCustomGroup, isUnexpanded, RELEASE } from "@groundwork/lib/expanders/expand";
import { choices } from "@groundwork/lib/suggest";
import type { Ctx, Properties } from "../../table.ts";
import { ifKnown } from "../../values.ts";
import { plain, text } from "../values.ts";
import type { Failure, SourcedFailure } from "../values.ts";
import { nameOf } from "./cluster.ts";
import { namespaceExists } from "./live.ts";
import { checkHiddenPods } from "./quota.ts";
import { kindOf } from "./token.ts";
import type { Kind } from "./token.ts";

const DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
const SOURCE = "https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/";

export function isCustom({ group }: Kind): boolean {
  return isCustomGroup(group);
}

/** A release's chart by its name alone: `oci://public.ecr.aws/karpenter/karpenter` is `karpenter`. */
export function chartOf(inputs: Properties): string {
  return text(inputs["chart"]).split("/").at(-1) ?? "";
}

/** What no table knows: a kind, its version, or the pods that it makes. */
export function unknownKind(token: string): Failure | undefined {
  const own = kindOf(token);
  if (own === undefined || !isCustom(own)) return undefined;
  const { group, version, kind } = own;
  if (customKind(`${group}/${version}`, kind) === undefined)
    return { path: "kind", reason: `no matches for kind "${kind}" in version "${group}/${version}": ${instead(own)}` };
  const expansion = expand(token, {});
  return expansion !== undefined && isUnexpanded(expansion) ? { path: "kind", reason: expansion.unknown } : undefined;
}

function instead({ group, kind }: Kind): string {
  const inGroup = CUSTOM_KINDS.filter((each) => each.group === group);
  const same = inGroup.find((each) => each.kind === kind);
  if (same !== undefined) return `write apiVersion ${group}/${same.version}`;
  if (inGroup.length > 0) return choices(kind, [...new Set(inGroup.map((each) => each.kind))]);
  return "add it to lib/crds.ts with the add-on that declares it";
}

/** Why the API server would not know the kind, where only these charts are released in the cluster. */
export function missingAddon(token: string, charts: ReadonlySet<string>): string | undefined {
  const own = kindOf(token);
  const known = own && customKind(`${own.group}/${own.version}`, own.kind);
  if (known === undefined || charts.has(known.chart)) return undefined;
  const { group, version, kind, addon, chart } = known;
  return `no matches for kind "${kind}" in version "${group}/${version}": install the add-on ${addon} (chart ${chart}) in this cluster`;
}

/** The API server knows a kind only once a release, or a definition of the program's own, has declared it. */
function checkDeclared(ctx: Ctx, token: string): SourcedFailure | undefined {
  const releases = ctx.all(RELEASE).filter(({ inputs }) => inputs["skipCrds"] !== true);
  const reason = missingAddon(token, new Set(releases.map(({ inputs }) => chartOf(inputs))));
  return reason === undefined || isDefined(ctx, token) ? undefined : { path: "kind", reason, source: SOURCE };
}

function isDefined(ctx: Ctx, token: string): boolean {
  const own = kindOf(token);
  return ctx.all(DEFINITION).some(({ inputs }) => {
    const spec = plain(inputs["spec"]);
    const isNamed = nameOf(inputs).endsWith(`.${own?.group}`);
    return isNamed && plain(spec["names"])["kind"] === own?.kind;
  });
}

/** What depends on the rest of the cluster; each check by itself, as another may know more. */
export function checkCustom(ctx: Ctx, token: string): SourcedFailure | undefined {
  for (const check of [namespaceExists, checkDeclared, checkHiddenPods]) {
    const failure = ifKnown(() => check(ctx, token));
    if (failure) return failure;
  }
  return undefined;
}
