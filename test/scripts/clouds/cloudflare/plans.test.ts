import assert from "node:assert/strict";
import { CLOUDFLARE_PLANS, MANAGED_RULESETS } from "@groundwork/lib/cloudflare-plans";
import type { CloudflarePlan } from "@groundwork/lib/cloudflare-plans";
import type { Ctx, Properties, Thing } from "../../../../scripts/rehearsal/clouds/table.ts";
import { table } from "../../../../scripts/rehearsal/clouds/tables/cloudflare.ts";
import { readExpression } from "../../../../scripts/rehearsal/clouds/tables/cloudflare/expressions.ts";
import { certificate, nameOf, publicKeyOf } from "../../../../scripts/rehearsal/clouds/tables/tls/certificate.ts";
import { generate, privatePem } from "../../../../scripts/rehearsal/clouds/tables/tls/keys.ts";
import { FakeCloud } from "../fake-cloud.ts";

const token = (name: string) => `cloudflare:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
const ZONE = "023e105f4ecef8ad9ca31a8372d0c353";
const ACCOUNT = "f037e56e89293a057740de681ac9abbe";

/** A cloud whose rehearsal says what the zone has booked. */
class Booked extends FakeCloud {
  readonly #plan: CloudflarePlan;

  constructor(plan: CloudflarePlan) {
    super(table);
    this.#plan = plan;
  }

  override ctx(token: string, name: string, inputs: Properties, old?: Thing): Ctx {
    return { ...super.ctx(token, name, inputs, old), cloudflarePlan: this.#plan };
  }
}

const said = (cloud: FakeCloud, name: string, inputs: Properties) => cloud.refusals(token(name), inputs).join("; ");

/** The plans on which the inputs pass. */
function on(name: string, inputs: Properties): CloudflarePlan[] {
  return CLOUDFLARE_PLANS.filter((plan) => said(new Booked(plan), name, inputs) === "");
}

const ruleset = (phase: string, rule: Properties, count = 1): Properties => ({
  ...{ zoneId: ZONE, kind: "zone", name: "it", phase },
  rules: Array.from({ length: count }, () => ({ expression: "true", ...rule })),
});
const limit = (rest: Properties, expression = 'http.request.uri.path eq "/login"', count = 1) =>
  ruleset(
    "http_ratelimit",
    {
      ...{ action: "block", expression },
      ratelimit: {
        characteristics: ["cf.colo.id", "ip.src"],
        period: 10,
        requestsPerPeriod: 5,
        mitigationTimeout: 10,
        ...rest,
      },
    },
    count,
  );
const PAID = ["pro", "business", "enterprise"];
const LARGE = ["business", "enterprise"];

describe("simulated Cloudflare: what each plan has", () => {
  for (const [what, name, inputs, plans] of [
    ["a rate limit over ten seconds by path", "Ruleset", limit({}), ["free", ...PAID]],
    ["two rate limits", "Ruleset", limit({}, undefined, 2), PAID],
    ["five rate limits", "Ruleset", limit({}, undefined, 5), LARGE],
    ["a rate limit by host", "Ruleset", limit({}, 'http.host eq "a.example.com"'), PAID],
    ["a rate limit by method", "Ruleset", limit({}, 'http.request.method eq "POST"'), LARGE],
    ["a rate limit over a minute", "Ruleset", limit({ period: 60 }), PAID],
    ["a rate limit over ten minutes", "Ruleset", limit({ period: 600 }), LARGE],
    ["a block of a day", "Ruleset", limit({ mitigationTimeout: 86_400 }), LARGE],
    ["what is counted by itself", "Ruleset", limit({ countingExpression: "http.response.code eq 401" }), LARGE],
    ["a count by visitor", "Ruleset", limit({ characteristics: ["cf.colo.id", "cf.unique_visitor_id"] }), LARGE],
    [
      "a count by cookie",
      "Ruleset",
      limit({ characteristics: ["cf.colo.id", 'http.request.cookies["a"]'] }),
      ["enterprise"],
    ],
    [
      "regular expressions",
      "Ruleset",
      ruleset("http_request_firewall_custom", { action: "block", expression: 'http.host matches "a.*"' }),
      LARGE,
    ],
    ["logging rules", "Ruleset", ruleset("http_request_firewall_custom", { action: "log" }), ["enterprise"]],
    ["six custom rules", "Ruleset", ruleset("http_request_firewall_custom", { action: "block" }, 6), PAID],
    [
      "the managed ruleset",
      "Ruleset",
      ruleset("http_request_firewall_managed", {
        action: "execute",
        actionParameters: { id: MANAGED_RULESETS.cloudflare.id },
      }),
      PAID,
    ],
    [
      "the free managed ruleset",
      "Ruleset",
      ruleset("http_request_firewall_managed", {
        action: "execute",
        actionParameters: { id: MANAGED_RULESETS.free.id },
      }),
      ["free", ...PAID],
    ],
    [
      "a cache of an hour",
      "Ruleset",
      ruleset("http_request_cache_settings", {
        ...{ action: "set_cache_settings" },
        actionParameters: { cache: true, edgeTtl: { mode: "override_origin", default: 3600 } },
      }),
      PAID,
    ],
    [
      "cache keys by cookie",
      "Ruleset",
      ruleset("http_request_cache_settings", {
        ...{ action: "set_cache_settings" },
        actionParameters: { cache: true, cacheKey: { customKey: { cookie: { includes: ["a"] } } } },
      }),
      ["enterprise"],
    ],
    ["Bot Fight Mode", "BotManagement", { zoneId: ZONE, fightMode: true }, ["free"]],
    ["Super Bot Fight Mode", "BotManagement", { zoneId: ZONE, sbfmDefinitelyAutomated: "block" }, PAID],
    ["likely bots", "BotManagement", { zoneId: ZONE, sbfmLikelyAutomated: "block" }, LARGE],
  ] as const) {
    it(`has ${what} on ${plans.join(", ")}`, () => {
      assert.deepEqual(on(name, inputs), plans);
    });
  }

  it("says where the plan is known from", () => {
    const two = limit({}, undefined, 3);
    assert.match(
      said(new FakeCloud(table), "Ruleset", two),
      /the pro plan \(assumed: no ZoneSubscription says otherwise\)/,
    );
    assert.match(said(new Booked("pro"), "Ruleset", two), /the pro plan \(cloudflare\.plan in rehearsal\.yaml\)/);
    const bought = new Booked("free");
    bought.create(token("ZoneSubscription"), { zoneId: ZONE, ratePlan: { id: "business" } });
    assert.equal(said(bought, "Ruleset", two), "");
  });
});

describe("simulated Cloudflare: rules", () => {
  const refused = (phase: string, rule: Properties) => said(new FakeCloud(table), "Ruleset", ruleset(phase, rule));
  const custom = (expression: string) => refused("http_request_firewall_custom", { action: "block", expression });

  for (const [what, message, expected] of [
    ["an unknown field", custom('http.hostname eq "a"'), /http\.hostname is no field/],
    ["an unknown function", custom('begins_with(http.host, "a")'), /begins_with is no function/],
    ["a word that is no operator", custom('http.host is "a"'), /is is no field/],
    ["a bracket of another kind", custom('http.host in {"a")'), /not closed/],
    ["nothing", custom(" "), /"true" for everything/],
    ["a list that is not there", custom("ip.src in $offices"), /the list \$offices does not exist/],
    ["a DDoS override of some requests", refused("ddos_l7", { action: "execute", expression: "ssl" }), /write "true"/],
    ["a DDoS rule that blocks by itself", refused("ddos_l7", { action: "block" }), /write one of execute/],
    [
      "a ruleset of nobody",
      refused("http_request_firewall_managed", { action: "execute", actionParameters: { id: "a".repeat(32) } }),
      /no ruleset has this id/,
    ],
    ["no ruleset", refused("http_request_firewall_managed", { action: "execute" }), /id of the ruleset/],
    [
      "a ruleset of another phase",
      refused("http_request_firewall_managed", {
        action: "execute",
        actionParameters: { id: MANAGED_RULESETS.httpDdos.id },
      }),
      /belongs to the phase ddos_l7/,
    ],
    ["skipping nothing", refused("http_request_firewall_custom", { action: "skip" }), /write what to skip/],
    [
      "skipping what cannot be",
      refused("http_request_firewall_custom", { action: "skip", actionParameters: { phases: ["ddos_l7"] } }),
      /ddos_l7 cannot be skipped/,
    ],
    ["no algorithm", refused("http_response_compression", { action: "compress_response" }), /at least one algorithm/],
    [
      "an algorithm that is none",
      refused("http_response_compression", {
        action: "compress_response",
        actionParameters: { algorithms: [{ name: "lzma" }] },
      }),
      /write one of none, auto/,
    ],
    [
      "what must be last",
      refused("http_response_compression", {
        action: "compress_response",
        actionParameters: { algorithms: [{ name: "auto" }, { name: "gzip" }] },
      }),
      /auto must be the last/,
    ],
  ] as const) {
    it(`refuse ${what}`, () => {
      assert.match(message, expected);
    });
  }

  it("may name a list of the account", () => {
    const cloud = new FakeCloud(table);
    const list = (rest: Properties = {}) => ({
      accountId: ACCOUNT,
      kind: "ip",
      name: "offices",
      items: [{ ip: "192.0.2.0/24" }],
      ...rest,
    });
    assert.match(said(cloud, "List", list({ items: [{ ip: "office" }] })), /items\[0\]: write an item of kind ip/);
    assert.match(said(cloud, "List", list({ name: "Offices" })), /lower-case/);
    const made = cloud.create(token("List"), list());
    assert.equal(made.properties.numItems, 1);
    assert.equal(
      said(
        cloud,
        "Ruleset",
        ruleset("http_request_firewall_custom", {
          action: "block",
          expression: "ip.src in $offices and not ip.src in $cf.malware",
        }),
      ),
      "",
    );
  });

  it("are read word by word", () => {
    const read = readExpression(
      '(http.host in {"a" "b"} and starts_with(http.request.uri.path, "/x")) or ip.src in {192.0.2.0/24 2001:db8::/32}',
    );
    assert.ok(!("reason" in read));
    assert.deepEqual([...read.fields].sort(), ["http.host", "http.request.uri.path", "ip.src"]);
    assert.equal(read.hasPattern, false);
  });
});

describe("simulated Cloudflare: balancers and origins", () => {
  it("steer by areas only where there are some, and drain only what is bound", () => {
    const cloud = new FakeCloud(table);
    const { id } = cloud.create(token("LoadBalancerPool"), {
      accountId: ACCOUNT,
      name: "a",
      checkRegions: ["WNAM"],
      origins: [{ name: "a", address: "192.0.2.1" }],
    });
    const says = (rest: Properties) =>
      said(cloud, "LoadBalancer", {
        zoneId: ZONE,
        name: "a.example.com",
        proxied: true,
        defaultPools: [id],
        fallbackPool: id,
        ...rest,
      });
    assert.match(says({ steeringPolicy: "geo" }), /geo goes by them/);
    assert.equal(says({ steeringPolicy: "geo", regionPools: { WNAM: [id] } }), "");
    assert.match(says({ steeringPolicy: "geo", popPools: { LAX: [id] } }), /need the enterprise plan/);
    assert.match(says({ sessionAffinityAttributes: { drainDuration: 60 } }), /only sessions that are bound/);
    assert.match(says({ sessionAffinity: "header" }), /at least one header/);
  });

  it("check health in a zone's name, and tell addresses", () => {
    const cloud = new FakeCloud(table);
    assert.match(said(cloud, "LoadBalancerMonitor", { accountId: ACCOUNT, probeZone: "a b" }), /full host name/);
    assert.equal(said(cloud, "LoadBalancerMonitor", { accountId: ACCOUNT, probeZone: "example.com" }), "");
    const origins = [{ name: "a", address: "192.0.2.1" }];
    const pool = { accountId: ACCOUNT, name: "a", checkRegions: ["WNAM"], origins };
    assert.match(said(cloud, "LoadBalancerPool", { ...pool, notificationEmail: "me" }), /write addresses/);
    assert.equal(said(cloud, "LoadBalancerPool", { ...pool, notificationEmail: "a@example.com, b@example.com" }), "");
  });

  it("know the header of strict transport by its parts", () => {
    const says = (parts: Properties) =>
      said(new FakeCloud(table), "ZoneSetting", {
        zoneId: ZONE,
        settingId: "security_header",
        value: { strict_transport_security: parts },
      });
    const whole = { enabled: true, max_age: 31_536_000, include_subdomains: true, preload: false, nosniff: true };
    assert.equal(says(whole), "");
    assert.match(says({ ...whole, max_age: "1y" }), /write a number/);
    assert.match(says({ ...whole, maxAge: 1 }), /write enabled, include_subdomains/);
    assert.match(says({ ...whole, preload: true, max_age: 1 }), /a year and all subdomains/);
  });

  it("take a leaf certificate with its own key", () => {
    const [key, other] = [generate("ECDSA", undefined, "P256"), generate("ECDSA", undefined, "P256")];
    const issued = (isAuthority: boolean, hours: number) => {
      const [name, publicKey] = [nameOf({ commonName: "a" }), publicKeyOf(key)];
      const [start, end] = [new Date(Date.now() - 7_200_000), new Date(Date.now() + hours * 3_600_000)];
      const rest = { maxPathLength: undefined, setSubjectKeyId: true, setAuthorityKeyId: false, names: undefined };
      const wanted = { subject: name, publicKey, serial: 1n, uses: ["client_auth"], isAuthority, start, end, ...rest };
      return certificate(wanted, { name, publicKey, key });
    };
    const says = (pem: string, privateKey = privatePem(key)) =>
      said(new FakeCloud(table), "AuthenticatedOriginPullsCertificate", { zoneId: ZONE, certificate: pem, privateKey });
    assert.equal(says(issued(false, 1)), "");
    assert.match(says("x"), /a certificate in PEM notation/);
    assert.match(says(issued(true, 1)), /not its authority's/);
    assert.match(says(issued(false, -1)), /has expired/);
    assert.match(says(issued(false, 1), "x"), /a private key in PEM notation/);
    assert.match(says(issued(false, 1), privatePem(other)), /does not belong to the certificate/);
  });
});
