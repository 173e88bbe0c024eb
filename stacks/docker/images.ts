import type * as pulumi from "@pulumi/pulumi";
import { ReferenceImage } from "../../components/reference/image.ts";
import { engineImage } from "../../components/workload/image.ts";
import type { WorkloadSpec } from "../../components/workload/spec.ts";
import type { System } from "../systems/system.ts";

/** What a workload runs, in the engine's own words, and the resource that brings it there. */
export interface EngineImage {
  readonly id: pulumi.Input<string>;
  readonly madeBy: pulumi.Resource;
}

export type Images = (system: System, workload: WorkloadSpec) => EngineImage;

/** Each image is made or pulled once, whoever needs it first; the reference service is built only if a workload runs it. */
export function engineImages(): Images {
  const made = new Map<string, EngineImage>();
  return (system, workload) => {
    const key = workload.image === undefined ? "reference" : `${system.name}-${workload.name}-image`;
    const image = made.get(key) ?? makeImage(key, workload.image);
    made.set(key, image);
    return image;
  };
}

function makeImage(name: string, reference: pulumi.Input<string> | undefined): EngineImage {
  if (reference !== undefined) {
    const image = engineImage(name, reference, {});
    return { id: image.imageId, madeBy: image };
  }
  const built = new ReferenceImage(name);
  const image = engineImage(`${name}-local`, built.ref, { dependsOn: built });
  return { id: image.imageId, madeBy: image };
}
