import { generateKeyPairSync } from "node:crypto";
import type { Created, Ctx, Properties, ResourceType } from "../../table.ts";
import { certificate, nameOf, publicKeyOf, readRequest } from "../tls/certificate.ts";
import { drawnOnce, list, matches, oneOf, plain, text } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { API, DOCS, hostName, identifier, now, planOf, schema, times } from "./rules.ts";

const ON_OFF = ["on", "off"];
/** https://developers.cloudflare.com/api/resources/zones/subresources/settings/methods/edit/ */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  "0rtt": ON_OFF,
  always_online: ON_OFF,
  always_use_https: ON_OFF,
  automatic_https_rewrites: ON_OFF,
  brotli: ON_OFF,
  cache_level: ["aggressive", "basic", "simplified"],
  development_mode: ON_OFF,
  early_hints: ON_OFF,
  http2: ON_OFF,
  http3: ON_OFF,
  ipv6: ON_OFF,
  min_tls_version: ["1.0", "1.1", "1.2", "1.3"],
  opportunistic_encryption: ON_OFF,
  security_level: ["off", "essentially_off", "low", "medium", "high", "under_attack"],
  ssl: ["off", "flexible", "full", "strict", "origin_pull"],
  tls_1_3: ["on", "off", "zrt"],
  tls_client_auth: ON_OFF,
  websockets: ON_OFF,
};
const SETTING_DOCS = `${API}/zones/subresources/settings/methods/edit/`;

/** https://developers.cloudflare.com/ssl/edge-certificates/additional-options/http-strict-transport-security/ */
const TRANSPORT: Readonly<Record<string, string>> = {
  enabled: "boolean",
  include_subdomains: "boolean",
  max_age: "number",
  nosniff: "boolean",
  preload: "boolean",
};
const PRELOAD_SECONDS = 31_536_000;

function transportProblem(value: Properties): SourcedFailure | undefined {
  const source = `${DOCS}/ssl/edge-certificates/additional-options/http-strict-transport-security/`;
  const refused = (name: string, reason: string) => ({ path: `value.${name}`, reason, source });
  if (value.strict_transport_security === undefined)
    return refused("strict_transport_security", "write the header's parts below it");
  const parts = plain(value.strict_transport_security);
  const odd = Object.keys(parts).find((name) => typeof parts[name] !== TRANSPORT[name]);
  if (odd !== undefined)
    return refused(
      `strict_transport_security.${odd}`,
      TRANSPORT[odd] === undefined ? `write ${Object.keys(TRANSPORT).join(", ")}` : `write a ${TRANSPORT[odd]}`,
    );
  const preloads =
    parts.preload === true && (Number(parts.max_age) < PRELOAD_SECONDS || parts.include_subdomains !== true);
  return preloads
    ? refused("strict_transport_security.preload", "it needs a year and all subdomains: https://hstspreload.org")
    : undefined;
}

const zoneSetting: ResourceType = {
  token: "cloudflare:index/zoneSetting:ZoneSetting",
  source: schema("zone_setting"),
  id: ({ inputs }) => text(inputs.settingId),
  key: ({ inputs }) => `${text(inputs.zoneId)}/${text(inputs.settingId)}`,
  exists: "another resource sets this setting of the zone already, and each would undo the other",
  rules: [
    identifier("zoneId"),
    matches("settingId", /^[a-z0-9_]+$/, "write the setting's name, e.g. min_tls_version", SETTING_DOCS),
  ],
  check: ({ inputs }): SourcedFailure | undefined => {
    if (inputs.settingId === "security_header") return transportProblem(plain(inputs.value));
    const values = SETTINGS[text(inputs.settingId)];
    if (!values || values.includes(text(inputs.value))) return undefined;
    return {
      path: "value",
      reason: `write one of ${values.join(", ")} for ${text(inputs.settingId)}`,
      source: SETTING_DOCS,
    };
  },
  replaces: ["settingId", "zoneId"],
  updates: ["enabled", "value"],
  outputs: () => ({ editable: true, modifiedOn: now() }),
  absent: ["timeRemaining"],
  retains: (thing) => `setting ${thing.id} of the zone, which Cloudflare cannot delete: it stays as it was last set`,
};

/** https://developers.cloudflare.com/dns/zone-setups/full-setup/setup/ */
function zoneOutputs(ctx: Created): Properties {
  const name = (salt: string) => NAME_SERVERS[parseInt(ctx.hex(4, salt), 16) % NAME_SERVERS.length] ?? "ada";
  const { createdOn, modifiedOn } = times(ctx);
  const account = text(plain(ctx.inputs.account).id);
  return {
    createdOn,
    modifiedOn,
    activatedOn: createdOn,
    developmentMode: 0,
    meta: {
      cdnOnly: false,
      customCertificateQuota: 0,
      dnsOnly: false,
      foundationDns: false,
      pageRuleQuota: 3,
      phishingDetected: false,
      step: 4,
    },
    nameServers: [`${name("one")}.ns.cloudflare.com`, `${name("two")}.ns.cloudflare.com`],
    originalNameServers: [],
    owner: { id: account, name: "", type: "organization" },
    permissions: [],
    plan: { ...FREE_PLAN, id: ctx.hex(32, "plan") },
    status: "active",
    tenant: { id: "", name: "" },
    tenantUnit: { id: "" },
    verificationKey: "",
  };
}

