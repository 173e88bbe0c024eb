import assert from "node:assert/strict";
import { MANAGED_RULESETS, OWASP_SCORE_RULE } from "@groundwork/lib/cloudflare-plans";
import { before, describe, it } from "mocha";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import { registered } from "../helpers/mocks.ts";
import type { Registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS } from "./cloud-fixture.ts";
import { holds } from "./expression.ts";
import type { Fields } from "./expression.ts";
import { prodConfig } from "./prod-config.ts";

const SYSTEMS = ["finai-nexus", "flowx", "sophia", "tracks", "web-platform"];
const REGIONS = ["us-west-2", "us-east-1"];
const DAY = 86_400;

interface Rule {
  readonly ref: string;
  readonly expression: string;
  readonly action: string;
  readonly actionParameters?: Readonly<Record<string, unknown>>;
  readonly ratelimit?: Readonly<Record<string, unknown>>;
}

/** What Cloudflare knows of a request when rules are asked. */
function request(url: string, more: Fields = {}): Fields {
  const { host, pathname } = new URL(url);
  const extension = /\.(\w+)$/.exec(pathname)?.[1] ?? "";
  return {
    "http.host": host,
    "http.request.uri.path": pathname,
    "http.request.uri.path.extension": extension,
    "http.request.method": "GET",
    ...more,
  };
}

class Zone {
  readonly #resources: readonly Registered[];

  constructor(resources: readonly Registered[]) {
    this.#resources = resources;
  }

  all(kind: string): readonly Registered[] {
    return this.#resources.filter(({ type }) => type.startsWith("cloudflare:") && type.endsWith(`:${kind}`));
  }

  /** What the regions' balancers ask clients for. */
  clientVerification(): unknown[] {
    return this.#resources
      .filter(({ type }) => type === "aws:lb/listener:Listener")
      .map(({ inputs }) => inputs["mutualAuthentication"]);
  }

  only(kind: string): Readonly<Record<string, unknown>> {
    const [found, ...others] = this.all(kind);
    assert.equal(others.length, 0, kind);
    return found?.inputs ?? assert.fail(`no ${kind}`);
  }

  rules(phase: string): readonly Rule[] {
    const found = this.all("Ruleset").filter(({ inputs }) => inputs["phase"] === phase);
    assert.equal(found.length, 1, phase);
    assert.equal(found[0]?.inputs["kind"], "zone");
    return found[0]?.inputs["rules"] as Rule[];
  }

  matching(phase: string, fields: Fields): readonly Rule[] {
    return this.rules(phase).filter(({ expression }) => holds(expression, fields));
  }

  /** What the cache does with an answer: of the rules that match, the last one wins setting by setting. */
  cached(url: string): { readonly edge: unknown; readonly browser: unknown } | undefined {
    const parameters = this.matching("http_request_cache_settings", request(url)).map((rule) => rule.actionParameters);
    const settings = Object.assign({}, ...parameters) as Readonly<Record<string, unknown>>;
    if (settings["cache"] !== true) return undefined;
    const told = (ttl: unknown): unknown => {
      const { mode, default: seconds } = ttl as { readonly mode: string; readonly default?: number };
      return seconds ?? mode;
    };
    return { edge: told(settings["edgeTtl"]), browser: told(settings["browserTtl"]) };
  }
}

async function zoneOf(changes: Readonly<Record<string, unknown>> = {}): Promise<Zone> {
  return new Zone(await registered(() => cloudEnvironment(prodConfig(changes)), CLOUD_OUTPUTS));
}

