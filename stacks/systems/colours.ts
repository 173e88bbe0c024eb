import type { Colour } from "../../components/gateway/switch.ts";
import { colourName, COLOURS } from "../../components/gateway/switch.ts";
import type { WorkloadSpec } from "../../components/workload/spec.ts";
import type { BlueGreenRelease, System } from "./system.ts";

/** In place of an image: the reference service, built from components/reference. */
export const REFERENCE = "reference";

/** How a workload of a system is released; undefined: its replicas are replaced one after the other. */
export function releaseOf({ docker }: System, workload: string): BlueGreenRelease | undefined {
  return docker?.releases?.[workload];
}

/** Each colour that runs is a workload of its own, with its own name on the networks, in labels, metrics and logs. */
export function coloursOf(workload: WorkloadSpec, { images }: BlueGreenRelease): [Colour, WorkloadSpec][] {
  const { image: _, ...spec } = workload;
  return COLOURS.flatMap((colour): [Colour, WorkloadSpec][] => {
    const image = images[colour];
    if (image === undefined) return [];
    return [[colour, { ...spec, name: colourName(spec.name, colour), ...(image !== REFERENCE && { image }) }]];
  });
}

/** The system as it is watched: with each colour in the place of what it is a colour of. */
export function inColours(system: System): System {
  return {
    ...system,
    workloads: system.workloads.flatMap((workload) => {
      const release = releaseOf(system, workload.name);
      return release === undefined ? [workload] : coloursOf(workload, release).map(([, spec]) => spec);
    }),
  };
}
