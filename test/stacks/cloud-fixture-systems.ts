import assert from "node:assert/strict";
import { chooseAddons } from "../../components/cluster/addons/choose.ts";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import { neededAddons } from "../../stacks/systems/addons.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { inCloud } from "../../stacks/systems/scale.ts";
import type { System } from "../../stacks/systems/system.ts";
import { registered } from "../helpers/mocks.ts";
import type { Registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS, prod, west } from "./cloud-fixture.ts";

export interface KubernetesObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: Record<string, unknown>;
}

/** All five systems as they are made in the primary region. */
export interface Region {
  readonly systems: readonly System[];
  readonly resources: readonly Registered[];
  /** Of the region's cluster, by kind. */
  readonly objects: (kind: string) => readonly KubernetesObject[];
  readonly named: (kind: string, namespace: string, name: string) => KubernetesObject;
}

const NEEDS = { backups: true, gateway: true, kong: true, mesh: true };
const WEB = ["web-platform"];

export async function inRegion(): Promise<Region> {
  const systems = Object.values(SYSTEMS).map(inCloud);
  const config = {
    ...prod,
    systems,
    gateway: { ...prod.gateway, kong: WEB },
    mesh: { systems: WEB },
    addons: chooseAddons({}, neededAddons(systems, NEEDS)),
  };
  const resources = await registered(() => cloudEnvironment(config), CLOUD_OUTPUTS);
  const objects = (kind: string) =>
    resources
      .filter(({ type, provider }) => type.endsWith(`:${kind}`) && provider?.includes(west.name) === true)
      .map(({ inputs }) => inputs as unknown as KubernetesObject);
  const named = (kind: string, namespace: string, name: string): KubernetesObject => {
    const found = objects(kind).find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    return found ?? assert.fail(`no ${kind} ${namespace}/${name}`);
  };
  return { systems, resources, objects, named };
}
