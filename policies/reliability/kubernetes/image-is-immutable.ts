import { HIDING_TYPES, hiddenWorkloads } from "../../framework/hidden.ts";
import { mutability } from "../../framework/images.ts";
import { label } from "../../framework/kubernetes.ts";
import { textAt } from "../../framework/known.ts";
import { pathOf, podOf, POD_TYPES, unknownIn } from "../../framework/pod-specs.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Report, Resource } from "../../framework/policy.ts";
import { matches } from "../../framework/stack.ts";
import type { Stack } from "../../framework/stack.ts";

/** What builds an image in the stack hands on its digest. */
const BUILDS = ["docker-build:index:Image", "docker:index/image:Image"];

export const imageIsImmutable = stackPolicy({
  name: "image-is-immutable",
  family: "reliability",
  severity: "medium",
  level: "mandatory",
  description: "Images of pods are named by a version or a digest, and not by a tag that is moved.",
  why: "With latest or stable, pods of one workload run two versions, a restart is an upgrade that nobody asked for, and there is nothing to go back to.",
  fix: "Name the version, or the digest too (`...:1.4.2@sha256:...`).",
  control: {
    name: "Kubernetes: container images, image names",
    url: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
  },
  settings: {},
  types: [...POD_TYPES, ...HIDING_TYPES],
  checkStack(stack, _settings, report) {
    for (const resource of stack.resources) {
      if (matches(resource.type, POD_TYPES)) checkContainers(stack, resource, report);
      else checkHidden(resource, report);
    }
  },
});

function checkContainers(stack: Stack, resource: Resource, report: Report): void {
  const { urn } = resource;
  for (const container of podOf(resource)?.containers ?? []) {
    const unknown = unknownIn(container, "image");
    if (unknown !== undefined) {
      const isBuilt = BUILDS.some((type) => stack.nearest(urn, type, "spec").length > 0);
      if (!isBuilt) report.undecided(unknown, `the image of ${container.name}`, urn);
      continue;
    }
    const image = textAt(container.fields, "image");
    const wrong = image === undefined ? undefined : mutability(image);
    if (image === undefined || wrong === undefined) continue;
    const place = pathOf(container, "image");
    report.violation(
      `${container.name} has the image ${image}, which ${wrong}; name a version or a digest in ${place}.`,
      urn,
    );
  }
}

/** Charts and operators mostly fix their images themselves, and then nothing is known of them here. */
function checkHidden(resource: Resource, report: Report): void {
  for (const { name, pods } of hiddenWorkloads(resource)) {
    for (const container of pods.containers) {
      const wrong = container.image === "" ? undefined : mutability(container.image);
      if (wrong === undefined) continue;
      report.violation(
        `Container ${container.name} of ${name}, which ${label(resource)} makes, has the image ${container.image}, which ${wrong}; name a version or a digest.`,
        resource.urn,
      );
    }
  }
}
