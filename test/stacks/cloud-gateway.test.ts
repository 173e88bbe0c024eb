import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import { gatewayOf, meshOf } from "../../stacks/config/cloud-gateway.ts";
import type { CloudConfig } from "../../stacks/config/types.ts";
import { inCloud } from "../../stacks/systems/scale.ts";
import { webPlatform } from "../../stacks/systems/web-platform.ts";
import { registered } from "../helpers/mocks.ts";
import type { Registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS, prod, west } from "./cloud-fixture.ts";

const REGION = west.name;
const HOST = "finai-nexus.example.com";

interface Condition {
  readonly hostHeader?: { readonly values: string[] };
  readonly pathPattern?: { readonly values: string[] };
}
interface Rule {
  readonly priority: number;
  readonly conditions: readonly Condition[];
  readonly actions: readonly [Action];
}
interface Action {
  readonly targetGroupArn?: string;
  readonly forward?: { readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[] };
}

const SYSTEMS_OF_WEB = [inCloud(webPlatform)];

const deploy = async (
  gateway: CloudConfig["gateway"],
  changes: Partial<CloudConfig> = {},
): Promise<readonly Registered[]> => {
  const config = { ...prod, regions: [west], gateway, ...changes };
  const all = await registered(() => cloudEnvironment(config), CLOUD_OUTPUTS);
  return all.filter(({ provider }) => provider?.includes(REGION));
};
const inputsOf = (resources: readonly Registered[], kind: string) =>
  resources.filter(({ type }) => type.endsWith(`:${kind}`)).map(({ inputs }) => inputs);

describe("requests by the nodes' ports", () => {
  let resources: readonly Registered[];
  before(async () => {
    resources = await deploy({ kind: "nodePorts", nodePortPercent: undefined, kong: [] });
  });

  it("go by path to the port of their service, and health checks to the backend", () => {
    const services = Object.fromEntries(
      inputsOf(resources, "Service").map(({ metadata, spec }) => {
        const [{ nodePort }] = (spec as { ports: [{ nodePort: number }] }).ports;
        return [nodePort, (metadata as { name: string }).name];
      }),
    );
    const groups = resources.filter(({ type }) => type === "aws:lb/targetGroup:TargetGroup");
    const leadsTo = (arn = "") => services[String(groups.find(({ name }) => arn.endsWith(name))?.inputs["port"])];
    const rules = (inputsOf(resources, "ListenerRule") as unknown as Rule[]).sort((a, b) => a.priority - b.priority);
    assert.deepEqual(
      rules.map(({ conditions: [host, path], actions: [{ targetGroupArn }] }) => [
        host?.hostHeader?.values,
        path?.pathPattern?.values,
        leadsTo(targetGroupArn),
      ]),
      [
        [[HOST], ["/ready"], "backend"],
        [[HOST], ["/api", "/api/*"], "backend"],
        [[HOST], ["/*"], "frontend"],
      ],
    );
  });

  it("come from the network's addresses, and need no gateway", () => {
    assert.deepEqual(inputsOf(resources, "Gateway"), []);
    assert.match(JSON.stringify(inputsOf(resources, "NetworkPolicy")), /"cidr":"10\.0\.0\.0\/16"/);
  });
});

describe("a stack with traffic that moves to the gateway", () => {
  it("sends a share of each path's requests there, and has both ways open until the ports are gone", async () => {
    const moving = await deploy({ kind: "envoy", nodePortPercent: 90, kong: [] });
    for (const { actions } of inputsOf(moving, "ListenerRule") as unknown as Rule[])
      assert.deepEqual(
        actions[0].forward?.targetGroups.map(({ weight }) => weight),
        [90, 10],
      );
    const backend = inputsOf(moving, "NetworkPolicy").find(
      ({ metadata }) => (metadata as { name: string }).name === "backend-flows",
    );
    const { ingress } = backend?.["spec"] as { ingress: { from: [{ ipBlock?: object; podSelector?: object }] }[] };
    assert.ok(ingress.some(({ from: [peer] }) => peer.ipBlock));
    assert.ok(ingress.some(({ from: [peer] }) => JSON.stringify(peer).includes("envoy-gateway-system")));
    const moved = await deploy({ kind: "envoy", nodePortPercent: undefined, kong: [] });
    assert.deepEqual(inputsOf(moved, "ListenerRule"), []);
  });

  it("sends those of a system in the mesh to the gateway at once: a node's port speaks no mutual TLS", async () => {
    const moving = { kind: "envoy", nodePortPercent: 100, kong: ["web-platform"] } as const;
    const resources = await deploy(moving, { systems: SYSTEMS_OF_WEB, mesh: { systems: ["web-platform"] } });
    assert.deepEqual(inputsOf(resources, "ListenerRule"), []);
    for (const { spec } of inputsOf(resources, "Service")) assert.equal((spec as { type: string }).type, "ClusterIP");
  });

  it("is refused where the mesh would turn all requests away", () => {
    const nodePorts = gatewayOf("groundwork", { kind: "nodePorts" }, SYSTEMS_OF_WEB);
    assert.throws(() => meshOf("groundwork", {}, SYSTEMS_OF_WEB, nodePorts), {
      message:
        /^groundwork:gateway\.kind is nodePorts and web-platform is in the mesh, .*; write the kind envoy, or leave/,
    });
  });
});
