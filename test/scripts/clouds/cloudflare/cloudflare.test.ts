import assert from "node:assert/strict";
import { createPublicKey, X509Certificate } from "node:crypto";
import { table } from "../../../../scripts/rehearsal/clouds/tables/cloudflare.ts";
import { certificateRequest } from "../../../../scripts/rehearsal/clouds/tables/tls/certificate.ts";
import { generate } from "../../../../scripts/rehearsal/clouds/tables/tls/keys.ts";
import { FakeCloud } from "../fake-cloud.ts";

const token = (name: string) => `cloudflare:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
const ZONE = "023e105f4ecef8ad9ca31a8372d0c353";
const ACCOUNT = "f037e56e89293a057740de681ac9abbe";

type Inputs = Record<string, unknown>;
const said = (cloud: FakeCloud, name: string, inputs: Inputs) => cloud.refusals(token(name), inputs).join("; ");
const account = () => new FakeCloud(table);

const monitor = (rest: Inputs = {}): Inputs => ({
  accountId: ACCOUNT,
  type: "https",
  port: 443,
  path: "/health",
  expectedCodes: "200",
  interval: 60,
  timeout: 5,
  retries: 2,
  ...rest,
});
const pool = (rest: Inputs = {}): Inputs => ({
  accountId: ACCOUNT,
  name: "app-us-west-2",
  minimumOrigins: 1,
  checkRegions: ["WNAM"],
  origins: [{ name: "us-west-2", address: "balancer.us-west-2.elb.amazonaws.com", weight: 1 }],
  ...rest,
});
const record = (rest: Inputs = {}): Inputs => ({
  zoneId: ZONE,
  name: "app.example.com",
  type: "A",
  content: "192.0.2.1",
  ttl: 300,
  ...rest,
});
const rule = (rest: Inputs = {}): Inputs => ({
  action: "block",
  expression: '(ip.src in {192.0.2.0/24} and http.host eq "a\\"b(")',
  ...rest,
});
const ruleset = (rest: Inputs = {}): Inputs => ({
  zoneId: ZONE,
  kind: "zone",
  name: "custom",
  phase: "http_request_firewall_custom",
  rules: [rule()],
  ...rest,
});

describe("simulated Cloudflare: load balancing", () => {
  it("goes from balancer over pools to a monitor, each of which must exist", () => {
    const cloud = account();
    assert.match(said(cloud, "LoadBalancerPool", pool({ monitor: "a".repeat(32) })), /monitor: a+ does not exist/);
    const health = cloud.create(token("LoadBalancerMonitor"), monitor());
    const west = cloud.create(token("LoadBalancerPool"), pool({ monitor: health.id }), "west");
    const balancer = {
      zoneId: ZONE,
      name: "app.example.com",
      defaultPools: [west.id],
      fallbackPool: west.id,
      steeringPolicy: "off",
      proxied: true,
    };
    assert.equal(said(cloud, "LoadBalancer", balancer), "");
    assert.match(
      said(cloud, "LoadBalancer", { ...balancer, fallbackPool: "b".repeat(32) }),
      /fallbackPool: b+ does not exist/,
    );
    assert.match(said(cloud, "LoadBalancer", { ...balancer, defaultPools: [] }), /at least one pool/);
    const made = cloud.create(token("LoadBalancer"), balancer);
    assert.match(made.id, /^[0-9a-f]{32}$/);
    assert.equal(made.properties.zoneName, "example.com");
    assert.match(String(made.properties.createdOn), /^\d{4}-\d\d-\d\dT/);
    assert.match(said(cloud, "LoadBalancer", balancer), /host name exists in the zone already/);
  });

  for (const [what, kind, wrong, right, message] of [
    [
      "a short interval",
      "LoadBalancerMonitor",
      monitor({ interval: 10 }),
      monitor({ interval: 15 }),
      /interval is not in range \[15, 3600\]/,
    ],
    ["an account id", "LoadBalancerMonitor", monitor({ accountId: "my-account" }), monitor(), /32 hexadecimal digits/],
    [
      "codes",
      "LoadBalancerMonitor",
      monitor({ expectedCodes: "ok" }),
      monitor({ expectedCodes: "2xx,301" }),
      /expectedCodes/,
    ],
    [
      "a path of a TCP monitor",
      "LoadBalancerMonitor",
      { accountId: ACCOUNT, type: "tcp", port: 80, path: "/" },
      { accountId: ACCOUNT, type: "tcp", port: 80 },
      /only http and https monitors/,
    ],
    [
      "a TCP monitor without port",
      "LoadBalancerMonitor",
      { accountId: ACCOUNT, type: "tcp" },
      { accountId: ACCOUNT, type: "icmp_ping" },
      /has no default/,
    ],
    [
      "a pool's name",
      "LoadBalancerPool",
      pool({ name: "app.example.com" }),
      pool({ name: "app_example-com" }),
      /letters, digits, `-` and `_`/,
    ],
    [
      "an origin's address",
      "LoadBalancerPool",
      pool({ origins: [{ name: "a", address: "https://a.example.com" }] }),
      pool({ origins: [{ name: "a", address: "192.0.2.1" }] }),
      /without scheme and port/,
    ],
    [
      "two origins of one address",
      "LoadBalancerPool",
      pool({ origins: ["a", "b"].map((name) => ({ name, address: "192.0.2.1" })) }),
      pool({ origins: [80, 81].map((port) => ({ name: String(port), address: "192.0.2.1", port })) }),
      /no other origin/,
    ],
    [
      "more origins needed than there are",
      "LoadBalancerPool",
      pool({ minimumOrigins: 2 }),
      pool({ minimumOrigins: 1 }),
      /at most 1, the number of origins/,
    ],
    [
      "half a position",
      "LoadBalancerPool",
      pool({ latitude: 1 }),
      pool({ latitude: 1, longitude: 1 }),
      /both latitude and longitude/,
    ],
    [
      "a check region",
      "LoadBalancerPool",
      pool({ checkRegions: ["EU"] }),
      pool({ checkRegions: ["WEU", "ENAM"] }),
      /checkRegions\[0\]/,
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.match(said(account(), kind, wrong), message);
      assert.equal(said(account(), kind, right), "");
    });
  }

  it("checks from the regions that are named, as many as the plan has", () => {
    const checkedFrom = (checkRegions: unknown, cloud = account()) =>
      said(cloud, "LoadBalancerPool", pool({ checkRegions }));
    const enterprise = account();
    enterprise.create(token("ZoneSubscription"), { zoneId: ZONE, ratePlan: { id: "enterprise" } });
    const nine = ["WNAM", "ENAM", "WEU", "EEU", "NSAM", "SSAM", "OC", "ME", "NAF"];
    for (const all of [undefined, []]) assert.match(checkedFrom(all), /every data centre is not allowed/);
    assert.match(checkedFrom(["ALL_REGIONS"]), /ALL_REGIONS needs the Enterprise plan/);
    assert.match(checkedFrom(["WEU", "ENAM", "WEU"]), /write WEU once/);
    assert.match(checkedFrom(nine), /at most 8 regions/);
    assert.equal(checkedFrom(nine.slice(1)), "");
    for (const more of [undefined, ["ALL_REGIONS"], nine]) assert.equal(checkedFrom(more, enterprise), "");
  });

  it("has thirty monitors below the Enterprise plan", () => {
    const cloud = account();
    for (let n = 0; n < 30; n++) cloud.create(token("LoadBalancerMonitor"), monitor(), `monitor-${n}`);
    assert.match(said(cloud, "LoadBalancerMonitor", monitor()), /at most 30 monitors/);
  });

  it("refuses affinity without proxy, a TTL with it, and seconds out of range", () => {
    const cloud = account();
    const { id } = cloud.create(token("LoadBalancerPool"), pool());
    const balancer = (rest: Inputs) =>
      said(cloud, "LoadBalancer", {
        zoneId: ZONE,
        name: "a.example.com",
        defaultPools: [id],
        fallbackPool: id,
        ...rest,
      });
    assert.match(balancer({ sessionAffinity: "cookie" }), /needs a proxied/);
    assert.match(balancer({ proxied: true, ttl: 30 }), /not proxied/);
    assert.match(
      balancer({ proxied: true, sessionAffinity: "header", sessionAffinityTtl: 7200 }),
      /30 to 3600 seconds/,
    );
    assert.equal(balancer({ proxied: true, sessionAffinity: "cookie", sessionAffinityTtl: 7200 }), "");
  });

  it("has twenty pools and endpoints, and more on the Enterprise plan", () => {
    const cloud = account();
    for (let n = 0; n < 20; n++) cloud.create(token("LoadBalancerPool"), pool({ name: `pool-${n}` }), `pool-${n}`);
    assert.match(said(cloud, "LoadBalancerPool", pool({ name: "pool-20" })), /at most 20 pools/);
    cloud.create(token("ZoneSubscription"), { zoneId: ZONE, ratePlan: { id: "enterprise" } });
    assert.equal(said(cloud, "LoadBalancerPool", pool({ name: "pool-20" })), "");
    const origins = Array.from({ length: 21 }, (_, n) => ({ name: `o${n}`, address: `192.0.2.${n}` }));
    assert.match(said(account(), "LoadBalancerPool", pool({ origins })), /at most 20 endpoints .* this makes 21/);
  });
});

describe("simulated Cloudflare: records", () => {
  for (const [what, wrong, right, message] of [
    ["an address", { content: "192.0.2" }, {}, /valid IPv4 address/],
    [
      "an IPv6 address",
      { type: "AAAA", content: "192.0.2.1" },
      { type: "AAAA", content: "2001:db8::1" },
      /valid IPv6 address/,
    ],
    [
      "a CNAME to itself",
      { type: "CNAME", content: "app.example.com" },
      { type: "CNAME", content: "b.example.com" },
      /point to itself/,
    ],
    ["a TTL", { ttl: 30 }, { ttl: 1 }, /write 1 \(automatic\) or 60 to 86400/],
    ["a TTL of a proxied record", { proxied: true, ttl: 300 }, { proxied: true, ttl: 1 }, /no TTL of its own/],
    [
      "a proxied TXT",
      { type: "TXT", content: "x", proxied: true, ttl: 1 },
      { type: "TXT", content: "x", ttl: 1 },
      /cannot be proxied/,
    ],
    [
      "an MX without priority",
      { type: "MX", content: "mail.example.com" },
      { type: "MX", content: "mail.example.com", priority: 10 },
      /needs one/,
    ],
    ["a zone", { zoneId: "example.com" }, {}, /32 hexadecimal digits/],
    ["a name", { name: "app example" }, { name: "_a1b2.app.example.com" }, /full name/],
  ] as const) {
    it(`refuse ${what}`, () => {
      assert.match(said(account(), "DnsRecord", record(wrong)), message);
      assert.equal(said(account(), "DnsRecord", record(right)), "");
    });
  }

  it("are unique, and a CNAME stands alone", () => {
    const cloud = account();
    const old = cloud.create(token("DnsRecord"), record());
    assert.match(said(cloud, "DnsRecord", record({ ttl: 60 })), /An identical record already exists/);
    assert.equal(said(cloud, "DnsRecord", record({ content: "192.0.2.2" })), "");
    assert.match(
      said(cloud, "DnsRecord", record({ type: "CNAME", content: "b.example.com" })),
      /An A, AAAA, or CNAME record with that host already exists/,
    );
    assert.equal(said(cloud, "DnsRecord", record({ type: "TXT", content: "x" })), "");
    assert.deepEqual(cloud.refusals(token("DnsRecord"), record({ ttl: 60 }), "it", old), []);
  });
});

describe("simulated Cloudflare: rulesets", () => {
  const limit = (rest: Inputs = {}, phase = "http_ratelimit") =>
    ruleset({
      phase,
      rules: [
        rule({
          expression: 'http.host eq "app.example.com" and starts_with(http.request.uri.path, "/api/")',
          ratelimit: {
            characteristics: ["cf.colo.id", "ip.src"],
            period: 60,
            requestsPerPeriod: 100,
            mitigationTimeout: 600,
            ...rest,
          },
        }),
      ],
    });
  const cache = (edgeTtl: Inputs) =>
    ruleset({
      phase: "http_request_cache_settings",
      rules: [rule({ action: "set_cache_settings", actionParameters: { cache: true, edgeTtl } })],
    });

  for (const [what, wrong, right, message] of [
    [
      "of no place",
      ruleset({ zoneId: undefined }),
      ruleset({ zoneId: undefined, accountId: ACCOUNT, kind: "root" }),
      /exactly one of zoneId and accountId/,
    ],
    ["of the wrong kind", ruleset({ kind: "root" }), ruleset(), /belongs to an account/],
    ["of an unknown phase", ruleset({ phase: "http_firewall" }), ruleset(), /phase: write one of/],
    ["with an open bracket", ruleset({ rules: [rule({ expression: "(ip.src eq 1.1.1.1" })] }), ruleset(), /not closed/],
    [
      "with an open quotation",
      ruleset({ rules: [rule({ expression: 'http.host eq "a' })] }),
      ruleset({ rules: [rule({ expression: 'http.host contains r#"a("b"#' })] }),
      /not closed/,
    ],
    [
      "with an action of another phase",
      ruleset({ rules: [rule({ action: "rewrite" })] }),
      ruleset({ rules: [rule({ action: "managed_challenge" })] }),
      /in the phase http_request_firewall_custom/,
    ],
    ["that count nothing", ruleset({ phase: "http_ratelimit" }), limit(), /how many requests/],
    ["that count by nothing", limit({ characteristics: ["ip.src"] }), limit(), /name cf.colo.id/],
    ["that count too long", limit({ period: 300 }), limit({ period: 10 }), /at most 60 on the pro plan \(assumed/],
    ["that count an odd period", limit({ period: 61 }), limit({ period: 45 }), /write one of 10, 15/],
    ["that punish too long", limit({ mitigationTimeout: 86400 }), limit({ mitigationTimeout: 3600 }), /at most 3600/],
    [
      "that count in another phase",
      limit({}, "http_request_firewall_custom"),
      ruleset(),
      /only rules of the phase http_ratelimit/,
    ],
    [
      "that cache too short",
      cache({ mode: "override_origin", default: 60 }),
      cache({ mode: "override_origin", default: 7200 }),
      /at least 3600 seconds/,
    ],
    [
      "that override with nothing",
      cache({ mode: "override_origin" }),
      cache({ mode: "respect_origin" }),
      /override the origin's/,
    ],
    [
      "with the same ref twice",
      ruleset({ rules: [rule({ ref: "a" }), rule({ ref: "a" })] }),
      ruleset({ rules: [rule({ ref: "a" }), rule({ ref: "b" })] }),
      /rules\[1\].ref/,
    ],
  ] as const) {
    it(`are refused ${what}`, () => {
      assert.match(said(account(), "Ruleset", wrong), message);
      assert.equal(said(account(), "Ruleset", right), "");
    });
  }

  it("are one for each phase of a zone, with as many rules as the plan has", () => {
    const cloud = account();
    const made = cloud.create(token("Ruleset"), ruleset());
    assert.match(String((made.properties.rules as Inputs[])[0]?.id), /^[0-9a-f]{32}$/);
    assert.equal(made.properties.version, "1");
    assert.match(said(cloud, "Ruleset", ruleset({ name: "other" })), /a phase has one ruleset/);
    assert.equal(said(cloud, "Ruleset", ruleset({ zoneId: "a".repeat(32) })), "");
    const three = limit();
    three.rules = [1, 2, 3].flatMap(() => three.rules as Inputs[]);
    assert.match(said(account(), "Ruleset", three), /at most 2 rules in the phase http_ratelimit on the pro plan/);
    const business = account();
    business.create(token("ZoneSubscription"), { zoneId: ZONE, ratePlan: { id: "business" } });
    assert.equal(said(business, "Ruleset", three), "");
    assert.equal(said(business, "Ruleset", limit({ period: 300 })), "");
  });
});

describe("simulated Cloudflare: zones", () => {
  it("have each setting once, with a value that it can have, and keep it", () => {
    const cloud = account();
    const setting = (settingId: string, value: string) => ({ zoneId: ZONE, settingId, value });
    assert.match(said(cloud, "ZoneSetting", setting("ssl", "on")), /write one of off, flexible, full, strict/);
    assert.match(said(cloud, "ZoneSetting", setting("min_tls_version", "1.4")), /1.0, 1.1, 1.2, 1.3/);
    const made = cloud.create(token("ZoneSetting"), setting("ssl", "strict"));
    assert.match(said(cloud, "ZoneSetting", setting("ssl", "full")), /would undo the other/);
    assert.equal(said(cloud, "ZoneSetting", setting("always_use_https", "on")), "");
    assert.match(cloud.type(token("ZoneSetting")).retains?.(made, cloud.ctx("", "", {})) ?? "", /cannot delete/);
  });

  it("are made with name servers, and answer what the class declares", () => {
    const cloud = account();
    assert.match(said(cloud, "Zone", { account: { id: "x" }, name: "example.com" }), /account.id/);
    const { properties } = cloud.create(token("Zone"), { account: { id: ACCOUNT }, name: "example.com" });
    assert.match(String((properties.nameServers as string[])[0]), /\.ns\.cloudflare\.com$/);
    assert.match(said(cloud, "Zone", { account: { id: ACCOUNT }, name: "Example.com" }), /already exists/);
  });

  it("keep regional tiered cache for the Enterprise plan", () => {
    const cloud = account();
    assert.match(said(cloud, "RegionalTieredCache", { zoneId: ZONE, value: "on" }), /for the Enterprise plan/);
    assert.equal(said(cloud, "TieredCache", { zoneId: ZONE, value: "on" }), "");
    assert.match(said(cloud, "TieredCache", { zoneId: ZONE, value: "yes" }), /on, off/);
  });

  it("issue origin certificates for the key of the request", () => {
    const cloud = account();
    const key = generate("ECDSA", undefined, "P256");
    const csr = certificateRequest({ dnsNames: ["example.com"] }, key, { commonName: "example.com" });
    const inputs = {
      csr,
      hostnames: ["example.com", "*.example.com"],
      requestType: "origin-ecc",
      requestedValidity: 365,
    };
    const { properties } = cloud.create(token("OriginCaCertificate"), inputs);
    const certificate = new X509Certificate(String(properties.certificate));
    assert.deepEqual(certificate.publicKey.export({ format: "jwk" }), createPublicKey(key).export({ format: "jwk" }));
    assert.equal(new Date(certificate.validTo).toISOString(), properties.expiresOn);
    assert.match(said(cloud, "OriginCaCertificate", { ...inputs, csr: "x" }), /certificate request/);
    assert.match(said(cloud, "OriginCaCertificate", { ...inputs, requestedValidity: 366 }), /write one of 7, 30/);
    assert.match(said(cloud, "OriginCaCertificate", { ...inputs, hostnames: [] }), /at least one host name/);
  });
});
