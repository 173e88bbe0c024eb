import type { Cloud } from "./cloud.ts";
import { differences } from "./diff.ts";
import { formatPath } from "./paths.ts";
import { readConfiguration, serverOf, textOf } from "./places.ts";
import { PROVIDERS } from "./schema.ts";
import { type CheckFailure, validate } from "./validate.ts";
import { type TreeObject, holdsUnknown, ifKnown, isList, toProperties, unwrap } from "./values.ts";

/** What the engine itself puts among a provider's inputs. */
const PROTOCOL = new Set(["version", "pluginDownloadURL", "parameterization"]);

/** A provider's configuration as plain properties, from the texts that it travels as. */
export function configurationOf(cloud: Cloud, packageName: string, args: TreeObject): TreeObject {
  const given = Object.fromEntries(Object.entries(args).filter(([name]) => !PROTOCOL.has(name)));
  return readConfiguration(given, cloud.schemas.resource(PROVIDERS + packageName));
}

export function checkConfiguration(cloud: Cloud, packageName: string, args: TreeObject): CheckFailure[] {
  const schema = cloud.schemas.resource(PROVIDERS + packageName);
  if (schema === undefined) return [];
  const config = configurationOf(cloud, packageName, args);
  const failures = validate(config, schema, `the ${packageName} provider`);
  if (packageName === "aws") failures.push(...checkAws(config, cloud.account));
  return failures;
}

function checkAws(config: TreeObject, account: string): CheckFailure[] {
  const failures: CheckFailure[] = [];
  if (textOf(config, "region") === "") {
    const reason = 'the aws provider has no "region": set it, e.g. "us-west-2", or pass a provider that has one';
    failures.push({ path: "region", reason });
  }
  const allowed = unwrap(config["allowedAccountIds"]);
  if (isList(allowed) && !holdsUnknown(allowed) && !allowed.map(unwrap).includes(account)) {
    const reason = `"allowedAccountIds" leaves out ${account}, the account that this is rehearsed in: add it or correct the account`;
    failures.push({ path: "allowedAccountIds", reason });
  }
  return failures;
}

export interface ConfigurationDifference {
  readonly changed: readonly string[];
  readonly replaces: readonly string[];
}

/**
 * Another cluster means other objects, so all of them are replaced:
 * https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go, DiffConfig.
 * The other providers' resources notice by themselves (AWS by their `region`).
 */
export function diffConfiguration(
  cloud: Cloud,
  packageName: string,
  olds: TreeObject,
  news: TreeObject,
): ConfigurationDifference {
  const before = configurationOf(cloud, packageName, olds);
  const after = configurationOf(cloud, packageName, news);
  const changed = [...new Set(differences(before, after).map(({ path }) => formatPath(path.slice(0, 1))))];
  const moved =
    packageName === "kubernetes" &&
    changed.length > 0 &&
    ifKnown(() => serverOf(toProperties(before)) !== serverOf(toProperties(after))) === true;
  return { changed, replaces: moved ? changed : [] };
}
