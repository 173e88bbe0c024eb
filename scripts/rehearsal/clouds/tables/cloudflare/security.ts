import { X509Certificate } from "node:crypto";
import { offers } from "@groundwork/lib/cloudflare-plans";
import type { CloudflarePlan } from "@groundwork/lib/cloudflare-plans";
import type { Ctx, Properties, ResourceType } from "../../table.ts";
import { privateKeyOf } from "../tls/keys.ts";
import { isCidr, isIp, list, matches, oneOf, plain, text } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { API, DOCS, identifier, now, planOf, schema, times } from "./rules.ts";

const BOTS = `${API}/bot_management/methods/update/`;

/** The smallest plan that may set it; `free` only there, since larger plans have Super Bot Fight Mode in its place. */
const BOT_SETTINGS: Readonly<Record<string, CloudflarePlan>> = {
  sbfmDefinitelyAutomated: "pro",
  sbfmVerifiedBots: "pro",
  sbfmStaticResourceProtection: "pro",
  optimizeWordpress: "pro",
  sbfmLikelyAutomated: "business",
  suppressSessionScore: "enterprise",
  autoUpdateModel: "enterprise",
  bmCookieEnabled: "enterprise",
};

function botProblem(ctx: Ctx): SourcedFailure | undefined {
  const { inputs } = ctx;
  const { plan, shown } = planOf(ctx, inputs.zoneId);
  if (inputs.fightMode === true && plan !== "free")
    return { path: "fightMode", reason: `leave it out on ${shown}: it has Super Bot Fight Mode instead`, source: BOTS };
  const foreign = Object.entries(BOT_SETTINGS).find(
    ([name, least]) => inputs[name] !== undefined && !offers(plan, least),
  );
  return foreign === undefined
    ? undefined
    : { path: foreign[0], reason: `leave it out on ${shown}: it needs the ${foreign[1]} plan`, source: BOTS };
}

const BOT_DEFAULTS: Properties = {
  aiBotsMigrationOptOut: false,
  aiBotsProtection: "disabled",
  aiTraining: "disabled",
  aiUser: "disabled",
  aisearch: "disabled",
  autoUpdateModel: false,
  bmCookieEnabled: true,
  cfRobotsVariant: "off",
  contentBotsProtection: "disabled",
  crawlerProtection: "disabled",
  enableJs: false,
  fightMode: false,
  isRobotsTxtManaged: false,
  jsdApiResultsEnabled: false,
  optimizeWordpress: false,
  sbfmDefinitelyAutomated: "allow",
  sbfmLikelyAutomated: "allow",
  sbfmStaticResourceProtection: false,
  sbfmVerifiedBots: "allow",
  suppressSessionScore: false,
};

/** One of each zone: to delete it from a stack leaves it as it was last set. */
const botManagement: ResourceType = {
  token: "cloudflare:index/botManagement:BotManagement",
  source: schema("bot_management"),
  id: ({ inputs }) => text(inputs.zoneId),
  key: ({ inputs }) => text(inputs.zoneId),
  exists: "another resource sets the bots of this zone already, and each would undo the other",
  rules: [
    identifier("zoneId"),
    oneOf("sbfmDefinitelyAutomated", ["allow", "block", "managed_challenge"], schema("bot_management")),
    oneOf("sbfmLikelyAutomated", ["allow", "block", "managed_challenge"], schema("bot_management")),
    oneOf("sbfmVerifiedBots", ["allow", "block"], schema("bot_management")),
    oneOf("aiBotsProtection", ["block", "disabled", "only_on_ad_pages"], schema("bot_management")),
    oneOf("crawlerProtection", ["enabled", "disabled"], schema("bot_management")),
  ],
  check: botProblem,
  replaces: ["zoneId"],
  updates: [...Object.keys(BOT_DEFAULTS), "botPreferenceSyncEnabled"],
  defaults: BOT_DEFAULTS,
  outputs: () => ({ usingLatestModel: true, staleZoneConfiguration: {} }),
};

