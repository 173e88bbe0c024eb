import type { Step } from "../../scripts/rehearsal/engine/index.ts";

/**
 * A container cannot change its image or its variables: a new version of a service replaces the containers that run it,
 * one after the other, and only them. What keeps data has a volume.
 */
function isNewVersion({ op, type, replaceKeys, old }: Step): boolean {
  if (op === "delete") return false;
  if (type === "docker:index/remoteImage:RemoteImage") return true;
  // a workload's secret is a new object whenever it says something new: so its pods are rolled onto it
  if (type === "kubernetes:core/v1:Secret") return replaceKeys.every((key) => /^(data|stringData)\b/.test(key));
  if (type !== "docker:index/container:Container") return false;
  const volumes = old?.inputs["volumes"];
  const keepsNothing = !Array.isArray(volumes) || volumes.length === 0;
  return keepsNothing && replaceKeys.every((key) => key === "image" || key === "envs");
}

/** What a preview would replace or delete for good. */
export function lost(steps: readonly Step[]): string[] {
  const ends = steps.filter(({ op }) => ["delete", "replace"].includes(op));
  return [...new Set(ends.filter((step) => !isNewVersion(step)).map(({ urn }) => urn))].sort();
}