describe("prod at the edge: all five systems in two regions", () => {
  let zone: Zone;
  before(async () => {
    zone = await zoneOf();
  });

  describe("keeps by content type", () => {
    for (const [what, url, edge, browser] of [
      ["a page as the origin says, else not at all", "/", "bypass_by_default", "respect_origin"],
      ["a script as the origin says", "/app.js", "respect_origin", "respect_origin"],
      ["a style sheet as the origin says", "/app.css", "respect_origin", "respect_origin"],
      ["an image for 30 days, in browsers 7", "/logo.png", 30 * DAY, 7 * DAY],
      ["a font for 30 days", "/inter.woff2", 30 * DAY, 30 * DAY],
      ["a fingerprinted script for a year", "/assets/app.1f3a.js", 365 * DAY, 365 * DAY],
      ["a fingerprinted image for a year", "/_next/static/a.webp", 365 * DAY, 365 * DAY],
    ] as const)
      it(what, () => {
        for (const system of ["finai-nexus", "flowx"])
          assert.deepEqual(zone.cached(`https://${system}.example.com${url}`), { edge, browser }, system);
      });

    for (const url of [
      ...["finai-nexus.example.com/api", "finai-nexus.example.com/api/accounts", "flowx.example.com/api/logo.png"],
      ...["sophia.example.com/", "tracks.example.com/tracks/1.png", "web-platform.example.com/legacy/app.css"],
    ])
      it(`nothing of ${url}: it is data`, () => {
        assert.equal(zone.cached(`https://${url}`), undefined);
      });

    it("a 404 for a minute and no error, and compresses text as the visitor understands", () => {
      const answer = (code: number, type: string): Fields =>
        request("https://flowx.example.com/", {
          "http.response.code": code,
          "http.response.content_type.media_type": type,
        });
      const kept = (code: number) =>
        zone.matching("http_response_cache_settings", answer(code, "text/html")).map((rule) => rule.actionParameters);
      assert.deepEqual(kept(200), []);
      assert.deepEqual(kept(404), [{ sMaxage: { operation: "set", value: 60, cloudflareOnly: true } }]);
      assert.deepEqual(kept(502), [{ noStore: { operation: "set", cloudflareOnly: true } }]);
      const compressed = (type: string) => zone.matching("http_response_compression", answer(200, type)).length;
      assert.deepEqual([compressed("application/json"), compressed("image/png")], [1, 0]);
    });

    it("in the tier nearest to the origin too, without Argo's paid routing", () => {
      assert.equal(zone.only("TieredCache")["value"], "on");
      assert.equal(zone.only("ArgoTieredCaching")["value"], "on");
      assert.equal(zone.all("ArgoSmartRouting").length, 0);
    });
  });

  describe("refuses", () => {
    it("attacks that Cloudflare's and OWASP's rulesets know", () => {
      const parameters = zone.rules("http_request_firewall_managed").map((rule) => rule.actionParameters);
      assert.deepEqual(parameters, [
        { id: MANAGED_RULESETS.cloudflare.id },
        {
          id: MANAGED_RULESETS.owasp.id,
          overrides: {
            categories: [2, 3, 4].map((level) => ({ category: `paranoia-level-${level}`, enabled: false })),
            rules: [{ id: OWASP_SCORE_RULE, action: "block", scoreThreshold: 40 }],
          },
        },
      ]);
    });

    it("HTTP floods, at Cloudflare's own sensitivity", () => {
      assert.deepEqual(
        zone.rules("ddos_l7").map((rule) => rule.actionParameters),
        [{ id: MANAGED_RULESETS.httpDdos.id, overrides: { action: "block", sensitivityLevel: "default" } }],
      );
    });

    it("a client that asks for too much, with the two rules of the pro plan", () => {
      const limits = zone.rules("http_ratelimit");
      assert.equal(limits.length, 2);
      const limitOf = (system: string) =>
        zone
          .matching("http_ratelimit", request(`https://${system}.example.com/`))
          .map(({ ratelimit, action }) => [ratelimit?.["requestsPerPeriod"], ratelimit?.["period"], action]);
      for (const system of SYSTEMS)
        assert.deepEqual(limitOf(system), [[system === "sophia" ? 250 : 1200, 10, "block"]], system);
      for (const { ratelimit } of limits) assert.deepEqual(ratelimit?.["characteristics"], ["cf.colo.id", "ip.src"]);
    });

    it("what is private, and methods that nobody answers", () => {
      const blocked = (path: string, method = "GET") =>
        zone
          .matching(
            "http_request_firewall_custom",
            request(`https://tracks.example.com${path}`, { "http.request.method": method }),
          )
          .filter(({ action }) => action === "block")
          .map(({ ref }) => ref);
      assert.deepEqual(blocked("/"), []);
      assert.deepEqual(blocked("/.env"), ["custom-private-files"]);
      assert.deepEqual(blocked("/metrics"), ["custom-operators-only"]);
      assert.deepEqual(blocked("/", "TRACE"), ["custom-methods"]);
    });

    it("bots with a challenge, which data never meets", () => {
      const { zoneId: _, ...bots } = zone.only("BotManagement");
      assert.deepEqual(bots, {
        enableJs: false,
        sbfmDefinitelyAutomated: "managed_challenge",
        sbfmVerifiedBots: "allow",
        sbfmStaticResourceProtection: false,
      });
      const isSpared = (url: string) =>
        zone.matching("http_request_firewall_custom", request(url)).some(({ ref }) => ref === "custom-data");
      assert.equal(isSpared("https://finai-nexus.example.com/login"), false);
      for (const url of ["finai-nexus.example.com/api/accounts", "tracks.example.com/", "web-platform.example.com/"])
        assert.equal(isSpared(`https://${url}`), true, url);
    });
  });

  it("sets the zone to TLS 1.2 and newer, HTTP/3, HTTPS only and strict checks of the origin", () => {
    const settings = new Map(zone.all("ZoneSetting").map(({ inputs }) => [inputs["settingId"], inputs["value"]]));
    const header = settings.get("security_header");
    settings.delete("security_header");
    assert.deepEqual(Object.fromEntries(settings), {
      ...{ ssl: "strict", always_use_https: "on", min_tls_version: "1.2", tls_1_3: "on", "0rtt": "off", http3: "on" },
      ...{ automatic_https_rewrites: "on", opportunistic_encryption: "on", websockets: "on", early_hints: "on" },
      brotli: "on",
    });
    assert.deepEqual(header, {
      strict_transport_security: {
        ...{ enabled: true, max_age: 365 * DAY, include_subdomains: true, preload: false, nosniff: true },
      },
    });
  });

  it("balances each system over a pool in each region, the primary first", () => {
    const balancers = zone.all("LoadBalancer").map(({ inputs }) => inputs);
    assert.deepEqual(
      balancers.map(({ name }) => name),
      SYSTEMS.map((system) => `${system}.example.com`),
    );
    for (const [index, balancer] of balancers.entries()) {
      const pools = REGIONS.map((region) => `${SYSTEMS[index]}-${region}-id`);
      assert.deepEqual(balancer["defaultPools"], pools);
      assert.equal(balancer["fallbackPool"], pools.at(-1));
      assert.deepEqual([balancer["proxied"], balancer["steeringPolicy"]], [true, "off"]);
      assert.equal(balancer["sessionAffinity"], undefined);
    }
  });

  it("has ten pools, each with one balancer of one region and that system's health check from nearby", () => {
    const pools = zone.all("LoadBalancerPool");
    assert.equal(pools.length, 10);
    for (const system of SYSTEMS)
      for (const region of REGIONS) {
        const { inputs } = pools.find(({ name }) => name === `${system}-${region}`) ?? assert.fail(region);
        assert.equal(inputs["monitor"], `${system}-health-id`);
        assert.deepEqual(inputs["checkRegions"], [region === "us-west-2" ? "WNAM" : "ENAM"]);
        assert.equal(inputs["minimumOrigins"], 1);
        const [origin, ...others] = inputs["origins"] as Record<string, unknown>[];
        assert.equal(others.length, 0);
        assert.equal(origin?.["address"], `${region}-ingress.elb.example`);
        assert.deepEqual(origin?.["header"], { hosts: [`${system}.example.com`] });
      }
  });

  it("asks each system for its health every minute, as its visitors would", () => {
    const monitors = zone.all("LoadBalancerMonitor").map(({ inputs }) => inputs);
    assert.equal(monitors.length, 5);
    for (const [index, monitor] of monitors.entries()) {
      assert.deepEqual(monitor["header"], { Host: [`${SYSTEMS[index]}.example.com`] });
      assert.equal(monitor["probeZone"], "example.com");
      const { type, method, port, expectedCodes, allowInsecure, interval, timeout, retries } = monitor;
      assert.deepEqual([type, method, port, expectedCodes, allowInsecure], ["https", "GET", 443, "200", false]);
      assert.deepEqual([interval, timeout, retries], [60, 5, 2]);
      assert.match(String(monitor["path"]), /^\/\w+$/);
    }
  });

  it("shows the balancers a certificate of its own, and keeps its key", () => {
    const { certificate, privateKey } = zone.only("AuthenticatedOriginPullsCertificate");
    assert.equal(certificate, "certificate of origin-first-client");
    assert.ok(typeof privateKey === "object", "the key is no secret");
    assert.equal(zone.only("AuthenticatedOriginPullsSettings")["enabled"], true);
    const asked = zone.clientVerification() as { readonly mode: string; readonly trustStoreArn: string }[];
    assert.deepEqual(
      asked.map(({ mode }) => mode),
      ["verify", "verify"],
    );
    for (const [index, { trustStoreArn }] of asked.entries()) assert.match(trustStoreArn, RegExp(REGIONS[index] ?? ""));
  });

  it("has one DNS record of its own, the proof for the regions' certificates: hosts are the balancers'", () => {
    const { type, name, content, proxied } = zone.only("DnsRecord");
    assert.deepEqual([type, name, proxied], ["CNAME", "_1.example.com", false]);
    assert.match(String(content), /\.acm-validations\.aws$/);
    assert.equal(zone.all("ZoneDnssec").length, 0);
  });
});

