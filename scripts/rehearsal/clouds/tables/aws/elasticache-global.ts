import type { Created, Ctx, ResourceType, Thing } from "../../table.ts";
import type { Problem } from "./rules.ts";
import {
  all,
  awsType,
  everywhere,
  input,
  length,
  number,
  oneOf,
  pattern,
  range,
  refer,
  regionOf,
  rule,
  text,
  thing,
  upstream,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/";
const LIMITS = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-Getting-Started.html";
export const GLOBAL_GROUP = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup";
export const REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";

/** None older than m5 and r5, and none that bursts. */
const ABLE = /^cache\.(m5|m6g|m7g|r5|r6g|r6gd|r7g|c7gn)\./;
/** A primary and up to two others. */
const MOST_MEMBERS = 3;

const datastore = (ctx: Pick<Ctx, "all" | "account" | "inputs">): Thing | undefined => {
  const id = input(ctx, "globalReplicationGroupId");
  return id === "" ? undefined : everywhere(ctx, GLOBAL_GROUP).find((each) => each.id === id);
};

/** What a replication group has been given, or takes from the datastore that it joins. */
export const given = (ctx: Ctx, property: string): unknown =>
  ctx.inputs[property] ?? datastore(ctx)?.properties[property === "nodeType" ? "cacheNodeType" : property];

/** What a group that joins may not say, because the datastore says it. */
const THE_DATASTORES = [
  "numNodeGroups",
  "parameterGroupName",
  "engine",
  "engineVersion",
  "nodeType",
  "securityGroupNames",
  "transitEncryptionEnabled",
  "atRestEncryptionEnabled",
  "snapshotArns",
  "snapshotName",
] as const;

const membersOf = (ctx: Pick<Ctx, "all" | "account">, id: string): readonly Thing[] =>
  everywhere(ctx, REPLICATION_GROUP).filter((each) => text(each.inputs["globalReplicationGroupId"]) === id);

/** What is wrong with a group that joins a datastore. */
export const joinProblem = (ctx: Ctx): Problem | undefined => {
  const id = input(ctx, "globalReplicationGroupId");
  if (id === "") return undefined;
  const wrong = THE_DATASTORES.find((property) => ctx.inputs[property] !== undefined);
  if (wrong !== undefined)
    return {
      path: wrong,
      reason: `leave it out: a group that joins a global datastore takes it from the primary`,
      source: upstream("elasticache/replication_group.go"),
    };
  const whole = datastore(ctx);
  if (ctx.old !== undefined || whole === undefined) return undefined;
  const others = membersOf(ctx, id);
  if (others.length + 2 > MOST_MEMBERS)
    return {
      path: "globalReplicationGroupId",
      reason: `InvalidParameterValue: a global datastore has at most ${MOST_MEMBERS - 1} secondary clusters`,
      source: LIMITS,
    };
  return [...others.map(({ place }) => place), whole.place].includes(ctx.place)
    ? {
        path: "globalReplicationGroupId",
        reason: `InvalidParameterValue: ${id} has a member in ${regionOf(ctx)} already, join from another region`,
        source: LIMITS,
      }
    : undefined;
};

/** Why a member cannot go while its datastore is there. The provider takes a secondary out by itself. */
export const memberHeld = (group: Thing, ctx: Ctx): string | undefined => {
  const whole = everywhere(ctx, GLOBAL_GROUP).find(
    (each) => each.properties["primaryReplicationGroupId"] === group.id && sameRegion(each, group),
  );
  return whole === undefined
    ? undefined
    : `InvalidReplicationGroupState: Replication group ${group.id} is the primary of global datastore ${whole.id}`;
};

const sameRegion = (whole: Thing, group: Thing): boolean =>
  (text(whole.properties["primaryRegion"]) || whole.place.split("/")[2]) === group.place.split("/")[2];

const primary = (ctx: Pick<Ctx, "find" | "inputs">): Thing | undefined =>
  thing(ctx, REPLICATION_GROUP, ctx.inputs["primaryReplicationGroupId"]);

const primaryProblem = (ctx: Ctx): string | undefined => {
  const group = primary(ctx);
  if (group === undefined || ctx.old !== undefined) return undefined;
  const { nodeType, clusterEnabled, automaticFailoverEnabled } = group.properties;
  if (!ABLE.test(text(nodeType)))
    return `InvalidParameterValue: node type ${text(nodeType)} is not supported by global datastores, take one of m5, r5 or newer such as cache.r7g.large`;
  if (clusterEnabled === true && automaticFailoverEnabled !== true)
    return "InvalidParameterValue: automatic failover must be on";
  return text(group.inputs["globalReplicationGroupId"]) === ""
    ? undefined
    : `InvalidReplicationGroupState: ${group.id} is part of another global datastore`;
};

/** Five letters that stand for the region, as the service puts before the suffix. */
const prefix = (ctx: Ctx): string =>
  [...ctx.hex(5, regionOf(ctx))].map((digit) => String.fromCharCode(97 + parseInt(digit, 16))).join("");

const ofPrimary = (property: string, fallback: unknown) => (ctx: Created) =>
  ctx.inputs[property] ?? ctx.old?.properties[property] ?? primary(ctx)?.properties[property] ?? fallback;

const globalReplicationGroup = awsType({
  token: GLOBAL_GROUP,
  source: upstream("elasticache/global_replication_group.go"),
  id: (ctx) => `${prefix(ctx)}-${input(ctx, "globalReplicationGroupIdSuffix")}`,
  key: (ctx) => input(ctx, "globalReplicationGroupIdSuffix"),
  exists: "GlobalReplicationGroupAlreadyExistsFault",
  rules: [
    rule(
      "globalReplicationGroupIdSuffix",
      all(length(1, 40), pattern(/^[a-zA-Z0-9](-?[a-zA-Z0-9])*$/, "write letters, digits and single hyphens")),
      `${API}API_CreateGlobalReplicationGroup.html`,
    ),
    rule("cacheNodeType", pattern(ABLE, "write a node type of m5, r5 or newer such as cache.r7g.large"), LIMITS),
    rule("engine", oneOf("redis", "valkey"), `${API}API_ModifyGlobalReplicationGroup.html`),
    rule("numNodeGroups", range(1, 500), LIMITS),
  ],
  references: [refer("primaryReplicationGroupId", REPLICATION_GROUP, { holds: false })],
  check: (ctx) => {
    const problem = primaryProblem(ctx);
    return problem === undefined ? undefined : { path: "primaryReplicationGroupId", reason: problem, source: LIMITS };
  },
  replaces: ["globalReplicationGroupIdSuffix", "primaryReplicationGroupId"],
  updates: [
    "automaticFailoverEnabled",
    "cacheNodeType",
    "engine",
    "engineVersion",
    "globalReplicationGroupDescription",
    "numNodeGroups",
    "parameterGroupName",
  ],
  defaults: {
    automaticFailoverEnabled: ofPrimary("automaticFailoverEnabled", false),
    cacheNodeType: (ctx: Created) => primary(ctx)?.properties["nodeType"] ?? "",
    engine: ofPrimary("engine", "valkey"),
    engineVersion: ofPrimary("engineVersion", "8.1"),
    numNodeGroups: ofPrimary("numNodeGroups", 1),
  },
  outputs: (ctx) => ({
    arn: `arn:aws:elasticache::${ctx.account}:globalreplicationgroup:${ctx.id}`,
    atRestEncryptionEnabled: primary(ctx)?.properties["atRestEncryptionEnabled"] === true,
    authTokenEnabled: primary(ctx)?.inputs["authToken"] !== undefined,
    clusterEnabled: primary(ctx)?.properties["clusterEnabled"] === true,
    engineVersionActual: text(primary(ctx)?.properties["engineVersionActual"]) || "8.1.0",
    globalNodeGroups: Array.from({ length: number(given(ctx, "numNodeGroups")) ?? 1 }, (_, index) => ({
      globalNodeGroupId: `${ctx.id}-${String(index + 1).padStart(4, "0")}`,
      slots: "",
    })),
    globalReplicationGroupId: ctx.id,
    transitEncryptionEnabled: primary(ctx)?.properties["transitEncryptionEnabled"] === true,
  }),
  refuseDelete: (whole, ctx) => {
    const [left] = membersOf(ctx, whole.id);
    return left === undefined
      ? undefined
      : `InvalidGlobalReplicationGroupState: Global Datastore ${whole.id} still has the secondary ${left.id}`;
  },
});

export const elasticacheGlobal: readonly ResourceType[] = [globalReplicationGroup];
