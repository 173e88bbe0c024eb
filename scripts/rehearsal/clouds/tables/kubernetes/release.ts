import { expandRelease, chartNamed } from "@groundwork/lib/expanders/releases";
import { isUnexpanded, RELEASE } from "@groundwork/lib/expanders/expand";
import { choices } from "@groundwork/lib/suggest";
import { ifKnown } from "../../values.ts";
import type { Created, Ctx, Properties, ResourceType } from "../../table.ts";
import { between, isUnknown, matches, plain, text } from "../values.ts";
import type { Failure, SourcedFailure } from "../values.ts";
import { INITIAL_NAMESPACES, nameOf, NAMESPACE } from "./cluster.ts";
import { chartOf } from "./custom.ts";
import { checkHiddenPods } from "./quota.ts";

/** Every chart takes it. https://helm.sh/docs/chart_template_guide/subcharts_and_globals/ */
const GLOBAL = "global";

const HELM = "https://helm.sh/docs";
const SOURCE = "https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/";

const namespaceOf = ({ inputs, provider }: Pick<Ctx, "inputs" | "provider">): string =>
  text(inputs.namespace) || text(provider.namespace) || "default";

const idOf = (ctx: Ctx): string => `${namespaceOf(ctx)}/${text(ctx.inputs.name) || ctx.name}`;

/** A chart that nobody described, and values that its chart does not document: Helm takes both without a word. */
function validateRelease(inputs: Properties): readonly Failure[] {
  if (isUnknown(inputs.chart)) return [];
  const expansion = expandRelease(inputs);
  if (isUnexpanded(expansion)) return [{ path: "chart", reason: expansion.unknown }];
  const chart = chartNamed(text(inputs.chart));
  if (chart === undefined || isUnknown(inputs.values)) return [];
  const unknown = Object.keys(plain(inputs.values)).filter((key) => key !== GLOBAL && !chart.keys.includes(key));
  return [
    ...unknown.map((key) => ({
      path: `values.${key}`,
      reason: `chart ${chart.name} ${chart.version} documents no such value (${chart.source}); ${choices(key, chart.keys)}`,
    })),
    ...repositoryFailures(inputs),
  ];
}

/** https://helm.sh/docs/topics/registries/ */
function repositoryFailures(inputs: Properties): readonly Failure[] {
  const isOci = text(inputs.chart).startsWith("oci://");
  const repository = plain(inputs.repositoryOpts).repo;
  if (isOci && repository !== undefined)
    return [{ path: "repositoryOpts.repo", reason: "leave it out: an oci:// chart names its registry itself" }];
  return typeof repository === "string" && !isUnknown(repository) && !/^https:\/\//.test(repository)
    ? [{ path: "repositoryOpts.repo", reason: "write the repository's address with https://" }]
    : [];
}

function namespaceMissing(ctx: Ctx): SourcedFailure | undefined {
  const namespace = namespaceOf(ctx);
  const exists =
    ctx.inputs.createNamespace === true ||
    INITIAL_NAMESPACES.includes(namespace) ||
    ctx.all(NAMESPACE).some((thing) => thing.id === namespace || nameOf(thing.inputs) === namespace);
  return exists
    ? undefined
    : {
        path: "namespace",
        reason: `create: failed to create: namespaces "${namespace}" not found; make the namespace first, or set createNamespace`,
        source: `${HELM}/helm/helm_install/`,
      };
}

/** What `helm status` says of a release that was installed or upgraded. */
function statusOf(ctx: Created): Properties {
  const before = plain(ctx.old?.properties.status).revision;
  return {
    name: text(ctx.inputs.name) || ctx.name,
    namespace: namespaceOf(ctx),
    chart: chartOf(ctx.inputs),
    version: text(ctx.inputs.version),
    appVersion: text(ctx.inputs.version),
    revision: typeof before === "number" ? before + 1 : 1,
    status: "deployed",
  };
}

export const release: ResourceType = {
  token: RELEASE,
  source: SOURCE,
  id: idOf,
  key: idOf,
  exists: "cannot re-use a name that is still in use",
  autoName: { property: "name", maxLength: 53, digits: 8 },
  rules: [
    // https://github.com/helm/helm/blob/main/pkg/chartutil/validate_name.go
    matches(
      "name",
      /^(?=.{1,53}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
      "write at most 53 lower-case letters, digits, - and . that begin and end with a letter or digit",
      `${HELM}/chart_best_practices/conventions/`,
    ),
    matches(
      "version",
      /^v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/,
      "write an exact version such as 1.14.0: a range would take what is newest on the day",
      `${HELM}/topics/charts/#charts-and-versioning`,
    ),
    between("timeout", 1, 3600, `${HELM}/helm/helm_install/`),
  ],
  offline: validateRelease,
  check: (ctx) => ifKnown(() => namespaceMissing(ctx)) ?? ifKnown(() => checkHiddenPods(ctx, RELEASE)),
  // https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/helm_release.go
  replaces: ["name", "namespace"],
  updates: [
    ...["allowNullValues", "atomic", "chart", "cleanupOnFail", "createNamespace", "dependencyUpdate", "description"],
    ...["devel", "disableCRDHooks", "disableOpenapiValidation", "disableWebhooks", "forceUpdate", "keyring", "lint"],
    ...["manifest", "maxHistory", "postrender", "recreatePods", "renderSubchartNotes", "replace", "repositoryOpts"],
    ...["resetValues", "resourceNames", "reuseValues", "skipAwait", "skipCrds", "takeOwnership", "timeout"],
    ...["valueYamlFiles", "values", "verify", "version", "waitForJobs"],
  ],
  deleteBeforeReplace: true,
  outputs: (ctx) => ({ namespace: namespaceOf(ctx), status: statusOf(ctx), resourceNames: {} }),
};