const PULLS = `${DOCS}/ssl/origin-configuration/authenticated-origin-pull/set-up/zone-level/`;

function readCertificate(armoured: unknown): X509Certificate | undefined {
  try {
    return new X509Certificate(text(armoured));
  } catch {
    return undefined;
  }
}

function certificateProblem({ inputs }: Ctx): SourcedFailure | undefined {
  const refused = (path: string, reason: string) => ({ path, reason, source: PULLS });
  const certificate = readCertificate(inputs.certificate);
  if (certificate === undefined) return refused("certificate", "write a certificate in PEM notation");
  if (certificate.ca) return refused("certificate", "write the leaf certificate, not its authority's");
  if (Date.parse(certificate.validTo) < Date.now()) return refused("certificate", "it has expired");
  const key = privateKeyOf(inputs.privateKey);
  if (key === undefined) return refused("privateKey", "write a private key in PEM notation");
  return certificate.checkPrivateKey(key) ? undefined : refused("privateKey", "it does not belong to the certificate");
}

const pullCertificate: ResourceType = {
  token: "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate",
  source: schema("authenticated_origin_pulls_certificate"),
  id: (ctx) => ctx.hex(32, "pull certificate"),
  rules: [identifier("zoneId")],
  check: certificateProblem,
  replaces: ["certificate", "zoneId"],
  updates: ["privateKey"],
  outputs: (ctx) => {
    const certificate = readCertificate(ctx.inputs.certificate);
    return {
      certificateId: ctx.id,
      enabled: true,
      expiresOn: new Date(certificate?.validTo ?? 0).toISOString(),
      issuer: certificate?.issuer ?? "",
      serialNumber: certificate?.serialNumber ?? "",
      signature: "ECDSAWithSHA256",
      status: "active",
      uploadedOn: text(ctx.old?.properties.uploadedOn) || now(),
    };
  },
  secrets: ["privateKey"],
};

const LISTS = `${DOCS}/waf/tools/lists/custom-lists/`;

/** What an item of each kind must have. */
const ITEMS: Readonly<Record<string, (item: Properties) => boolean>> = {
  ip: ({ ip }) => isIp(ip) || isCidr(ip),
  asn: ({ asn }) => typeof asn === "number" && asn > 0,
  hostname: ({ hostname }) => text(plain(hostname).urlHostname) !== "",
  redirect: ({ redirect }) => text(plain(redirect).sourceUrl) !== "" && text(plain(redirect).targetUrl) !== "",
};

function listProblem({ inputs }: Ctx): SourcedFailure | undefined {
  const kind = text(inputs.kind);
  const odd = list(inputs.items).findIndex((item) => ITEMS[kind]?.(plain(item)) === false);
  return odd < 0
    ? undefined
    : { path: `items[${odd}]`, reason: `write an item of kind ${kind}, e.g. an address`, source: LISTS };
}

/** Named values of an account, which rules refer to by `$name`. */
const accountList: ResourceType = {
  token: "cloudflare:index/list:List",
  source: schema("list"),
  id: (ctx) => ctx.hex(32, "list"),
  key: ({ inputs }) => `${text(inputs.accountId)}/${text(inputs.name)}`,
  exists: "a list of that name exists in the account already",
  rules: [
    identifier("accountId"),
    oneOf("kind", Object.keys(ITEMS), LISTS),
    matches("name", /^[a-z0-9_]{1,50}$/, "write 1 to 50 lower-case letters, digits and underscores", LISTS),
  ],
  check: listProblem,
  replaces: ["accountId", "kind", "name"],
  updates: ["description", "items"],
  outputs: (ctx) => ({ ...times(ctx), numItems: list(ctx.inputs.items).length, numReferencingFilters: 0 }),
};

export const securityTypes: readonly ResourceType[] = [botManagement, pullCertificate, accountList];
