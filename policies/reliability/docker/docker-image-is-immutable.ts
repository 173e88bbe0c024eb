import { DOCKER_CONTAINER, DOCKER_SERVICE, taskOf } from "../../framework/docker.ts";
import { mutability } from "../../framework/images.ts";
import { textAt, unknownAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Report, Resource } from "../../framework/policy.ts";
import type { Stack } from "../../framework/stack.ts";

const REMOTE_IMAGE = "docker:index/remoteImage:RemoteImage";
/** What makes an image or pulls it: its own reference is judged, and what it hands on is an id or a digest. */
const SOURCES = [REMOTE_IMAGE, "docker-build:index:Image", "docker:index/image:Image"];

export const dockerImageIsImmutable = stackPolicy({
  name: "docker-image-is-immutable",
  family: "reliability",
  severity: "medium",
  level: "mandatory",
  description: "Images of Docker are named by a version or a digest, and not by a tag that is moved.",
  why: "With latest or stable, two hosts run two versions, a restart is an upgrade that nobody asked for, and there is nothing to go back to.",
  fix: "Name the version (`postgres:17.9`), or the digest too (`postgres:17.9@sha256:...`).",
  control: {
    ids: ["CIS Docker 5.28"],
    name: "Docker: pin base image versions",
    url: "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
  },
  settings: {},
  types: [DOCKER_CONTAINER, DOCKER_SERVICE, REMOTE_IMAGE],
  checkStack(stack, _settings, report) {
    for (const resource of stack.resources) {
      if (resource.type === REMOTE_IMAGE) judgeImage(`RemoteImage ${resource.name}`, "name", resource, report);
      else if (!comesFromStack(stack, resource)) {
        const { name, isService } = taskOf(resource);
        judgeImage(name, isService ? "taskSpec.containerSpec.image" : "image", resource, report);
      }
    }
  },
});

/** Not known before the update, but by way of a resource that is judged itself. */
function comesFromStack(stack: Stack, resource: Resource): boolean {
  const property = resource.type === DOCKER_SERVICE ? "taskSpec" : "image";
  if (unknownAt(resource.unknown, property) === undefined) return false;
  return SOURCES.some((type) => stack.nearest(resource.urn, type, property).length > 0);
}

function judgeImage(name: string, path: string, { inputs, unknown, urn }: Resource, report: Report): void {
  const open = unknownAt(unknown, path);
  if (open !== undefined) return report.undecided(open, `the image of ${name}`, urn);
  const image = textAt(inputs, path);
  const wrong = image === undefined ? undefined : mutability(image);
  if (image === undefined || wrong === undefined) return;
  report.violation(`${name} has the image ${image}, which ${wrong}; name a version or a digest in ${path}.`, urn);
}
