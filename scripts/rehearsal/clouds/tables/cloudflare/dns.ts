import ipaddr from "ipaddr.js";
import type { Ctx, Properties, ResourceType, Thing } from "../../table.ts";
import { ifKnown } from "../../values.ts";
import { between, oneOf, plain, text } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { API, DOCS, identifier, isHostName, now, planOf, schema, times } from "./rules.ts";

const TOKEN = "cloudflare:index/dnsRecord:DnsRecord";
const RECORDS = `${API}/dns/subresources/records/methods/create/`;
const TYPES = `${DOCS}/dns/manage-dns-records/reference/dns-record-types/`;
const TTL = `${DOCS}/dns/manage-dns-records/reference/ttl/`;

/** https://developers.cloudflare.com/dns/proxy-status/#proxied-records */
const PROXIABLE = ["A", "AAAA", "CNAME"];
const ADDRESS_TYPES = ["A", "AAAA", "CNAME"];
/** Records whose parts stand in `data`. */
const BY_PARTS = [
  "CAA",
  "CERT",
  "DNSKEY",
  "DS",
  "HTTPS",
  "LOC",
  "NAPTR",
  "SMIMEA",
  "SRV",
  "SSHFP",
  "SVCB",
  "TLSA",
  "URI",
];
const ALL_TYPES = ["A", "AAAA", "CNAME", "MX", "NS", "OPENPGPKEY", "PTR", "TXT", ...BY_PARTS];

const refused = (path: string, reason: string, source = TYPES): SourcedFailure => ({ path, reason, source });

function content({ inputs }: Ctx): SourcedFailure | undefined {
  const [type, value] = [text(inputs.type), inputs.content];
  if (BY_PARTS.includes(type)) {
    return inputs.data === undefined && value === undefined
      ? refused("data", `write the parts of the ${type} record`)
      : undefined;
  }
  if (value === undefined) return refused("content", `write the content of the ${type} record`);
  const written = text(value);
  if (type === "A" && !ipaddr.IPv4.isValidFourPartDecimal(written))
    return refused("content", "Content for A record must be a valid IPv4 address");
  if (type === "AAAA" && !ipaddr.IPv6.isValid(written))
    return refused("content", "Content for AAAA record must be a valid IPv6 address");
  if (!["CNAME", "MX", "NS", "PTR"].includes(type)) return undefined;
  if (!isHostName(written)) return refused("content", `write a host name: a ${type} record points to one`);
  return type === "CNAME" && written.toLowerCase() === text(inputs.name).toLowerCase()
    ? refused("content", "a CNAME cannot point to itself")
    : undefined;
}

function lifetime(ctx: Ctx): SourcedFailure | undefined {
  const { proxied, ttl, type } = ctx.inputs;
  if (proxied === true && !PROXIABLE.includes(text(type))) {
    return refused(
      "proxied",
      `a ${text(type)} record cannot be proxied, only ${PROXIABLE.join(", ")}`,
      `${DOCS}/dns/proxy-status/`,
    );
  }
  if (proxied === true && ttl !== 1)
    return refused("ttl", "write 1 (automatic): a proxied record has no TTL of its own", TTL);
  const shortest = planOf(ctx, ctx.inputs.zoneId).plan === "enterprise" ? 30 : 60;
  const fits = ttl === 1 || (typeof ttl === "number" && ttl >= shortest && ttl <= 86400);
  return fits ? undefined : refused("ttl", `write 1 (automatic) or ${shortest} to 86400 seconds`, TTL);
}

function priority({ inputs }: Ctx): SourcedFailure | undefined {
  const needs = text(inputs.type) === "MX" && inputs.priority === undefined;
  return needs ? refused("priority", "write a priority: an MX record needs one") : undefined;
}

const sameName = (inputs: Properties) => `${text(inputs.zoneId)}/${text(inputs.name).toLowerCase()}`;

/** https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/ */
function neighbours(ctx: Ctx): SourcedFailure | undefined {
  const beside = ctx
    .all(TOKEN)
    .filter((thing) => thing.id !== ctx.old?.id && sameName(thing.inputs) === sameName(ctx.inputs));
  const same = beside.find((other) => isSame(other, ctx.inputs));
  if (same) return refused("name", "An identical record already exists.", RECORDS);
  const type = text(ctx.inputs.type);
  const excludes = (other: Thing) => {
    const theirs = text(other.inputs.type);
    return ADDRESS_TYPES.includes(type) && ADDRESS_TYPES.includes(theirs) && (type === "CNAME" || theirs === "CNAME");
  };
  return beside.some(excludes)
    ? refused(
        "name",
        "An A, AAAA, or CNAME record with that host already exists.",
        `${DOCS}/dns/manage-dns-records/troubleshooting/records-with-same-name/`,
      )
    : undefined;
}

function isSame({ inputs }: Thing, own: Properties): boolean {
  const parts = (of: Properties) => JSON.stringify([of.type, of.content, plain(of.data)]);
  return parts(inputs) === parts(own);
}

export const dnsRecord: ResourceType = {
  token: TOKEN,
  source: schema("dns_record"),
  id: (ctx) => ctx.hex(32, "record"),
  rules: [
    identifier("zoneId"),
    oneOf("type", ALL_TYPES, schema("dns_record")),
    {
      path: "name",
      check: (value) =>
        value === "@" || isHostName(value) ? undefined : "write the full name in the zone, e.g. app.example.com, or @",
      source: RECORDS,
    },
    between("priority", 0, 65535, schema("dns_record")),
  ],
  check: (ctx) => {
    for (const check of [content, lifetime, priority, neighbours]) {
      const failure = ifKnown(() => check(ctx));
      if (failure) return failure;
    }
    return undefined;
  },
  replaces: ["zoneId"],
  updates: [
    ...["comment", "content", "data", "includeShadowMetadata", "name", "priority", "privateRouting", "proxied"],
    ...["settings", "tags", "ttl", "type"],
  ],
  defaults: { proxied: false, tags: [] },
  outputs: (ctx) => ({
    ...times(ctx),
    meta: "{}",
    proxiable: PROXIABLE.includes(text(ctx.inputs.type)),
    ...(ctx.inputs.comment !== undefined && {
      commentModifiedOn: text(ctx.old?.properties.commentModifiedOn) || now(),
    }),
    ...(ctx.inputs.tags !== undefined && { tagsModifiedOn: text(ctx.old?.properties.tagsModifiedOn) || now() }),
  }),
  absent: ["commentModifiedOn", "tagsModifiedOn"],
};