const NAME_SERVERS = [
  "ada",
  "amir",
  "beth",
  "cody",
  "dana",
  "elmo",
  "faye",
  "gabe",
  "hana",
  "ivan",
  "jade",
  "kurt",
  "lana",
  "mark",
];
const FREE_PLAN = {
  canSubscribe: false,
  currency: "USD",
  externallyManaged: false,
  frequency: "",
  isSubscribed: false,
  legacyDiscount: false,
  legacyId: "free",
  name: "Free Website",
  price: 0,
};

const zone: ResourceType = {
  token: "cloudflare:index/zone:Zone",
  source: schema("zone"),
  id: (ctx) => ctx.hex(32, "zone"),
  key: ({ inputs }) => text(inputs.name).toLowerCase() || undefined,
  exists: "1061: this zone already exists",
  rules: [
    identifier("account.id"),
    hostName("name", `${API}/zones/methods/create/`),
    oneOf("type", ["full", "partial", "secondary", "internal"], schema("zone")),
  ],
  replaces: ["account", "name"],
  updates: ["paused", "type", "vanityNameServers"],
  defaults: { paused: false, type: "full", vanityNameServers: [] },
  outputs: zoneOutputs,
  absent: ["cnameSuffix", "originalDnshost", "originalRegistrar"],
};

interface Single {
  readonly name: string;
  readonly service: string;
  readonly updates: readonly string[];
  readonly outputs: (ctx: Created) => Properties;
  readonly values?: readonly string[];
  readonly check?: ResourceType["check"];
  readonly defaults?: Properties;
  readonly absent?: readonly string[];
}

/** What a zone has exactly one of: the provider's id is the zone's, and a second resource would fight with the first. */
function single({ name, service, updates, outputs, values, check, defaults, absent }: Single): ResourceType {
  const file = name.charAt(0).toLowerCase() + name.slice(1);
  return {
    token: `cloudflare:index/${file}:${name}`,
    source: schema(service),
    id: ({ inputs }) => text(inputs.zoneId),
    key: ({ inputs }) => text(inputs.zoneId),
    exists: "another resource sets this of the zone already, and each would undo the other",
    rules: [identifier("zoneId"), ...(values ? [oneOf("value", values, schema(service))] : [])],
    replaces: ["zoneId"],
    updates,
    outputs,
    ...(check && { check }),
    ...(defaults && { defaults }),
    ...(absent && { absent }),
  };
}

const toggled = () => ({ editable: true, modifiedOn: now() });

/** https://developers.cloudflare.com/cache/how-to/tiered-cache/#availability */
function enterpriseOnly(ctx: Ctx): SourcedFailure | undefined {
  const { plan, shown } = planOf(ctx, ctx.inputs.zoneId);
  if (plan === "enterprise") return undefined;
  return {
    path: "zoneId",
    reason: `regional tiered cache is for the Enterprise plan, the zone has ${shown}`,
    source: `${DOCS}/cache/how-to/tiered-cache/`,
  };
}

const MONTH = 30 * 86_400_000;

const SINGLES = [
  single({
    name: "ZoneSubscription",
    service: "zone_subscription",
    updates: ["frequency", "ratePlan"],
    outputs: (ctx) => {
      const start = text(ctx.old?.properties.currentPeriodStart) || now();
      const end = new Date(Date.parse(start) + MONTH).toISOString();
      return { currency: "USD", currentPeriodStart: start, currentPeriodEnd: end, price: 0, state: "Paid" };
    },
    defaults: { frequency: "monthly" },
  }),
  single({
    name: "ArgoSmartRouting",
    service: "argo_smart_routing",
    updates: ["value"],
    outputs: toggled,
    values: ON_OFF,
  }),
  single({ name: "TieredCache", service: "tiered_cache", updates: ["value"], outputs: toggled, values: ON_OFF }),
  single({
    name: "ArgoTieredCaching",
    service: "argo_tiered_caching",
    updates: ["value"],
    outputs: toggled,
    values: ON_OFF,
  }),
  single({
    name: "RegionalTieredCache",
    service: "regional_tiered_cache",
    updates: ["value"],
    outputs: toggled,
    values: ON_OFF,
    check: enterpriseOnly,
    defaults: { value: "off" },
  }),
  single({
    name: "AuthenticatedOriginPullsSettings",
    service: "authenticated_origin_pulls_settings",
    updates: ["enabled"],
    outputs: () => ({}),
  }),
  single({
    name: "UniversalSslSetting",
    service: "universal_ssl_setting",
    updates: ["enabled"],
    outputs: () => ({}),
    defaults: { enabled: true },
  }),
  single({
    name: "TotalTls",
    service: "total_tls",
    updates: ["certificateAuthority", "enabled"],
    outputs: () => ({ validityPeriod: 90 }),
    defaults: { certificateAuthority: "google" },
  }),
  single({
    name: "UrlNormalizationSettings",
    service: "url_normalization_settings",
    updates: ["scope", "type"],
    outputs: () => ({}),
  }),
  single({
    name: "ZoneDnssec",
    service: "zone_dnssec",
    updates: ["dnssecMultiSigner", "dnssecPresigned", "dnssecUseNsec3", "status"],
    defaults: { status: "active", dnssecMultiSigner: false, dnssecPresigned: false, dnssecUseNsec3: false },
    outputs: (ctx) => {
      const [digest, keyTag] = [ctx.hex(64, "digest").toUpperCase(), parseInt(ctx.hex(4, "tag"), 16)];
      const publicKey = Buffer.from(ctx.hex(128, "key"), "hex").toString("base64");
      // Algorithm 13 (ECDSA P-256 with SHA-256), digest 2 (SHA-256), key signing key: https://developers.cloudflare.com/dns/dnssec/
      const ds = `3600 IN DS ${keyTag} 13 2 ${digest}`;
      return {
        algorithm: "13",
        digest,
        digestAlgorithm: "SHA256",
        digestType: "2",
        ds,
        flags: 257,
        keyTag,
        keyType: "ECDSAP256SHA256",
        modifiedOn: now(),
        publicKey,
      };
    },
  }),
];

