import type { Resource } from "@pulumi/pulumi";
import { DockerBlueGreen } from "../../components/gateway/blue-green.ts";
import type { WorkloadSpec } from "../../components/workload/spec.ts";
import { coloursOf } from "../systems/colours.ts";
import type { BlueGreenRelease, DockerForm, System } from "../systems/system.ts";
import type { NamedNetworks } from "./networks.ts";

/** A workload whose colours stand beside each other, with the switch in front of them. @returns all of it */
export function releasedWorkload(
  system: System,
  form: DockerForm,
  spec: WorkloadSpec,
  release: BlueGreenRelease,
  networks: NamedNetworks,
  deploy: (spec: WorkloadSpec) => Resource,
): readonly Resource[] {
  const colours = coloursOf(spec, release).map(([colour, its]) => [colour, deploy(its)] as const);
  const { name, cidr } = sharedNetwork(system, form, spec);
  const blueGreen = new DockerBlueGreen(`${system.name}-${spec.name}`, {
    system: system.name,
    spec,
    live: release.live,
    colours: Object.fromEntries(colours),
    networks: networks.named(spec.networks ?? []),
    through: one(networks.named([name])),
    gateways: [cidr],
    cpu: form.gateway.cpu,
  });
  return [...colours.map(([, component]) => component), blueGreen];
}

/** Where gateway and workload meet. */
function sharedNetwork(system: System, { networks, joins }: DockerForm, { name, networks: own = [] }: WorkloadSpec) {
  const joined = joins["gateway"] ?? [];
  const shared = networks.find((network) => joined.includes(network.name) && own.includes(network.name));
  if (shared === undefined)
    throw new Error(`${system.name}/${name} is exposed, and shares no network with the gateway`);
  return shared;
}

function one<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error("a network that was asked for by its name is not there");
  return first;
}
