import { textAt, unknownAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";
import type { Stack } from "../../framework/stack.ts";
import { DNS_RECORD, LOAD_BALANCER } from "./zones.ts";

const settings = {
  direct: patterns(
    [
      "_*",
      "*._*",
      "autodiscover*",
      "ftp*",
      "imap*",
      "mail*",
      "mta-sts*",
      "mx*",
      "pop*",
      "sftp*",
      "smtp*",
      "ssh*",
      "vpn*",
    ],
    "Names that have to be reached directly: validation records, mail and what is not HTTP.",
  ),
  origins: patterns(
    ["*.elb.amazonaws.com", "*.compute.amazonaws.com", "*.compute-1.amazonaws.com", "*.elb.*.amazonaws.com"],
    "Targets of CNAME records that are origins of one's own.",
  ),
};

/** What the address of an origin in the same stack comes from. */
const ORIGINS = [
  "aws:lb/loadBalancer:LoadBalancer",
  "aws:alb/loadBalancer:LoadBalancer",
  "aws:elb/loadBalancer:LoadBalancer",
  "aws:ec2/instance:Instance",
  "aws:ec2/eip:Eip",
  "kubernetes:core/v1:Service",
] as const;

/** Not reachable from the internet: RFC 1918, 6598, 3927, 4193 and 4291. */
const PRIVATE =
  /^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd]|fe80:|::1$)/i;

export const originNotExposed = stackPolicy({
  name: "origin-not-exposed",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No public name tells the address of an origin: everything goes through Cloudflare.",
  why: "Who knows the address goes around the firewall, the rate limits and the protection against floods.",
  fix: "Write proxied: true, or add the name to origin-not-exposed.direct where it is not HTTP.",
  control: { name: "Cloudflare: Proxy status", url: "https://developers.cloudflare.com/dns/proxy-status/" },
  settings,
  types: [DNS_RECORD, LOAD_BALANCER],
  checkStack(stack, { direct, origins }, report) {
    for (const host of stack.ofType(DNS_RECORD, LOAD_BALANCER)) {
      const name = textAt(host.inputs, "name") ?? host.name;
      if (host.inputs["proxied"] === true || fits(name, direct) || fits(host.name, direct)) continue;
      const unknown = unknownAt(host.unknown, "proxied", "type");
      const target = targetOf(host, stack, origins);
      if (target === undefined) continue;
      if (unknown !== undefined || target === UNKNOWN)
        report.undecided(unknown ?? "content", `whether ${name} tells the address of an origin`, host.urn);
      else
        report.violation(
          `${name} is not proxied, so it tells everyone ${target}; write proxied: true, or add the name to origin-not-exposed.direct.`,
          host.urn,
        );
    }
  },
});

const UNKNOWN = "";

/** What a name tells of an origin; undefined where it is nobody's business. */
function targetOf(host: Resource, stack: Stack, origins: readonly string[]): string | undefined {
  if (host.type === LOAD_BALANCER) return "the addresses of its pools";
  const type = textAt(host.inputs, "type");
  if (type !== undefined && !["A", "AAAA", "CNAME"].includes(type)) return undefined;
  const content = textAt(host.inputs, "content");
  if (content !== undefined && type !== "CNAME") return PRIVATE.test(content) ? undefined : `the address ${content}`;
  if (content !== undefined) return fits(content, origins) ? `the origin ${content}` : undefined;
  // a record that proves a name to a certificate authority
  if (stack.nearest(host.urn, "aws:acm/certificate:Certificate", "content").length > 0) return undefined;
  const isOwn = ORIGINS.some((origin) => stack.nearest(host.urn, origin, "content").length > 0);
  return isOwn || type !== "CNAME" ? UNKNOWN : undefined;
}
