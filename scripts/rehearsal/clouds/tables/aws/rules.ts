import type { Check, Created, Ctx, Path, Reference, ResourceType, Rule, Thing } from "../../table.ts";
import { readCidr } from "@groundwork/lib/cidr";
import { AWS_REGIONS, awsZones } from "@groundwork/lib/regions";

/** The upstream provider's source, which `replaces` and `updates` are read from: a snake_case property there is camelCase here. */
export const upstream = (path: string): string =>
  `https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/${path}`;

export const rule = (path: Path, check: Check, source: string): Rule => ({ path, check, source });

export const text = (value: unknown): string => (typeof value === "string" ? value : "");
export const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const texts = (value: unknown): readonly string[] => list(value).filter((each) => typeof each === "string");
export const object = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

export const pattern =
  (regex: RegExp, instead: string): Check =>
  (value) =>
    typeof value === "string" && regex.test(value) ? undefined : instead;

export const length =
  (min: number, max: number): Check =>
  (value) => {
    const size = typeof value === "string" || Array.isArray(value) ? value.length : -1;
    const what = Array.isArray(value) ? "elements" : "characters";
    return size >= min && size <= max ? undefined : `write ${min} to ${max} ${what}, not ${size}`;
  };

export const range =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
      ? undefined
      : `write a whole number from ${min} to ${max}`;

export const oneOf =
  (...values: readonly (string | number)[]): Check =>
  (value) =>
    values.includes(value as string | number) ? undefined : `write one of ${values.join(", ")}`;

/** The first complaint of several checks. */
export const all =
  (...checks: readonly Check[]): Check =>
  (value, ctx) => {
    for (const check of checks) {
      const complaint = check(value, ctx);
      if (complaint !== undefined) return complaint;
    }
    return undefined;
  };

export const cidr =
  (shortest = 0, longest = 32): Check =>
  (value) => {
    const found = readCidr(value);
    if (found === undefined) return "write an IPv4 block such as 10.1.0.0/16";
    if (!found.aligned) return "write the network's own address, with no host bits set";
    return found.prefix >= shortest && found.prefix <= longest
      ? undefined
      : `write a prefix from /${shortest} to /${longest}`;
  };

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export const arn = (service = "[a-z0-9-]+"): Check =>
  pattern(
    new RegExp(`^arn:aws(-[a-z]+)*:${service}:[a-z0-9-]*:(\\d{12}|aws|cloudfront)?:.+$`),
    `write an ARN such as arn:aws:${service === "[a-z0-9-]+" ? "service" : service}:region:account:name`,
  );

/** Ports of TCP and UDP. */
export const port = range(1, 65535);

export const zone: Check = (value, ctx) =>
  awsZones(ctx.region).includes(text(value))
    ? undefined
    : `write a zone of ${ctx.region}: ${awsZones(ctx.region).join(", ")}`;

/** `ddd:hh24:mi-ddd:hh24:mi` in UTC. */
export const weekWindow = pattern(
  /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$/i,
  "write a weekly UTC window such as sun:05:00-sun:06:00",
);

/** `hh24:mi-hh24:mi` in UTC. */
export const dayWindow = pattern(
  /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/,
  "write a daily UTC window such as 03:00-04:00",
);

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const tags: Check = (value) => {
  const entries = Object.entries(object(value));
  if (entries.length > 50) return `write at most 50 tags, not ${entries.length}`;
  const bad = entries.find(
    ([key, tag]) => key.length < 1 || key.length > 128 || /^aws:/i.test(key) || text(tag).length > 256,
  );
  return bad === undefined
    ? undefined
    : `write tag keys of 1 to 128 characters that do not start with aws: and values of at most 256, unlike ${bad[0].slice(0, 40)}`;
};

const TAGS = rule(
  "tags",
  tags,
  "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
);
const REGION = rule(
  "region",
  oneOf(...AWS_REGIONS),
  "https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html",
);

/** What every AWS type has: `region` replaces, tags change in place and obey the tagging limits. */
export const awsType = (type: ResourceType): ResourceType => ({
  ...type,
  rules: [...(type.rules ?? []), ...(type.scope === "global" ? [] : [REGION]), TAGS],
  replaces: [...(type.replaces ?? []), ...(type.scope === "global" ? [] : ["region"])],
  updates: [...(type.updates ?? []), "tags"],
});

