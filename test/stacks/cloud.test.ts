import assert from "node:assert/strict";
import { allocatable, instanceType } from "@groundwork/lib/instances";
import { parseCpu, parseMemory } from "@groundwork/lib/quantity";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import type { CloudConfig } from "../../stacks/config/types.ts";
import { registered } from "../helpers/mocks.ts";
import type { Registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS, east, prod, west } from "./cloud-fixture.ts";

const deploy = (config: CloudConfig, stack?: string) =>
  registered(() => cloudEnvironment(config), CLOUD_OUTPUTS, stack);

/** Reads a property by its path, e.g. `spec.minReplicas`. */
function at(resource: Registered | undefined, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], resource?.inputs);
}

describe("prod: finai-nexus in two regions", () => {
  let resources: readonly Registered[];
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const inRegion = (type: string, region: string) =>
    ofType(type).filter((resource) => resource.provider?.includes(region));
  before(async () => {
    resources = await deploy(prod);
  });

  it("has no AWS or Kubernetes resource without an explicit provider", () => {
    const adrift = resources.filter(({ type, provider }) => /^(aws|kubernetes):/.test(type) && provider === undefined);
    assert.deepEqual(
      adrift.map(({ name }) => name),
      [],
    );
  });

  it("locks each provider to its region and the account", () => {
    assert.deepEqual(
      ofType("pulumi:providers:aws").map((resource) => [
        resource.inputs["region"],
        resource.inputs["allowedAccountIds"],
      ]),
      [
        ["us-west-2", '["123456789012"]'],
        ["us-east-1", '["123456789012"]'],
      ],
    );
  });

  it("runs 5 backend replicas in the primary region, 3 in the failover, up to 20 in each; frontends 2 to 15", () => {
    const bounds = (region: string): Record<string, unknown> =>
      Object.fromEntries(
        inRegion("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", region).map((hpa) => [
          String(at(hpa, "metadata.name")),
          [at(hpa, "spec.minReplicas"), at(hpa, "spec.maxReplicas")],
        ]),
      );
    assert.deepEqual(bounds("us-west-2"), { backend: [5, 20], frontend: [2, 15] });
    assert.deepEqual(bounds("us-east-1"), { backend: [3, 20], frontend: [2, 15] });
  });

  it("leaves the number of replicas to the autoscaler", () => {
    const deployments = ofType("kubernetes:apps/v1:Deployment");
    assert.equal(deployments.length, 4);
    for (const deployment of deployments) assert.equal(at(deployment, "spec.replicas"), undefined);
  });

  it("has a primary database with 3 readers and a writer, 2 instances in the failover region", () => {
    assert.equal(ofType("aws:rds/globalCluster:GlobalCluster").length, 1);
    assert.equal(inRegion("aws:rds/clusterInstance:ClusterInstance", "us-west-2").length, 4);
    assert.equal(inRegion("aws:rds/clusterInstance:ClusterInstance", "us-east-1").length, 2);
    const [primary] = inRegion("aws:rds/cluster:Cluster", "us-west-2");
    const [secondary] = inRegion("aws:rds/cluster:Cluster", "us-east-1");
    assert.notEqual(primary?.inputs["masterPassword"], undefined);
    assert.equal(secondary?.inputs["masterPassword"], undefined);
    assert.equal(secondary?.inputs["enableGlobalWriteForwarding"], true);
    for (const cluster of [primary, secondary]) {
      assert.equal(cluster?.inputs["engineVersion"], "17.9");
      assert.equal(cluster?.inputs["deletionProtection"], true);
      assert.equal(cluster?.inputs["storageEncrypted"], true);
    }
  });

  it("has a cache of 3 primaries and 3 replicas in each region, encrypted and with a token", () => {
    for (const region of ["us-west-2", "us-east-1"]) {
      const [cache] = inRegion("aws:elasticache/replicationGroup:ReplicationGroup", region);
      assert.equal(cache?.inputs["engine"], "valkey");
      assert.equal(cache?.inputs["numNodeGroups"], 3);
      assert.equal(cache?.inputs["replicasPerNodeGroup"], 1);
      assert.equal(cache?.inputs["transitEncryptionEnabled"], true);
      assert.notEqual(cache?.inputs["authToken"], undefined);
    }
  });

  it("spreads each region over three zones with a NAT gateway each", () => {
    for (const region of [west, east]) {
      const subnets = inRegion("aws:ec2/subnet:Subnet", region.name);
      assert.equal(subnets.length, 9);
      assert.deepEqual([...new Set(subnets.map((subnet) => subnet.inputs["availabilityZone"]))], region.zones);
      assert.equal(inRegion("aws:ec2/natGateway:NatGateway", region.name).length, 3);
    }
  });

  it("opens the databases and caches to the nodes alone, and the primary's database to its proxy too", () => {
    const data = ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").filter(({ inputs }) =>
      [5432, 6379].includes(inputs["fromPort"] as number),
    );
    assert.equal(data.length, 6);
    for (const { name, inputs } of data) {
      const from = name.endsWith("-into-database") ? "finai-nexus-postgres-us-west-2-proxy-id" : "sg-nodes";
      assert.equal(inputs["referencedSecurityGroupId"], from);
      assert.equal(inputs["cidrIpv4"], undefined);
    }
  });

  it("lets only the CDN reach the balancers, by HTTPS", () => {
    const open = ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").filter(
      ({ inputs }) => inputs["prefixListId"] !== undefined,
    );
    assert.deepEqual(
      open.map(({ inputs }) => [inputs["fromPort"], inputs["toPort"]]),
      [
        [443, 443],
        [443, 443],
      ],
    );
    assert.equal(
      ofType("aws:lb/listener:Listener").every(({ inputs }) => inputs["protocol"] === "HTTPS"),
      true,
    );
  });

  it("sends /api to the backend, the rest to the frontend, and health checks to the backend", () => {
    const routes = inRegion("kubernetes:gateway.networking.k8s.io/v1:HTTPRoute", "us-west-2").flatMap((route) => {
      const rules = at(route, "spec.rules") as {
        matches: { path: { type: string; value: string } }[];
        backendRefs?: { name: string; namespace: string; port: number }[];
      }[];
      return rules.map(({ matches: [match], backendRefs: [to] = [] }) => [
        (at(route, "spec.hostnames") as string[])[0],
        match?.path.type,
        match?.path.value,
        to && `${to.namespace}/${to.name}:${to.port}`,
      ]);
    });
    const host = "finai-nexus.example.com";
    const byPath = (a: readonly unknown[], b: readonly unknown[]) => String(a[2]).localeCompare(String(b[2]));
    assert.deepEqual(routes.sort(byPath), [
      [host, "PathPrefix", "/", "finai-nexus/frontend:3000"],
      [host, "PathPrefix", "/api", "finai-nexus/backend:8000"],
      [host, "PathPrefix", "/health/circuit-breakers", undefined],
      [host, "PathPrefix", "/health/detailed", undefined],
      [host, "PathPrefix", "/metrics", undefined],
      [host, "Exact", "/ready", "finai-nexus/backend:8000"],
    ]);
  });

  it("leads what the balancer takes to the gateway, and nothing to the nodes", () => {
    for (const region of ["us-west-2", "us-east-1"]) {
      const [listener] = inRegion("aws:lb/listener:Listener", region);
      const [group, ...others] = inRegion("aws:lb/targetGroup:TargetGroup", region);
      const [binding] = inRegion("kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding", region);
      assert.deepEqual([others.length, group?.inputs["targetType"], group?.inputs["protocol"]], [0, "ip", "HTTPS"]);
      const [action] = listener?.inputs["defaultActions"] as [{ type: string; targetGroupArn: string }];
      assert.equal(action.targetGroupArn, at(binding, "spec.targetGroupARN"));
      assert.deepEqual(inRegion("aws:lb/listenerRule:ListenerRule", region), []);
      for (const service of inRegion("kubernetes:core/v1:Service", region))
        assert.equal(at(service, "spec.type"), "ClusterIP", service.name);
    }
  });

  it("fails over from the primary to the failover region by their health", () => {
    const [balancer] = ofType("cloudflare:index/loadBalancer:LoadBalancer");
    const pools = ofType("cloudflare:index/loadBalancerPool:LoadBalancerPool");
    const [monitor] = ofType("cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor");
    assert.equal(balancer?.inputs["name"], "finai-nexus.example.com");
    assert.deepEqual(balancer?.inputs["defaultPools"], ["finai-nexus-us-west-2-id", "finai-nexus-us-east-1-id"]);
    assert.equal(balancer?.inputs["fallbackPool"], "finai-nexus-us-east-1-id");
    assert.equal(balancer?.inputs["steeringPolicy"], "off");
    assert.equal(monitor?.inputs["path"], "/ready");
    assert.equal(monitor?.inputs["type"], "https");
    for (const pool of pools) assert.equal(pool.inputs["monitor"], `${monitor?.name}-id`);
  });

  it("proves the domain once, although every region has a certificate of each kind of key", () => {
    for (const region of ["us-west-2", "us-east-1"]) {
      const kinds = inRegion("aws:acm/certificate:Certificate", region).map(({ inputs }) => inputs["keyAlgorithm"]);
      assert.deepEqual(kinds, [undefined, "EC_prime256v1"]);
      assert.equal(inRegion("aws:lb/listenerCertificate:ListenerCertificate", region).length, 1);
    }
    const records = ofType("cloudflare:index/dnsRecord:DnsRecord");
    assert.deepEqual(
      records.map(({ inputs }) => [inputs["name"], inputs["content"]]),
      [["_1.example.com", "_2.acm-validations.aws"]],
    );
  });

  it("fits a quota around the most pods that the workloads can come to", () => {
    for (const region of ["us-west-2", "us-east-1"]) {
      const [quota] = inRegion("kubernetes:core/v1:ResourceQuota", region);
      const hard = at(quota, "spec.hard") as Record<string, string>;
      assert.equal(hard["pods"], String(25 + 19));
      assert.equal(parseCpu(hard["requests.cpu"]), 25 * 0.5 + 19 * 0.25);
      assert.equal(parseMemory(hard["limits.memory"]), 25 * 2 ** 30 + 19 * 512 * 2 ** 20);
    }
  });

  it("gives containers a LimitRange, and lets a quarter of each workload be evicted at a time", () => {
    for (const region of ["us-west-2", "us-east-1"]) {
      const [range] = inRegion("kubernetes:core/v1:LimitRange", region);
      const [container] = at(range, "spec.limits") as [Record<string, unknown>];
      assert.equal(container["type"], "Container");
      assert.deepEqual(Object.keys(container["default"] ?? {}).sort(), ["cpu", "memory"]);
      const budgets = inRegion("kubernetes:policy/v1:PodDisruptionBudget", region);
      assert.deepEqual(
        budgets.map((budget) => [at(budget, "metadata.name"), at(budget, "spec.maxUnavailable")]).sort(),
        [
          ["backend", "25%"],
          ["frontend", "25%"],
        ],
      );
    }
  });

  it("has nodes with room for 20 and more backend pods a region beside the frontends", () => {
    for (const region of ["us-west-2", "us-east-1"]) {
      const [nodes] = inRegion("aws:eks/nodeGroup:NodeGroup", region);
      const type = instanceType((nodes?.inputs["instanceTypes"] as string[])[0] ?? "");
      assert.ok(type);
      const room = allocatable(type);
      const most = at(nodes, "scalingConfig.maxSize") as number;
      assert.ok(most * Math.floor(room.cpu) >= 20 * 0.5 + 15 * 0.25);
      assert.ok(most * room.memory >= 20 * 512 * 2 ** 20 + 15 * 256 * 2 ** 20);
    }
  });

  it("drains connections before a target goes, and checks the health of each of the gateway's proxies", () => {
    const groups = ofType("aws:lb/targetGroup:TargetGroup");
    assert.equal(groups.length, 2);
    for (const { inputs } of groups) {
      assert.ok((inputs["deregistrationDelay"] as number) > 0);
      assert.equal((inputs["healthCheck"] as { path: string }).path, "/ready");
    }
  });

  it("denies all traffic by default and names the flows", () => {
    const policies = inRegion("kubernetes:networking.k8s.io/v1:NetworkPolicy", "us-west-2").filter(
      (policy) => at(policy, "metadata.namespace") === "finai-nexus",
    );
    const byName = Object.fromEntries(policies.map((policy) => [String(at(policy, "metadata.name")), policy]));
    assert.deepEqual(Object.keys(byName).sort(), ["backend-flows", "default-deny", "dns", "frontend-flows"]);
    assert.deepEqual(at(byName["default-deny"], "spec"), { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    const egress = at(byName["backend-flows"], "spec.egress") as { ports: { port: number }[]; to: object[] }[];
    assert.deepEqual(
      egress.map(({ ports }) => ports[0]?.port),
      [5432, 6379, 27017],
    );
    assert.equal(egress[0]?.to.length, 3);
    assert.equal(at(byName["frontend-flows"], "spec.egress"), undefined);
  });

  it("confines every pod as the restricted standard asks", () => {
    for (const deployment of ofType("kubernetes:apps/v1:Deployment")) {
      const pod = at(deployment, "spec.template.spec") as Record<string, unknown>;
      const [container] = pod["containers"] as [Record<string, Record<string, unknown>>];
      assert.equal((pod["securityContext"] as Record<string, unknown>)["runAsNonRoot"], true);
      assert.deepEqual(container["securityContext"], {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ["ALL"] },
      });
      assert.deepEqual(Object.keys(container["resources"] ?? {}).sort(), ["limits", "requests"]);
    }
  });

  it("gives the backend its tiers' settings as variables and their passwords as files", () => {
    const backend = inRegion("kubernetes:apps/v1:Deployment", "us-east-1").find(
      (deployment) => at(deployment, "metadata.name") === "backend",
    );
    const pod = at(backend, "spec.template.spec") as { containers: [{ env: { name: string; value: string }[] }] };
    const env = Object.fromEntries(pod.containers[0].env.map(({ name, value }) => [name, value]));
    assert.equal(env["PGHOST"], "finai-nexus-postgres-us-east-1.reader.example");
    assert.equal(env["PGPASSWORD"], undefined);
    assert.equal(env["PGPASSWORD_FILE"], "/run/secrets/pgpassword");
    assert.equal(env["REDIS_TLS"], "true");
    assert.equal(env["REDIS_PASSWORD_FILE"], "/run/secrets/redis_password");
    assert.doesNotMatch(JSON.stringify(backend?.inputs), /drawn-password/);
  });

  it("keeps its logical names apart and short enough for Pulumi's suffix in the strictest service", () => {
    const urns = resources.map(({ type, name }) => `${type}::${name}`);
    assert.equal(new Set(urns).size, urns.length);
    for (const { name } of [...ofType("aws:lb/targetGroup:TargetGroup"), ...ofType("aws:lb/loadBalancer:LoadBalancer")])
      assert.ok(name.length + 8 <= 32, name);
    for (const { name } of ofType("aws:elasticache/replicationGroup:ReplicationGroup"))
      assert.ok(name.length + 8 <= 40, name);
  });
});

