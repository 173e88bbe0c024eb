import { imageReference } from "../../framework/images.ts";
import { textAt, unknownAt } from "../../framework/known.ts";
import { pathOf, podOf, POD_TYPES, unknownIn } from "../../framework/pod-specs.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { hardening } from "./standard.ts";

const REMOTE_IMAGE = "docker:index/remoteImage:RemoteImage";

const settings = {
  registries: patterns(
    ["*"],
    "Repositories that images may come from, each with its registry, e.g. `123456789012.dkr.ecr.*.amazonaws.com/*` or `docker.io/library/*`.",
  ),
};

export const imageComesFromAllowedRegistry = resourcePolicy({
  name: "image-comes-from-allowed-registry",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Images come from the registries that the config names; every registry as long as it names none.",
  why: "An image from anywhere runs anybody's code, and a registry that nobody scans or mirrors can lose it or replace it.",
  fix: "Pull the image through a registry of your own, or add its registry to `registries`.",
  control: hardening(
    "image provenance",
    "https://kubernetes.io/docs/concepts/security/security-checklist/#images",
    "5.5.1",
  ),
  settings,
  types: [...POD_TYPES, REMOTE_IMAGE],
  check(resource, { registries }, report) {
    if (registries.includes("*")) return;
    const judged = (name: string, image: string | undefined, path: string, unknown: string | undefined) => {
      if (unknown !== undefined) return report.undecided(unknown, `the registry of ${name}`);
      if (image === undefined) return;
      const { repository } = imageReference(image);
      if (fits(repository, registries)) return;
      report.violation(
        `${name} runs ${repository}, which is in none of the registries; change ${path} or add it to them.`,
      );
    };
    if (resource.type === REMOTE_IMAGE) {
      const name = `RemoteImage ${resource.name}`;
      return judged(name, textAt(resource.inputs, "name"), "name", unknownAt(resource.unknown, "name"));
    }
    for (const container of podOf(resource)?.containers ?? []) {
      const image = textAt(container.fields, "image");
      judged(container.name, image, pathOf(container, "image"), unknownIn(container, "image"));
    }
  },
});
