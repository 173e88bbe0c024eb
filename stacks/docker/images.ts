import type * as pulumi from "@pulumi/pulumi";
import { ReferenceImage } from "../../components/reference/image.ts";
import { SecretDriftImage } from "../../components/secret-drift/image.ts";
import { engineImage } from "../../components/workload/image.ts";
import type { WorkloadSpec } from "../../components/workload/spec.ts";
import type { System } from "../systems/system.ts";

/** What a workload runs, in the engine's own words, and the resource that brings it there. */
export interface EngineImage {
  readonly id: pulumi.Input<string>;
  readonly madeBy: pulumi.Resource;
}

export interface Images {
  readonly workload: (system: System, workload: WorkloadSpec) => EngineImage;
  /** The secret-drift checker's. */
  readonly checker: () => EngineImage;
}

/** Each image is made or pulled once, whoever needs it first; what nobody runs is not built. */
export function engineImages(): Images {
  const made = new Map<string, EngineImage>();
  const once = (key: string, make: () => EngineImage): EngineImage => {
    const image = made.get(key) ?? make();
    made.set(key, image);
    return image;
  };
  return {
    workload: (system, workload) => {
      const key = workload.image === undefined ? "reference" : `${system.name}-${workload.name}-image`;
      return once(key, () => makeImage(key, workload.image));
    },
    checker: () => once("secret-drift", () => local("secret-drift", new SecretDriftImage("secret-drift"))),
  };
}

function makeImage(name: string, reference: pulumi.Input<string> | undefined): EngineImage {
  if (reference !== undefined) {
    const image = engineImage(name, reference, {});
    return { id: image.imageId, madeBy: image };
  }
  return local(name, new ReferenceImage(name));
}

/** What was built here, as the engine knows it. */
function local(name: string, built: ReferenceImage | SecretDriftImage): EngineImage {
  const image = engineImage(`${name}-local`, built.ref, { dependsOn: built });
  return { id: image.imageId, madeBy: image };
}
