import * as pulumi from "@pulumi/pulumi";
import { COLLECTOR } from "../../components/cluster/addons/opentelemetry-collector.ts";
import type { Peers } from "../../components/cluster/flow-policies.ts";
import type { TraceTarget } from "../../components/gateway/kubernetes-proxy.ts";
import { OTLP_GRPC_PORT, OTLP_HTTP_PORT } from "../../components/monitoring/traces-settings.ts";
import { tracesConnection } from "../../components/monitoring/traces.ts";
import type { Connection, WorkloadSpec } from "../../components/workload/spec.ts";
import type { CloudConfig } from "../config/types.ts";
import type { System } from "../systems/system.ts";

/** Who begins a trace decides for all that follow: under load a tenth says the same, at a tenth of the price. */
const PERCENT = 10;

/** Where proxies send what they see of a request; undefined: nowhere. */
export function tracesTo({ traces }: CloudConfig): TraceTarget | undefined {
  return traces ? { ...COLLECTOR, port: OTLP_GRPC_PORT, percent: PERCENT } : undefined;
}

/** What a workload is told of the collector in its cluster. */
export function traceConnections({ traces }: CloudConfig, system: System, { name }: WorkloadSpec): Connection[] {
  if (!traces) return [];
  const host = pulumi.output(`${COLLECTOR.service}.${COLLECTOR.namespace}.svc`);
  const otlp = { host, port: OTLP_HTTP_PORT };
  return [tracesConnection({ otlp }, { system: system.name, service: name, share: PERCENT / 100 })];
}

/** The collector, as a workload's network policy knows it. */
export function collectorPeers({ traces }: CloudConfig): Peers[] {
  const { namespace, labels } = COLLECTOR;
  return traces ? [{ pods: { namespace, labels }, port: OTLP_HTTP_PORT }] : [];
}
