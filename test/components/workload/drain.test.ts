import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import { describe, it } from "mocha";
import { renderNginx } from "../../../components/gateway/nginx.ts";
import { ContainerWorkload, DRAIN_SECONDS } from "../../../components/workload/container.ts";
import type { WorkloadSpec } from "../../../components/workload/spec.ts";
import { registered } from "../../helpers/mocks.ts";

const size = { cpu: 0.5, memory: "128Mi" } as const;

async function drains(spec: Partial<WorkloadSpec>): Promise<(string | undefined)[]> {
  const whole: WorkloadSpec = {
    name: "api",
    ports: [{ name: "http", containerPort: 8000 }],
    environment: {},
    secrets: {},
    resources: { requests: size, limits: size },
    replicas: 2,
    health: { path: "/health", port: 8000, interval: 30, timeout: 5, retries: 3, startPeriod: 20 },
    needs: [],
    ...spec,
  };
  const resources = await registered(
    () => {
      const networks = [new docker.Network("network", { name: "network" })];
      new ContainerWorkload("s-api", { system: "s", spec: whole, connections: [], image: "sha256:0", networks });
    },
    { "docker:index/network:Network": () => ({}), "docker:index/container:Container": () => ({}) },
  );
  const containers = resources.filter(({ type }) => type === "docker:index/container:Container");
  return containers.map(({ inputs }) =>
    (inputs["envs"] as readonly string[]).find((each) => each.startsWith("DRAIN_GRACE_SECONDS=")),
  );
}

describe("a replica behind the gateway that is told to stop", () => {
  const exposure = { path: "/", hostPort: 8080, public: true };

  it("goes on answering until nginx takes the one that was started before it for well again", async () => {
    const text = renderNginx({ listen: 8080, workers: 1, upstreams: { api: { host: "api", port: 1 } }, routes: [] });
    // nginx counts whole seconds, and takes a server back once more of them have passed
    const failSeconds = Number(/fail_timeout=(\d+)s/.exec(text)?.[1]);
    assert.ok(DRAIN_SECONDS > failSeconds + 1);
    const expected = `DRAIN_GRACE_SECONDS=${DRAIN_SECONDS}`;
    assert.deepEqual(await drains({ exposure }), [expected, expected]);
  });

  it("has its own way where it says so, is alone, or is not behind it", async () => {
    const own = { DRAIN_GRACE_SECONDS: "3" };
    assert.deepEqual(await drains({ exposure, environment: own }), Array(2).fill("DRAIN_GRACE_SECONDS=3"));
    assert.deepEqual(await drains({ exposure, replicas: 1 }), [undefined]);
    assert.deepEqual(await drains({}), [undefined, undefined]);
  });
});
