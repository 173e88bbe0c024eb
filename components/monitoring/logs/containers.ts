import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { LoggedContainer } from "./filebeat.ts";

const PART = "groundwork.dev/part";
const SYSTEM = "groundwork.dev/system";

/**
 * Remembers every container that the program makes from here on, whichever component makes it, so that no component has
 * to know of logs. To be called before the first component; the answer lists those of one system that exist by then.
 */
export function watchContainers(): (system: string) => pulumi.Output<LoggedContainer[]> {
  const seen: docker.Container[] = [];
  pulumi.runtime.registerStackTransformation(({ resource }) => {
    if (docker.Container.isInstance(resource)) seen.push(resource);
    return undefined;
  });
  return (system) => pulumi.all(seen.map(described)).apply((all) => all.filter((each) => each.system === system));
}

function described(container: docker.Container): pulumi.Output<LoggedContainer & { readonly system: string }> {
  return pulumi.all([container.name, container.id, container.labels]).apply(([name, id, labels]) => {
    const label = (wanted: string) => (labels ?? []).find(({ label: found }) => found === wanted)?.value ?? "";
    return { name, id, part: label(PART), system: label(SYSTEM) };
  });
}
