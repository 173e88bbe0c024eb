import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

/** An image that the engine pulls, unless it has it already. It stays when the environment goes: others may use it. */
export function engineImage(
  name: string,
  reference: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): docker.RemoteImage {
  return new docker.RemoteImage(name, { name: reference, keepLocally: true }, opts);
}
