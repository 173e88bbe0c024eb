import type { Ctx, Properties, ResourceType } from "../../table.ts";
import {
  all,
  arnOf,
  awsType,
  cidr,
  ec2Id,
  input,
  length,
  list,
  number,
  object,
  oneOf,
  pattern,
  refer,
  rule,
  sourced,
  text,
  texts,
  thing,
  upstream,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/";
const CREATE = `${API}API_CreateSecurityGroup.html`;
const QUOTA = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups";
const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";
const PREFIX_LIST = "aws:ec2/managedPrefixList:ManagedPrefixList";

const described = all(
  length(0, 255),
  pattern(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/, "write letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* only"),
);
const protocol = pattern(
  /^(-1|tcp|udp|icmp|icmpv6|all|\d{1,3})$/i,
  "write tcp, udp, icmp, icmpv6, -1 for all, or a protocol number",
);

/** How many rules a list of inline rules makes: one for each source. */
const sources = (rules: unknown): number =>
  list(rules)
    .map(object)
    .reduce(
      (sum, each) =>
        sum +
        list(each["cidrBlocks"]).length +
        list(each["ipv6CidrBlocks"]).length +
        list(each["prefixListIds"]).length +
        list(each["securityGroups"]).length +
        (each["self"] === true ? 1 : 0),
      0,
    );

const portProblem = (from: unknown, to: unknown, kind: string): string | undefined => {
  const [first, last] = [number(from), number(to)];
  if (first === undefined || last === undefined || /^icmp|^(1|58)$/i.test(kind)) return undefined;
  if (kind === "-1" || kind === "all")
    return first === 0 && last === 0 ? undefined : "leave the ports out (or 0): all protocols mean all ports";
  if (first < 0 || last > 65535) return "write ports from 0 to 65535";
  return first > last ? `write a first port (${first}) that is not above the last (${last})` : undefined;
};

const inlinePorts = (ctx: Ctx): { path: string; reason: string } | undefined =>
  ["ingress", "egress"]
    .flatMap((side) =>
      list(ctx.inputs[side]).map((each, index) => ({ path: `${side}[${index}].fromPort`, rule: object(each) })),
    )
    .map(({ path, rule: each }) => ({
      path,
      reason: portProblem(each["fromPort"], each["toPort"], text(each["protocol"])),
    }))
    .find((problem): problem is { path: string; reason: string } => problem.reason !== undefined);

const securityGroup = awsType({
  token: SECURITY_GROUP,
  source: upstream("ec2/vpc_security_group.go"),
  id: ec2Id("sg"),
  key: (ctx) => `${input(ctx, "vpcId")} ${input(ctx, "name")}`,
  exists: "InvalidGroup.Duplicate",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule(
      "name",
      all(length(1, 255), described, pattern(/^(?!sg-)/, "write a name that does not start with sg-")),
      CREATE,
    ),
    rule("description", described, CREATE),
    rule("ingress[].protocol", protocol, `${API}API_IpPermission.html`),
    rule("egress[].protocol", protocol, `${API}API_IpPermission.html`),
    rule("ingress[].cidrBlocks[]", cidr(), `${API}API_IpPermission.html`),
    rule("egress[].cidrBlocks[]", cidr(), `${API}API_IpPermission.html`),
  ],
  references: [
    refer("vpcId", "aws:ec2/vpc:Vpc"),
    refer("ingress[].securityGroups[]", SECURITY_GROUP),
    refer("egress[].securityGroups[]", SECURITY_GROUP),
  ],
  check: (ctx) => sourced(inlinePorts(ctx), `${API}API_IpPermission.html`),
  replaces: ["description", "name", "namePrefix", "vpcId"],
  updates: ["egress", "ingress", "revokeRulesOnDelete"],
  defaults: {
    description: "Managed by Pulumi",
    egress: [],
    ingress: [],
    namePrefix: "",
    vpcId: "",
    revokeRulesOnDelete: false,
  },
  outputs: (ctx) => ({ arn: arnOf(ctx, "ec2", `security-group/${ctx.id}`), ownerId: ctx.account }),
  quotas: ["ingress", "egress"].map((side) => ({
    quota: "securityGroupRules",
    count: (ctx) => sources(ctx.inputs[side]),
    per: (ctx) => `${side} of ${input(ctx, "name")}`,
  })),
});

const SOURCES = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"] as const;