describe("a cloud environment by its configuration", () => {
  const count = (resources: readonly Registered[], type: string) =>
    resources.filter((resource) => resource.type === type).length;

  it("is in as many regions as are named, with one database over all", async () => {
    const names = ["us-west-2", "us-east-1", "us-east-2", "eu-west-1"];
    const regions = names.map((name, index) => ({
      ...west,
      name,
      role: index === 0 ? ("primary" as const) : ("failover" as const),
      cidr: `10.${index}.0.0/16`,
      zones: ["a", "b", "c"].map((letter) => name + letter),
    }));
    const resources = await deploy({ ...prod, regions });
    assert.equal(count(resources, "aws:eks/cluster:Cluster"), 4);
    assert.equal(count(resources, "aws:rds/globalCluster:GlobalCluster"), 1);
    assert.equal(count(resources, "cloudflare:index/loadBalancerPool:LoadBalancerPool"), 4);
    assert.equal(count(resources, "cloudflare:index/dnsRecord:DnsRecord"), 1);
  });

  it("keeps explicit names within their limits for any length of the stack's name", async () => {
    const resources = await deploy(prod, "a-very-long-stack-name-".repeat(4) + "x");
    const named = (type: string, property: string) =>
      resources.filter((resource) => resource.type === type).map(({ inputs }) => String(inputs[property]));
    for (const name of named("aws:eks/cluster:Cluster", "name")) assert.match(name, /^[a-z][a-z0-9-]{0,99}$/);
    for (const name of named("aws:rds/globalCluster:GlobalCluster", "globalClusterIdentifier"))
      assert.match(name, /^[a-z](-?[a-z0-9]){0,62}$/);
    for (const name of named("cloudflare:index/loadBalancerPool:LoadBalancerPool", "name"))
      assert.match(name, /^[\w-]{1,60}$/);
  });

  it("moves the failover region's share along when a stack asks for other replicas", async () => {
    const [system] = prod.systems;
    assert.ok(system);
    const workloads = system.workloads.map((workload) =>
      workload.name === "backend" ? { ...workload, replicas: { min: 10, max: 20, cpuPercent: 70 } } : workload,
    );
    const resources = await deploy({ ...prod, systems: [{ ...system, workloads }] });
    const minimums = resources
      .filter(({ type, name }) => type === "kubernetes:autoscaling/v2:HorizontalPodAutoscaler" && /backend/.test(name))
      .map((hpa) => at(hpa, "spec.minReplicas"));
    assert.deepEqual(minimums, [10, 6]);
  });

  it("lifts every deletion protection by one setting, which changes nothing else", async () => {
    const [kept, lifted] = [await deploy(prod), await deploy({ ...prod, protect: false })];
    const changed = lifted.flatMap((resource) => {
      const before = kept.find(({ type, name }) => type === resource.type && name === resource.name);
      return Object.keys({ ...before?.inputs, ...resource.inputs })
        .filter((key) => JSON.stringify(before?.inputs[key]) !== JSON.stringify(resource.inputs[key]))
        .map((key) => `${resource.type} ${key}`);
    });
    assert.equal(kept.length, lifted.length);
    assert.deepEqual([...new Set(changed)].sort(), [
      "aws:ecr/repository:Repository forceDelete",
      "aws:eks/cluster:Cluster deletionProtection",
      "aws:lb/loadBalancer:LoadBalancer enableDeletionProtection",
      "aws:rds/cluster:Cluster deletionProtection",
      "aws:rds/globalCluster:GlobalCluster deletionProtection",
    ]);
  });
});
