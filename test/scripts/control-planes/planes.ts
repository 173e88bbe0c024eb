import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Binaries,
  ControlPlane,
  type Region,
  ensureBinaries,
} from "../../../scripts/rehearsal/control-planes/index.ts";
import type { WantedNode } from "../../../scripts/rehearsal/control-planes/nodes.ts";
import { Region as OpenRegion } from "../../../scripts/rehearsal/control-planes/region.ts";
import { ensureHome } from "../../../scripts/rehearsal/home.ts";

/** Built by `scripts/setup.ts` before the tests start. */
export function binaries(): Promise<Binaries> {
  return ensureBinaries({ cacheDir: join(ensureHome(), "cache"), progress: () => undefined });
}

/** A region with nodes of a type in two zones, and a metrics server. */
export async function openRegion(folder: string, nodes: number, instanceType = "m7i.xlarge"): Promise<Region> {
  const name = "us-west-2";
  const region = new OpenRegion(name, new ControlPlane({ name, folder, binaries: await binaries() }));
  const zones = [`${name}a`, `${name}b`];
  region.follow({
    nodes: Array.from({ length: nodes }, (_, index): WantedNode => {
      const zone = zones[index % 2] ?? "";
      const owner = { kind: "node group", name: "nodes" } as const;
      return { name: `node-${index}`, owner, instanceType, zone, region: name, labels: {}, taints: [] };
    }),
    zones,
    hasMetrics: true,
    hasGpus: true,
    hasKeda: true,
    addons: new Map(),
  });
  await region.settled();
  return region;
}

type Plain = Readonly<Record<string, unknown>>;

/** A pod that Pod Security `restricted` takes. */
export function podSpec(requests: Plain = { cpu: "100m", memory: "64Mi" }, limits: Plain = requests): Plain {
  return {
    securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "app",
        image: "registry.k8s.io/pause:3.10",
        resources: { requests, limits },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  };
}

export const object = (apiVersion: string, kind: string, namespace: string, name: string, rest: Plain) => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  ...rest,
});

export function deployment(namespace: string, name: string, replicas: number | undefined, spec: Plain = podSpec()) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec };
  const count = replicas === undefined ? {} : { replicas };
  return object("apps/v1", "Deployment", namespace, name, {
    spec: { ...count, selector: { matchLabels: labels }, template },
  });
}

export const namespace = (name: string, labels: Plain = {}) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

/** As often as controllers look; a test that waits for one of them has no better sign. */
export async function until<T>(ask: () => Promise<T | undefined>, what: string): Promise<T> {
  const end = performance.now() + 60_000;
  while (performance.now() < end) {
    const found = await ask();
    if (found !== undefined) return found;
    await sleep(300);
  }
  return assert.fail(`${what} did not happen`);
}
