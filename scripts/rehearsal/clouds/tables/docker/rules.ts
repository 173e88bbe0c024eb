import { dottedQuad } from "@groundwork/lib/cidr";
import ipaddr from "ipaddr.js";
import type { Rule } from "../../table.ts";
import { isCidr, isIp } from "../values.ts";

export const PROVIDER = "https://github.com/kreuzwerker/terraform-provider-docker/blob/master/internal/provider";
export const ENGINE = "https://docs.docker.com/reference/api/engine/version/v1.44/";
const IMAGE_NAMES = "https://docs.docker.com/reference/cli/docker/image/tag/";

export const CONTAINER = "docker:index/container:Container";
export const NETWORK = "docker:index/network:Network";
export const VOLUME = "docker:index/volume:Volume";
export const REMOTE_IMAGE = "docker:index/remoteImage:RemoteImage";
export const SERVICE = "docker:index/service:Service";
export const TAG = "docker:index/tag:Tag";
export const BUILT_IMAGE = "docker-build:index:Image";

const COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const HOST = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::\\d+)?";
const REFERENCE = new RegExp(
  `^(?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*(?::[\\w][\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);
const IMAGE_ID = /^sha256:[0-9a-f]{64}$/;

/** An image name with tag or digest; an image id only where the Engine takes one. */
export function imageReference(path: string, ids: boolean): Rule {
  return {
    path,
    source: IMAGE_NAMES,
    check: (value) => {
      if (typeof value !== "string") return undefined;
      if (REFERENCE.test(value) || (ids && IMAGE_ID.test(value))) return undefined;
      return "write an image reference such as registry.example.com/team/app:1.2, lower case but for the tag";
    },
  };
}

/** The repository part of a reference: no tag, no digest. */
export function repositoryOf(reference: string): string {
  return reference.replace(/@sha256:[0-9a-f]{64}$/, "").replace(/:[\w][\w.-]{0,127}$/, "");
}

/** Names of containers, volumes and networks. */
export const ENGINE_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
export const ENGINE_NAME_RULE =
  "write at least two of the letters a-z, A-Z, digits, `_`, `.` and `-`, the first a letter or digit";

/** Names of services and of networks of a swarm, which are DNS labels. https://github.com/moby/swarmkit/blob/master/manager/controlapi/common.go, validateAnnotations */
export const SWARM_NAME_LIMIT = 63;
export const SWARM_NAME = /^(?=.{1,63}$)[a-zA-Z0-9]+(?:[a-zA-Z0-9-_]*[a-zA-Z0-9])?$/;
export const SWARM_NAME_RULE =
  "name must be valid as a DNS name component: write at most 63 letters, digits, `-` and `_`, the first and last a letter or digit";

/** Go's duration notation. https://pkg.go.dev/time#ParseDuration */
const DURATION = /^(?:0|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/;

export function duration(path: string): Rule {
  return {
    path,
    source: `${PROVIDER}/resource_docker_container.go`,
    check: (value) =>
      typeof value === "string" && DURATION.test(value) ? undefined : "write a duration with its unit, e.g. 30s",
  };
}

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

export function cidr(value: unknown): Range | undefined {
  return isCidr(value) ? ipaddr.parseCIDR(value) : undefined;
}

export function overlap(one: Range, other: Range): boolean {
  if (one[0].kind() !== other[0].kind()) return false;
  const shorter = Math.min(one[1], other[1]);
  return inside(one[0], [other[0], shorter]);
}

export function inside(address: ipaddr.IPv4 | ipaddr.IPv6, range: Range): boolean {
  return address.kind() === range[0].kind() && address.match(range[0], range[1]);
}

export function addressIn(value: unknown, range: Range | undefined): boolean {
  return range !== undefined && isIp(value) && inside(ipaddr.parse(value), range);
}

/** The nth address of an IPv4 range, counted from its network address. */
export function nthAddress(range: Range, n: number): string {
  const octets = ipaddr.IPv4.networkAddressFromCIDR(`${range[0].toString()}/${range[1]}`).octets;
  return dottedQuad(octets.reduce((sum, octet) => sum * 256 + octet, 0) + n);
}

export function isAddress(path: string): Rule {
  return {
    path,
    source: ENGINE,
    check: (value) => (isIp(value) ? undefined : "write an IP address"),
  };
}
