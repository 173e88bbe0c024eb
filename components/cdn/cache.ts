import * as cloudflare from "@pulumi/cloudflare";
import type { types } from "@pulumi/cloudflare";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import { all, either, isBelow, isHost, not, quoted, set } from "./expressions.ts";
import type { EdgeSite } from "./spec.ts";

export interface CacheArgs {
  readonly zoneId: string;
  readonly sites: readonly [EdgeSite, ...EdgeSite[]];
  /** Argo Smart Routing, a paid add-on. Default false. */
  readonly argo?: boolean;
}

type Rule = types.input.RulesetRule;

const DAY = 86_400;

/** Folders in which builds keep files whose names change with their content (Vite, Next.js, Create React App). */
const FINGERPRINTED = ["/assets", "/_next/static", "/static"];

/** What the cache knows by its extension. https://developers.cloudflare.com/cache/concepts/default-cache-behavior/#default-cached-file-extensions */
const EXTENSIONS = {
  images: ["avif", "bmp", "gif", "ico", "jpeg", "jpg", "png", "svg", "svgz", "webp"],
  fonts: ["eot", "otf", "ttf", "woff", "woff2"],
  code: ["css", "js", "mjs", "wasm"],
} as const;

/** What is worth compressing, of the types that Cloudflare compresses by default. https://developers.cloudflare.com/speed/optimization/content/compression/ */
const COMPRESSED = [
  ...["text/html", "text/plain", "text/css", "text/javascript", "text/xml", "application/javascript"],
  ...["application/json", "application/xml", "application/manifest+json", "application/vnd.api+json"],
  ...["application/wasm", "image/svg+xml", "font/ttf", "font/otf"],
];

/** Seconds for which an address that leads nowhere is remembered. */
const NOT_FOUND_SECONDS = 60;

/**
 * What Cloudflare keeps near the visitors, by type of content: fingerprinted files for a year, images and fonts for a
 * month, scripts and styles and pages exactly as the origin says, data never. Errors are not kept. Misses go to one
 * upper tier instead of to the origin (Tiered Cache, free).
 */
export class ZoneCache extends ComponentResource {
  constructor(name: string, { zoneId, sites, argo = false }: CacheArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:cdn:ZoneCache", name, {}, opts);
    const parent = { parent: this };
    const hosts = isHost(sites.map(({ host }) => host));
    const ruleset = (phase: string, what: string, rules: Rule[]) =>
      new cloudflare.Ruleset(
        `${name}-${what}`,
        { zoneId, kind: "zone", phase, name: `${name}-${what}`, rules },
        parent,
      );
    ruleset("http_request_cache_settings", "requests", requestRules(sites, hosts));
    ruleset("http_response_cache_settings", "responses", responseRules(hosts));
    ruleset("http_response_compression", "compression", compressionRules(hosts));
    new cloudflare.ArgoTieredCaching(`${name}-tiers`, { zoneId, value: "on" }, parent);
    new cloudflare.TieredCache(`${name}-topology`, { zoneId, value: "on" }, parent);
    if (argo) new cloudflare.ArgoSmartRouting(`${name}-routing`, { zoneId, value: "on" }, parent);
    this.registerOutputs({});
  }
}

/** Of the rules that match, the last one wins setting by setting: from the general to the special. */
function requestRules(sites: readonly EdgeSite[], hosts: string): Rule[] {
  const data: Rule = cacheRule("data", "Data is never cached", hosts, { cache: false });
  const pages = pagesOf(sites);
  if (pages === undefined) return [data];
  const files = (extensions: readonly string[]) => all(pages, `http.request.uri.path.extension in ${set(extensions)}`);
  return [
    data,
    cacheRule("pages", "Pages, scripts and styles: as the origin says, else not at all", pages, {
      cache: true,
      edgeTtl: { mode: "bypass_by_default" },
      browserTtl: { mode: "respect_origin" },
      // A page asked for as /account/x.css is not kept for the next visitor.
      cacheKey: { cacheDeceptionArmor: true },
    }),
    keep("code", "Scripts and styles that the origin says nothing of: two hours", files(EXTENSIONS.code)),
    keep("images", "Images: a month, in browsers a week", files(EXTENSIONS.images), 30 * DAY, 7 * DAY),
    keep("fonts", "Fonts: a month, in browsers too", files(EXTENSIONS.fonts), 30 * DAY, 30 * DAY),
    keep(
      "fingerprinted",
      "Files whose names change with their content: a year",
      fingerprinted(pages),
      365 * DAY,
      365 * DAY,
    ),
  ];
}

/** What of the sites is pages and files; undefined when it is all data. */
function pagesOf(sites: readonly EdgeSite[]): string | undefined {
  const conditions = sites
    .filter(({ pages }) => pages.length > 0)
    .map(({ host, pages, apis }) =>
      all(
        isHost([host]),
        isBelow(pages),
        apis.length === 0 ? "true" : not(isBelow(apis.filter((path) => path !== "/"))),
      ),
    );
  return conditions.length === 0 ? undefined : either(conditions);
}

function fingerprinted(pages: string): string {
  const folders = FINGERPRINTED.map((folder) => `starts_with(http.request.uri.path, ${quoted(`${folder}/`)})`);
  const known = `http.request.uri.path.extension in ${set([...EXTENSIONS.code, ...EXTENSIONS.images, ...EXTENSIONS.fonts])}`;
  return all(pages, either(folders), known);
}

function keep(ref: string, description: string, expression: string, edge?: number, browser?: number): Rule {
  return cacheRule(ref, description, expression, {
    cache: true,
    edgeTtl: edge === undefined ? { mode: "respect_origin" } : { mode: "override_origin", default: edge },
    browserTtl: browser === undefined ? { mode: "respect_origin" } : { mode: "override_origin", default: browser },
    cacheKey: { cacheDeceptionArmor: true, ignoreQueryStringsOrder: true },
  });
}

function cacheRule(
  ref: string,
  description: string,
  expression: string,
  actionParameters: types.input.RulesetRuleActionParameters,
): Rule {
  return { ref: `cache-${ref}`, description, expression, action: "set_cache_settings", actionParameters };
}

/** https://developers.cloudflare.com/cache/how-to/cache-response-rules/ */
function responseRules(hosts: string): Rule[] {
  const rule = (
    ref: string,
    description: string,
    codes: string,
    actionParameters: types.input.RulesetRuleActionParameters,
  ) => ({
    ...{ ref: `cache-${ref}`, description, expression: all(hosts, codes) },
    ...{ action: "set_cache_control", actionParameters },
  });
  return [
    rule("not-found", "What is not there is asked for again after a minute", "http.response.code in {404 410}", {
      sMaxage: { operation: "set", value: NOT_FOUND_SECONDS, cloudflareOnly: true },
    }),
    rule("errors", "Errors are not kept", "http.response.code ge 500", {
      noStore: { operation: "set", cloudflareOnly: true },
    }),
  ];
}

function compressionRules(hosts: string): Rule[] {
  return [
    {
      ref: "compress-text",
      description: "The best that the visitor understands",
      expression: all(hosts, `http.response.content_type.media_type in ${set(COMPRESSED)}`),
      action: "compress_response",
      actionParameters: { algorithms: [{ name: "zstd" }, { name: "brotli" }, { name: "gzip" }] },
    },
  ];
}
