import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { valueAt } from "./codec.ts";
import type { Workbench } from "./kind.ts";
import { isRecord, objects, text } from "./values.ts";

type Spec = Readonly<Record<string, unknown>>;

/**
 * A service as it can be reached on this machine. Swarm gives it one address that the kernel's IPVS spreads over its
 * replicas; a kernel without it drops what goes there. On a private engine its name is then that of all its replicas'
 * addresses, which Swarm offers as well and programs that look names up again cannot tell apart.
 * https://docs.docker.com/engine/swarm/networking/#configure-service-discovery
 */
export function reachable({ isPrivate, note }: Pick<Workbench, "isPrivate" | "note">, spec: Spec, what: string): Spec {
  if (!isPrivate || hasBalancer()) return spec;
  const endpoint = isRecord(spec["EndpointSpec"]) ? spec["EndpointSpec"] : {};
  if (objects(endpoint["Ports"]).some(({ PublishMode }) => text(PublishMode) !== "host")) {
    note(
      `nobody answers at the address and the published ports of ${what}: they need IPVS, which this machine's kernel has not`,
    );
    return spec;
  }
  note(
    "services are found by the addresses of their replicas (dnsrr) instead of one address: that needs IPVS, which this machine's kernel has not",
  );
  return { ...spec, EndpointSpec: { ...endpoint, Mode: "dnsrr" } };
}

/** What {@link reachable} has changed is no drift. */
export function asGiven(spec: Spec, given: unknown): Spec {
  const mode = valueAt(given, "endpointSpec.mode");
  if (mode === "dnsrr" || hasBalancer() || !isRecord(spec["EndpointSpec"])) return spec;
  return { ...spec, EndpointSpec: { ...spec["EndpointSpec"], Mode: mode } };
}

/** In the kernel, or as a module that the engine loads. proc_net(5), modules.dep(5) */
function hasBalancer(): boolean {
  if (existsSync("/proc/net/ip_vs")) return true;
  const modules = join("/lib/modules", release(), "modules.dep");
  return existsSync(modules) && /\/ip_vs\.ko/.test(readFileSync(modules, "utf8"));
}