/** What a whole-resource check found; its source where it is another than that of the whole check. */
export interface Problem {
  readonly path: Path;
  readonly reason: string;
  readonly source?: string;
}

export const sourced = (problem: Problem | undefined, source: string): (Problem & { source: string }) | undefined =>
  problem && { source, ...problem };

export const refer = (path: Path, to: Reference["to"], more: Omit<Reference, "path" | "to"> = {}): Reference => ({
  path,
  to,
  ...more,
});

export const regionOf = (ctx: Pick<Ctx, "region" | "provider"> & { inputs?: Ctx["inputs"] }): string =>
  text(ctx.inputs?.["region"]) || ctx.region || text(ctx.provider["region"]);

export const arnOf = (ctx: Ctx, service: string, resource: string): string =>
  `arn:aws:${service}:${regionOf(ctx)}:${ctx.account}:${resource}`;

/** Of a service that is one for the account: no region in the ARN. */
export const globalArn = (ctx: Ctx, service: string, resource: string): string =>
  `arn:aws:${service}::${ctx.account}:${resource}`;

/** `vpc-0123456789abcdef0`: EC2's ids are 17 hexadecimal digits, the first of them 0. */
export const ec2Id =
  (prefix: string): ((ctx: Ctx) => string) =>
  (ctx) =>
    `${prefix}-0${ctx.hex(16, prefix)}`;

export const uuid = (ctx: Pick<Ctx, "hex">, salt: string): string =>
  ctx.hex(32, salt).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

export const input = (ctx: Pick<Ctx, "inputs">, property: string): string => text(ctx.inputs[property]);

/** What `name` is when the program leaves it out, for types whose name is not the plain `<logical name>-<7 hex>`. */
export const autoName = (ctx: Ctx): string => `${ctx.name}-${ctx.hex(7, "name")}`;

export const thing = (ctx: Pick<Ctx, "find">, token: string, id: unknown, place?: string): Thing | undefined =>
  text(id) === "" ? undefined : ctx.find(token, "id", id, place);

/** Things of a type in all regions of the account. */
export const everywhere = (ctx: Pick<Ctx, "all" | "account">, token: string): readonly Thing[] =>
  ctx.all(token, `aws/${ctx.account}/*`);

/** The other things of this type in this place: all but the one that is being changed. */
export const others = (ctx: Ctx, token: string): readonly Thing[] =>
  ctx.all(token).filter((each) => each.id !== ctx.old?.id);

/** The value that the service keeps from the time of creation: the old one, or a new one on create. */
export const kept = (ctx: Created, property: string, fresh: () => unknown): unknown =>
  ctx.old?.properties[property] ?? fresh();

/** A load balancer, an EKS cluster and a database need subnets in so many zones. */
export const spansZones = (ctx: Ctx, subnetIds: readonly string[], zones: number): string | undefined => {
  const found = subnetIds.map((id) => thing(ctx, "aws:ec2/subnet:Subnet", id));
  if (subnetIds.length === 0 || found.some((subnet) => subnet === undefined)) return undefined;
  const distinct = new Set(found.map((subnet) => subnet?.properties["availabilityZone"]));
  return distinct.size >= zones
    ? undefined
    : `the subnets lie in ${distinct.size} zone${distinct.size === 1 ? "" : "s"} (${[...distinct].join(", ")}), take subnets of at least ${zones} zones`;
};

/** All subnets of one VPC. */
export const oneVpc = (ctx: Ctx, subnetIds: readonly string[]): string | undefined => {
  const vpcs = new Set(
    subnetIds.map((id) => text(thing(ctx, "aws:ec2/subnet:Subnet", id)?.properties["vpcId"])).filter((id) => id !== ""),
  );
  return vpcs.size > 1
    ? `the subnets belong to ${vpcs.size} VPCs (${[...vpcs].join(", ")}), take subnets of one`
    : undefined;
};

export const vpcOf = (ctx: Pick<Ctx, "find">, subnetIds: readonly string[]): string =>
  text(thing(ctx, "aws:ec2/subnet:Subnet", subnetIds[0])?.properties["vpcId"]);
