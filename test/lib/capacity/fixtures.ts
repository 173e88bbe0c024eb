import type { DesiredResource, DesiredState, Plain } from "../../../lib/desired-state.ts";

export const GIBIBYTE = 2 ** 30;
export const WEST = "us-west-2";

type Options = Partial<Pick<DesiredResource, "provider" | "dependencies" | "outputs" | "unknown" | "parent">>;

export function resource(type: string, name: string, inputs: Plain, options: Options = {}): DesiredResource {
  return {
    urn: `urn:pulumi:test::shop::${type}::${name}`,
    type,
    name,
    custom: true,
    inputs,
    outputs: {},
    unknown: [],
    dependencies: [],
    protect: false,
    retainOnDelete: false,
    ...options,
  };
}

export function stateOf(...resources: readonly DesiredResource[]): DesiredState {
  return { stack: "test", target: "cloud", resources };
}

export const aws = resource("pulumi:providers:aws", "aws-west", { region: WEST });

/** In the region of {@link aws}. */
export function inAws(type: string, name: string, inputs: Plain, options: Options = {}): DesiredResource {
  return resource(type, name, { tags: { system: "shop" }, ...inputs }, { provider: aws.urn, ...options });
}

export const cluster = inAws("aws:eks/cluster:Cluster", "cluster", { name: "cluster", tags: {} });
export const kubernetes = resource("pulumi:providers:kubernetes", "west", {}, { dependencies: [cluster.urn] });
export const CLUSTER = [aws, cluster, kubernetes];

/** In the cluster, in the namespace and system `shop`. */
export function inCluster(type: string, name: string, spec: Plain, metadata: Plain = {}): DesiredResource {
  const labels = { system: "shop" };
  const inputs = { metadata: { name, namespace: "shop", labels, ...metadata }, spec };
  return resource(type, name, inputs, { provider: kubernetes.urn });
}

interface PodOptions {
  readonly cpu?: string;
  readonly memory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly pod?: Plain;
  readonly container?: Plain;
}

export function podSpec({
  cpu = "500m",
  memory = "512Mi",
  environment = {},
  pod = {},
  container = {},
}: PodOptions): Plain {
  const env = Object.entries(environment).map(([name, value]) => ({ name, value }));
  return {
    containers: [
      {
        name: "main",
        image: "example.com/shop:1",
        resources: { requests: { cpu, memory }, limits: { cpu: "2", memory } },
        readinessProbe: { httpGet: { path: "/ready", port: 8000 } },
        env,
        ...container,
      },
    ],
    ...pod,
  };
}

export function deployment(name: string, replicas: number | undefined, options: PodOptions = {}): DesiredResource {
  const spec = { ...(replicas !== undefined && { replicas }), template: { spec: podSpec(options) } };
  return inCluster("kubernetes:apps/v1:Deployment", name, spec);
}

export function autoscaler(name: string, minReplicas: number, maxReplicas: number): DesiredResource {
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name };
  return inCluster("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", name, {
    minReplicas,
    maxReplicas,
    scaleTargetRef,
  });
}

export function nodeGroup(name: string, instanceType: string, scalingConfig: Plain, more: Plain = {}): DesiredResource {
  const inputs = { clusterName: "cluster", instanceTypes: [instanceType], scalingConfig, tags: {}, ...more };
  return inAws("aws:eks/nodeGroup:NodeGroup", name, inputs, { dependencies: [cluster.urn] });
}

export function nodePool(
  name: string,
  requirements: readonly Plain[],
  more: Plain = {},
  template: Plain = {},
): DesiredResource {
  const spec = { template: { metadata: {}, spec: { requirements, ...template } }, ...more };
  return resource(
    "kubernetes:karpenter.sh/v1:NodePool",
    name,
    { metadata: { name }, spec },
    { provider: kubernetes.urn },
  );
}

export const docker = resource("pulumi:providers:docker", "docker", {});

/** On the Docker host, of the system `shop`. */
export function container(name: string, inputs: Plain): DesiredResource {
  const labels = [{ label: "system", value: "shop" }];
  return resource("docker:index/container:Container", name, { name, labels, ...inputs }, { provider: docker.urn });
}

/** An Aurora cluster with so many instances, and what it has of its own. */
export function aurora(
  name: string,
  instances: number,
  instanceClass: string,
  more: Plain = {},
  maxConnections?: number,
) {
  const parameters = [{ name: "max_connections", value: String(maxConnections) }];
  const group = inAws("aws:rds/clusterParameterGroup:ClusterParameterGroup", `${name}-parameters`, { parameters });
  const inputs = { engine: "aurora-postgresql", masterUsername: "shop", ...more };
  const dependencies = maxConnections === undefined ? [] : [group.urn];
  const main = inAws("aws:rds/cluster:Cluster", name, inputs, { dependencies });
  const servers = Array.from({ length: instances }, (_, index) =>
    inAws(
      "aws:rds/clusterInstance:ClusterInstance",
      `${name}-${index}`,
      { instanceClass },
      { dependencies: [main.urn] },
    ),
  );
  return { main, all: [group, main, ...servers] };
}
