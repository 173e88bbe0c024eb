import { listAt, numberAt, textAt } from "../../framework/known.ts";
import type { Report, Resource } from "../../framework/policy.ts";
import { isEverywhere } from "../networks.ts";
import { isUndecided, textsAt } from "../values.ts";

const RULE = "aws:ec2/securityGroupRule:SecurityGroupRule";
const INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const GROUPS = ["aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"] as const;

/** The three ways to say what a security group lets in. */
export const INGRESS_TYPES = [...GROUPS, RULE, INGRESS_RULE] as const;

/** What one rule lets in from the whole internet. */
export interface OpenRule {
  /** Where it is written, e.g. `ingress[0]`; empty for a rule that is a resource of its own. */
  readonly path: string;
  /** `0.0.0.0/0`, `::/0` or both. */
  readonly networks: readonly string[];
  /** `tcp`, `udp` or another as it is written; `-1` for all. */
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
}

const HIGHEST_PORT = 65_535;

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html */
const NUMBERS: Readonly<Record<string, string>> = { "6": "tcp", "17": "udp", all: "-1", "1": "icmp", "58": "icmpv6" };

/** What a security group or a rule of it lets in from anywhere. What hangs on something unknown is reported as undecided. */
export function openRules(resource: Resource, report: Report, what: string): readonly OpenRule[] {
  if (resource.type === RULE && textAt(resource.inputs, "type") === "egress") return [];
  if (!(GROUPS as readonly string[]).includes(resource.type)) {
    const names = resource.type === RULE ? NAMES : RULE_NAMES;
    return openRule({ resource, report, what, rule: resource.inputs, path: "", prefix: "", names });
  }
  const rules = listAt(resource.inputs, "ingress");
  if (rules.length === 0) isUndecided(resource, report, what, "ingress");
  return rules.flatMap((rule, index) => {
    const [path, prefix] = [`ingress[${index}]`, `ingress.${index}.`];
    return openRule({ resource, report, what, rule, path, prefix, names: NAMES });
  });
}

/** Where a rule says whom it lets in, and on which ports. */
interface Names {
  readonly networks: readonly string[];
  readonly ports: readonly string[];
}

const NAMES: Names = { networks: ["cidrBlocks", "ipv6CidrBlocks"], ports: ["protocol", "fromPort", "toPort"] };
const RULE_NAMES: Names = { networks: ["cidrIpv4", "cidrIpv6"], ports: ["ipProtocol", "fromPort", "toPort"] };

interface Written {
  readonly resource: Resource;
  readonly report: Report;
  readonly what: string;
  readonly rule: unknown;
  readonly path: string;
  readonly prefix: string;
  readonly names: Names;
}

function openRule({ resource, report, what, rule, path, prefix, names }: Written): readonly OpenRule[] {
  const networks = names.networks
    .flatMap((name) => [textAt(rule, name) ?? "", ...textsAt(rule, name)])
    .filter((network) => isEverywhere(network));
  const paths = (list: readonly string[]) => list.map((name) => prefix + name);
  if (networks.length === 0) {
    isUndecided(resource, report, what, ...paths(names.networks));
    return [];
  }
  if (isUndecided(resource, report, what, ...paths(names.ports))) return [];
  const name = (textAt(rule, names.ports[0] ?? "") ?? "-1").toLowerCase();
  const protocol = NUMBERS[name] ?? name;
  const all = protocol === "-1" || numberAt(rule, "fromPort") === -1;
  const from = all ? 0 : (numberAt(rule, "fromPort") ?? 0);
  const to = all ? HIGHEST_PORT : (numberAt(rule, "toPort") ?? HIGHEST_PORT);
  return [{ path, networks, protocol, from, to }];
}

/** Whether a rule is about ports: ICMP has none. */
export function hasPorts({ protocol }: OpenRule): boolean {
  return ["tcp", "udp", "-1"].includes(protocol);
}

/** `ingress[0] lets 0.0.0.0/0 in on tcp 22`. */
export function ruleText({ path, networks, protocol, from, to }: OpenRule): string {
  const ports = from === 0 && to === HIGHEST_PORT ? "every port" : from === to ? `port ${from}` : `ports ${from}-${to}`;
  const through = protocol === "-1" ? ports : `${protocol} ${ports}`;
  return `${path === "" ? "The rule" : path} lets ${networks.join(" and ")} in on ${through}`;
}