const ruleProblem = (ctx: Ctx): { path: string; reason: string } | undefined => {
  const given = SOURCES.filter((property) => input(ctx, property) !== "");
  if (given.length > 1) return { path: given[1] ?? "", reason: `one rule has one source, not ${given.join(" and ")}` };
  const ports = portProblem(ctx.inputs["fromPort"], ctx.inputs["toPort"], input(ctx, "ipProtocol"));
  if (ports !== undefined) return { path: "fromPort", reason: ports };
  const [own, other] = ["securityGroupId", "referencedSecurityGroupId"].map(
    (property) => thing(ctx, SECURITY_GROUP, ctx.inputs[property])?.properties["vpcId"],
  );
  return own !== undefined && other !== undefined && own !== other
    ? {
        path: "referencedSecurityGroupId",
        reason: `InvalidGroup.NotFound: the two groups belong to different networks, ${text(own)} and ${text(other)}`,
      }
    : undefined;
};

const permission = (inputs: Properties): string =>
  ["securityGroupId", "ipProtocol", "fromPort", "toPort", ...SOURCES]
    .map((property) => JSON.stringify(inputs[property]))
    .join(" ");

const groupRule = (side: "Ingress" | "Egress"): ResourceType =>
  awsType({
    token: `aws:vpc/securityGroup${side}Rule:SecurityGroup${side}Rule`,
    source: upstream("ec2/vpc_security_group_ingress_rule.go"),
    id: ec2Id("sgr"),
    key: (ctx) => permission(ctx.inputs),
    exists: "InvalidPermission.Duplicate",
    rules: [
      rule("ipProtocol", protocol, `${API}API_IpPermission.html`),
      rule("cidrIpv4", cidr(), `${API}API_IpPermission.html`),
      rule("description", described, `${API}API_SecurityGroupRuleRequest.html`),
    ],
    references: [
      refer("securityGroupId", SECURITY_GROUP, { holds: false }),
      refer("referencedSecurityGroupId", SECURITY_GROUP),
      refer("prefixListId", PREFIX_LIST, { except: /^pl-[0-9a-f]{8}$/ }),
    ],
    check: (ctx) => sourced(ruleProblem(ctx), `${API}API_AuthorizeSecurityGroup${side}.html`),
    replaces: ["securityGroupId"],
    updates: [
      "cidrIpv4",
      "cidrIpv6",
      "description",
      "fromPort",
      "ipProtocol",
      "prefixListId",
      "referencedSecurityGroupId",
      "toPort",
    ],
    outputs: (ctx) => ({ arn: arnOf(ctx, "ec2", `security-group-rule/${ctx.id}`), securityGroupRuleId: ctx.id }),
    quotas: [
      {
        quota: "securityGroupRules",
        // a prefix list weighs as many rules as it may have entries
        count: (ctx) => number(thing(ctx, PREFIX_LIST, ctx.inputs["prefixListId"])?.properties["maxEntries"]) ?? 1,
        per: (ctx) => `${side.toLowerCase()} of ${input(ctx, "securityGroupId")}`,
      },
    ],
  });

const legacyRule = awsType({
  token: "aws:ec2/securityGroupRule:SecurityGroupRule",
  source: upstream("ec2/vpc_security_group_rule.go"),
  id: (ctx) => `sgrule-${parseInt(ctx.hex(8, "sgrule"), 16)}`,
  rules: [
    rule("type", oneOf("ingress", "egress"), QUOTA),
    rule("protocol", protocol, `${API}API_IpPermission.html`),
    rule("cidrBlocks[]", cidr(), `${API}API_IpPermission.html`),
    rule("description", described, `${API}API_IpPermission.html`),
  ],
  references: [
    refer("securityGroupId", SECURITY_GROUP, { holds: false }),
    refer("sourceSecurityGroupId", SECURITY_GROUP),
  ],
  check: (ctx) => {
    const reason = portProblem(ctx.inputs["fromPort"], ctx.inputs["toPort"], input(ctx, "protocol"));
    return reason === undefined ? undefined : { path: "fromPort", reason, source: `${API}API_IpPermission.html` };
  },
  replaces: [
    "cidrBlocks",
    "fromPort",
    "ipv6CidrBlocks",
    "prefixListIds",
    "protocol",
    "securityGroupId",
    "self",
    "sourceSecurityGroupId",
    "toPort",
    "type",
  ],
  updates: ["description"],
  deleteBeforeReplace: true,
  defaults: { sourceSecurityGroupId: "", self: false },
  outputs: () => ({ securityGroupRuleId: "" }),
  quotas: [
    {
      quota: "securityGroupRules",
      count: (ctx) =>
        Math.max(
          1,
          ["cidrBlocks", "ipv6CidrBlocks", "prefixListIds"].reduce(
            (sum, each) => sum + texts(ctx.inputs[each]).length,
            0,
          ),
        ),
      per: (ctx) => `${input(ctx, "type")} of ${input(ctx, "securityGroupId")}`,
    },
  ],
});

export const securityGroups: readonly ResourceType[] = [
  securityGroup,
  groupRule("Ingress"),
  groupRule("Egress"),
  legacyRule,
];
