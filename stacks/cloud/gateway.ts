import { MONITORING_NAMESPACE } from "../../components/cluster/addons/network.ts";
import type * as pulumi from "@pulumi/pulumi";
import { INTERNAL_ISSUER } from "../../components/cluster/addons/cert-manager.ts";
import type { IngressBackend } from "../../components/cluster/ingress.ts";
import { KongGateway, throughKong } from "../../components/gateway/kong.ts";
import type { TokenSigner } from "../../components/gateway/kong.ts";
import { KubernetesGateway } from "../../components/gateway/kubernetes.ts";
import type { GatewayRoute } from "../../components/gateway/kubernetes.ts";
import type { CloudConfig } from "../config/types.ts";
import { HIDDEN_PATHS } from "../systems/pages.ts";
import type { System } from "../systems/system.ts";
import type { TokenSecret } from "../tokens.ts";
import type { Place } from "./place.ts";
import { prometheusUrl } from "./platform.ts";
import type { Platform } from "./platform.ts";
import { hostOf, routesOf } from "./routes.ts";
import { tracesTo } from "./traces.ts";

/** What the gateway of one region leads to. */
export interface GatewayParts {
  readonly config: CloudConfig;
  readonly place: Place;
  readonly platform: Platform;
  /** Of the systems that ask who calls, by name. */
  readonly tokens: Readonly<Record<string, TokenSecret | undefined>>;
  /** The systems' namespaces. */
  readonly namespaces: readonly pulumi.Resource[];
}

/** The region's gateway, and where its balancer sends requests. */
export function createGateway(parts: GatewayParts): IngressBackend {
  const { config, place, platform, namespaces } = parts;
  const { kind, nodePortPercent, kong } = config.gateway;
  const routes = config.systems.flatMap((system) => routesTo(system, config));
  if (kind === "nodePorts" || routes.length === 0) return "nodePorts";
  const isThroughKong = ({ namespace }: GatewayRoute): boolean => kong.includes(namespace);
  const inKong = routes.filter(isThroughKong);
  const { cidr, subnets } = place.cluster.network;
  const watched = prometheusUrl(platform) === undefined ? {} : { monitoring: MONITORING_NAMESPACE };
  const traces = tracesTo(config);
  const after = [...platform.ready, ...namespaces];
  const inCluster = { providers: [place.cluster.kubernetes] };
  if (inKong.length > 0)
    new KongGateway(
      `${place.region.name}-kong`,
      {
        routes: inKong,
        signers: signersOf(parts),
        controlPlaneCidrs: [cidr],
        // its pods are in the mesh wherever there is one
        mesh: platform.installed.has("ztunnel"),
        ...watched,
        after,
      },
      inCluster,
    );
  const gateway = new KubernetesGateway(
    `${place.region.name}-gateway`,
    {
      routes: routes.map((route) => (isThroughKong(route) ? throughKong(route) : route)),
      issuer: INTERNAL_ISSUER,
      // where the balancer itself stands: no pod does
      balancerCidrs: subnets.public.map((subnet) => subnet.cidr),
      hidden: HIDDEN_PATHS,
      ...(traces && { tracesTo: traces }),
      mesh: config.mesh.systems.some((name) => !kong.includes(name)),
      ...watched,
      after,
    },
    inCluster,
  );
  return { targetGroupBinding: gateway.target, ...(nodePortPercent !== undefined && { nodePortPercent }) };
}

/** What the internet reaches of the system. */
function routesTo(system: System, { domain }: CloudConfig): GatewayRoute[] {
  return routesOf(system).flatMap(({ service, workload, path, exactPaths }) => {
    const spec = system.workloads.find(({ name }) => name === workload);
    const [port] = spec?.ports ?? [];
    if (spec === undefined || port === undefined) return [];
    const { rateLimit, authentication } = spec.exposure ?? {};
    return [
      {
        name: service,
        host: hostOf(system, domain),
        path,
        exactPaths,
        namespace: system.name,
        service: workload,
        port: port.containerPort,
        ...(rateLimit && { rateLimit }),
        ...(authentication && { authentication }),
      },
    ];
  });
}

/** Kong finds who signed a token by its `iss`, the system's address. */
function signersOf({ config, tokens }: GatewayParts): Record<string, TokenSigner> {
  const signers = config.systems.flatMap((system): [string, TokenSigner][] => {
    const signer = tokens[system.name];
    if (signer === undefined || !config.gateway.kong.includes(system.name)) return [];
    return [[system.name, { issuer: `https://${hostOf(system, config.domain)}`, secret: signer.secret }]];
  });
  return Object.fromEntries(signers);
}
