import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { CloudConfig } from "../../stacks/config/types.ts";
import { chooseAddons } from "../../components/cluster/addons/choose.ts";
import type { AddonToggles } from "../../components/cluster/addons/choose.ts";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import { neededAddons } from "../../stacks/systems/addons.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { inCloud } from "../../stacks/systems/scale.ts";
import { registered } from "../helpers/mocks.ts";
import type { Registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS, prod, west } from "./cloud-fixture.ts";

export const systems = Object.values(SYSTEMS).map(inCloud);

export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}
export interface Dashboard {
  readonly uid: string;
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}
interface KubernetesObject {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: object };
}

/** All five systems in both regions, with what a stack says of monitoring. */
export function deployed(
  config: Partial<CloudConfig> = {},
  toggles: AddonToggles = {},
  secrets: Readonly<Record<string, string>> = {},
): Promise<readonly Registered[]> {
  const settings = Object.entries(secrets).map(([key, value]) => [`groundwork:${key}`, value]);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(settings) as Record<string, string>,
    settings.map(([key = ""]) => key),
  );
  const all = config.systems ?? systems;
  const needs = { backups: true, gateway: true, kong: false, mesh: false, traces: config.traces === true };
  const addons = chooseAddons(toggles, neededAddons(all, needs));
  return registered(() => cloudEnvironment({ ...prod, ...config, systems: all, addons }), CLOUD_OUTPUTS);
}

/** What one cluster is given, by kind. */
export function cluster(resources: readonly Registered[], region = west.name) {
  const objects = <T>(kind: string): (KubernetesObject & T)[] =>
    resources
      .filter(
        ({ type, provider }) =>
          type.endsWith(kind.includes("/") ? kind : `:${kind}`) && provider?.includes(region) === true,
      )
      .map(({ inputs }) => inputs as unknown as KubernetesObject & T);
  const rules = (namespace: string): readonly RuleGroup[] => {
    const found = objects<{ spec: { groups: RuleGroup[] } }>("PrometheusRule").filter(
      ({ metadata }) => metadata.namespace === namespace,
    );
    assert.equal(found.length, 1, `rules of ${namespace}`);
    return found[0]?.spec.groups ?? [];
  };
  const dashboards = (namespace: string): readonly Dashboard[] =>
    objects<{ data: Record<string, string> }>("ConfigMap")
      .filter(({ metadata }) => metadata.namespace === namespace && metadata.name.startsWith("dashboard-"))
      .map(({ metadata, data }) => {
        assert.deepEqual(metadata.labels, { grafana_dashboard: "1" });
        return JSON.parse(Object.values(data)[0] ?? "{}") as Dashboard;
      });
  return { objects, rules, dashboards };
}

export const alertsOf = (groups: readonly RuleGroup[]): string[] =>
  groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
export const recordsOf = (groups: readonly RuleGroup[]): string[] =>
  groups.flatMap(({ rules }) => rules.flatMap(({ record }) => record ?? []));