const originPulls: ResourceType = {
  token: "cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls",
  source: schema("authenticated_origin_pulls"),
  id: ({ inputs }) => text(inputs.zoneId),
  key: ({ inputs }) =>
    `${text(inputs.zoneId)}/${list(inputs.configs)
      .map((each) => text(plain(each).hostname))
      .join(",")}`,
  exists: "another resource sets the origin pulls of these hosts already",
  rules: [
    identifier("zoneId"),
    hostName("configs[].hostname", `${DOCS}/ssl/origin-configuration/authenticated-origin-pull/set-up/per-hostname/`),
  ],
  replaces: ["zoneId"],
  updates: ["configs"],
  outputs: (ctx) => {
    const config = plain(list(ctx.inputs.configs)[0]);
    return {
      certId: text(config.certId),
      enabled: config.enabled ?? true,
      hostname: text(config.hostname),
      createdAt: text(ctx.old?.properties.createdAt) || now(),
      updatedAt: now(),
      status: "active",
    };
  },
  absent: [
    "certStatus",
    "certUpdatedAt",
    "certUploadedOn",
    "certificate",
    "expiresOn",
    "issuer",
    "privateKey",
    "serialNumber",
    "signature",
  ],
};

/** https://developers.cloudflare.com/ssl/origin-configuration/origin-ca/ */
const ORIGIN_CA = `${API}/origin_ca_certificates/methods/create/`;
const VALIDITIES = [7, 30, 90, 365, 730, 1095, 5475];
const DAY = 86_400_000;

/** A certificate for the very key of the request; its authority lives only as long as this process. */
function issue(ctx: Created): Properties {
  const request = readRequest(text(ctx.inputs.csr));
  if (!request) return {};
  const key = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
  const name = nameOf({
    country: "US",
    organization: "CloudFlare, Inc.",
    organizationalUnit: "CloudFlare Origin SSL Certificate Authority",
  });
  const start = new Date(Math.floor(Date.now() / 1000) * 1000);
  const end = new Date(start.getTime() + Number(ctx.inputs.requestedValidity ?? 5475) * DAY);
  const wanted = {
    ...request,
    serial: BigInt(ctx.id),
    uses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
    start,
    end,
  };
  const options = { isAuthority: false, maxPathLength: undefined, setSubjectKeyId: true, setAuthorityKeyId: true };
  return {
    certificate: certificate({ ...wanted, ...options }, { name, publicKey: publicKeyOf(key), key }),
    expiresOn: end.toISOString(),
  };
}

const originCaCertificate: ResourceType = {
  token: "cloudflare:index/originCaCertificate:OriginCaCertificate",
  source: schema("origin_ca_certificate"),
  id: (ctx) => BigInt(`0x4${ctx.hex(30, "serial")}`).toString(),
  rules: [
    oneOf("requestType", ["origin-rsa", "origin-ecc", "keyless-certificate"], ORIGIN_CA),
    {
      path: "requestedValidity",
      check: (value) => (VALIDITIES.includes(Number(value)) ? undefined : `write one of ${VALIDITIES.join(", ")} days`),
      source: ORIGIN_CA,
    },
    {
      path: "csr",
      check: (value) => (readRequest(text(value)) ? undefined : "write a certificate request in PEM notation"),
      source: ORIGIN_CA,
    },
    hostName("hostnames[]", ORIGIN_CA),
    {
      path: "hostnames",
      check: (value) => (list(value).length > 0 ? undefined : "write at least one host name"),
      source: ORIGIN_CA,
    },
  ],
  replaces: ["csr", "hostnames", "requestType", "requestedValidity"],
  defaults: { requestedValidity: 5475 },
  outputs: drawnOnce(issue),
};

export const zoneTypes: readonly ResourceType[] = [zone, zoneSetting, originPulls, originCaCertificate, ...SINGLES];
