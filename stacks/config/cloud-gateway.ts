import { BadInput } from "@groundwork/lib/errors";
import { choices } from "@groundwork/lib/suggest";
import type { System } from "../systems/system.ts";
import type { Reader } from "./values.ts";
import { integer, list, oneOf, partial, text } from "./values.ts";

/** How requests come into the clusters. */
export interface GatewayConfig {
  /** `envoy`: a gateway inside each cluster; `nodePorts`: the balancer sends them to the services' ports on the nodes. */
  readonly kind: "envoy" | "nodePorts";
  /**
   * While a stack with traffic moves to the gateway: per cent of the requests that still go to the nodes' ports. Undefined:
   * there are no such ports.
   */
  readonly nodePortPercent: number | undefined;
  /** Systems whose requests pass Kong behind the gateway. */
  readonly kong: readonly string[];
}

/** The service mesh (Istio, ambient mode). */
export interface MeshConfig {
  /** Systems whose pods speak mutual TLS to each other and to nobody without it. */
  readonly systems: readonly string[];
}

/** As a stack writes it: without a list, the systems' own wishes count. */
export interface GatewayInput {
  readonly kind?: GatewayConfig["kind"];
  readonly nodePortPercent?: number;
  readonly kong?: readonly string[];
}
export type MeshInput = Partial<MeshConfig>;

const names = list(text(/./, 'a system such as "web-platform"'), 'a list of systems, e.g. ["web-platform"]');

export const readGateway: Reader<GatewayInput> = partial<Required<GatewayInput>>({
  kind: oneOf("envoy", "nodePorts"),
  nodePortPercent: integer(0, 100),
  kong: names,
});

export const readMesh: Reader<MeshInput> = partial<MeshConfig>({ systems: names });

/** The gateway that the stack and its systems ask for. */
export function gatewayOf(project: string, input: GatewayInput, systems: readonly System[]): GatewayConfig {
  const { kind = "envoy", nodePortPercent } = input;
  const wished = systems.filter(({ cloud }) => cloud?.kong === true).map(({ name }) => name);
  const kong = input.kong ?? (kind === "envoy" ? wished : []);
  refuseStrangers(`${project}:gateway.kong`, kong, systems);
  if (kind === "envoy") return { kind, nodePortPercent, kong };
  if (kong.length > 0)
    throw new BadInput(
      `${project}:gateway.kong names ${kong.join(", ")} and ${project}:gateway.kind is nodePorts; write envoy, which stands before Kong, or kong: [].`,
    );
  if (nodePortPercent !== undefined)
    throw new BadInput(
      `${project}:gateway.nodePortPercent is ${nodePortPercent} and ${project}:gateway.kind is nodePorts, which sends all there; write the kind envoy, or remove the line.`,
    );
  return { kind, nodePortPercent, kong };
}

/** The systems in the mesh: it alone can tell hosts on the internet apart. */
export function meshOf(
  project: string,
  input: MeshInput,
  systems: readonly System[],
  gateway: GatewayConfig,
): MeshConfig {
  const key = `${project}:mesh.systems`;
  const wished = systems.filter(({ cloud }) => cloud?.mesh === true).map(({ name }) => name);
  const inMesh = input.systems ?? wished;
  refuseStrangers(key, inMesh, systems);
  for (const { name, workloads } of systems) {
    const caller = workloads.find(({ internetHosts = [] }) => internetHosts.length > 0);
    if (caller !== undefined && !inMesh.includes(name))
      throw new BadInput(
        `${key} is without "${name}", whose ${caller.name} calls hosts on the internet by name, which only the mesh can tell apart; write ${name} too, or remove the key.`,
      );
  }
  const open = inMesh.find((name) => isPublic(systems, name));
  if (gateway.kind === "nodePorts" && open !== undefined)
    throw new BadInput(
      `${project}:gateway.kind is nodePorts and ${open} is in the mesh, which takes nothing that comes without mutual TLS; write the kind envoy, or leave ${open} out of ${key}.`,
    );
  return { systems: inMesh };
}

function isPublic(systems: readonly System[], name: string): boolean {
  const system = systems.find((each) => each.name === name);
  return system?.workloads.some(({ exposure }) => exposure?.public === true) === true;
}

function refuseStrangers(key: string, listed: readonly string[], systems: readonly System[]): void {
  const known = systems.map(({ name }) => name);
  const stranger = listed.find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw new BadInput(`${key} names "${stranger}", which is not a system of this stack; ${choices(stranger, known)}.`);
}