describe("prod at the edge of a business plan, with every choice made otherwise", () => {
  let zone: Zone;
  before(async () => {
    zone = await zoneOf({
      cloudflarePlan: "business",
      edge: {
        ...{ dnssec: true, hstsSeconds: 0, argo: true, bots: "block", ddosSensitivity: "low" },
        ...{ exemptCidrs: ["203.0.113.0/24"], steering: "geo", affinity: "cookie", checkRegions: 3 },
        ...{ notificationEmail: "ops@example.com", originAuthentication: "presented" },
        originCertificates: ["2026", "2027"],
      },
    });
  });

  it("prefers the region in the visitor's part of the world, and keeps a client there", () => {
    const balancers = zone.all("LoadBalancer");
    assert.equal(balancers.length, 5);
    for (const [index, { inputs }] of balancers.entries()) {
      const [west, east] = REGIONS.map((region) => `${SYSTEMS[index]}-${region}-id`);
      assert.equal(inputs["steeringPolicy"], "geo");
      assert.deepEqual(inputs["regionPools"], { WNAM: [west, east], ENAM: [east, west] });
      assert.deepEqual([inputs["sessionAffinity"], inputs["sessionAffinityTtl"]], ["cookie", 7200]);
      assert.deepEqual(inputs["sessionAffinityAttributes"], { samesite: "Lax", secure: "Always", drainDuration: 600 });
    }
  });

  it("checks regions from as many parts of the world as are booked, and tells of a lost one", () => {
    for (const { name, inputs } of zone.all("LoadBalancerPool")) {
      const nearby = name.endsWith("us-west-2") ? ["WNAM", "ENAM", "WEU"] : ["ENAM", "WEU", "WNAM"];
      assert.deepEqual(inputs["checkRegions"], nearby);
      assert.equal(inputs["notificationEmail"], "ops@example.com");
    }
  });

  it("blocks bots, likely ones with a challenge, and spares the named addresses", () => {
    const bots = zone.only("BotManagement");
    assert.deepEqual([bots["sbfmDefinitelyAutomated"], bots["sbfmLikelyAutomated"]], ["block", "managed_challenge"]);
    const [exempt] = zone.rules("http_request_firewall_custom");
    assert.deepEqual([exempt?.ref, exempt?.action], ["custom-exempt", "skip"]);
    assert.match(exempt?.expression ?? "", /ip\.src in \{203\.0\.113\.0\/24\}/);
    assert.deepEqual(exempt?.actionParameters, {
      phases: ["http_ratelimit", "http_request_firewall_managed", "http_request_sbfm"],
    });
    assert.match(JSON.stringify(zone.rules("ddos_l7")), /"sensitivityLevel":"low"/);
  });

  it("signs the zone, takes Argo's routes, and lets browsers forget HTTPS", () => {
    assert.equal(zone.only("ZoneDnssec")["status"], "active");
    assert.equal(zone.only("ArgoSmartRouting")["value"], "on");
    const header = zone.all("ZoneSetting").find(({ inputs }) => inputs["settingId"] === "security_header");
    assert.match(JSON.stringify(header?.inputs["value"]), /"enabled":false,.*"max_age":0/);
  });

  it("shows both certificates, which no balancer asks for yet", () => {
    assert.equal(zone.all("AuthenticatedOriginPullsCertificate").length, 2);
    assert.deepEqual(zone.clientVerification(), [undefined, undefined]);
  });
});
