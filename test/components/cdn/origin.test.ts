import assert from "node:assert/strict";
import { AWS_REGIONS } from "@groundwork/lib/regions";
import { RegionFailover } from "../../../components/cdn/failover.ts";
import type { FailoverArgs } from "../../../components/cdn/failover.ts";
import { OriginAuthorities, OriginPulls } from "../../../components/cdn/origin-authentication.ts";
import { CHECK_REGIONS, checkedFrom, partOf } from "../../../components/cdn/steering.ts";
import { ZoneSecurity } from "../../../components/cdn/zone.ts";
import { registered } from "../../helpers/mocks.ts";
import type { Outputs } from "../../helpers/mocks.ts";

const ZONE = "b".repeat(32);
const nothing = () => ({});
const OUTPUTS: Outputs = {
  "tls:index/privateKey:PrivateKey": (_inputs, name) => ({ privateKeyPem: `key of ${name}` }),
  "tls:index/selfSignedCert:SelfSignedCert": (_inputs, name) => ({ certPem: `certificate of ${name}\n` }),
  "tls:index/certRequest:CertRequest": (_inputs, name) => ({ certRequestPem: `request of ${name}` }),
  "tls:index/locallySignedCert:LocallySignedCert": (_inputs, name) => ({ certPem: `certificate of ${name}` }),
  "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate": nothing,
  "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings": nothing,
  "cloudflare:index/loadBalancer:LoadBalancer": nothing,
  "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor": nothing,
  "cloudflare:index/loadBalancerPool:LoadBalancerPool": nothing,
  "cloudflare:index/zoneDnssec:ZoneDnssec": nothing,
  "cloudflare:index/zoneSetting:ZoneSetting": nothing,
};

describe("origin authentication", () => {
  const made = (certificates: readonly string[]) =>
    registered(() => {
      const authorities = new OriginAuthorities("origin", { certificates });
      new OriginPulls("pulls", { zoneId: ZONE, authorities, trusted: [] });
    }, OUTPUTS);

  it("has a client certificate of its own authority for each name, with ECDSA keys", async () => {
    const resources = await made(["2026", "2027"]);
    const keys = resources.filter(({ type }) => type.endsWith(":PrivateKey"));
    assert.equal(keys.length, 4);
    for (const { inputs } of keys) assert.deepEqual(inputs, { algorithm: "ECDSA", ecdsaCurve: "P256" });
    const authorities = resources.filter(({ type }) => type.endsWith(":SelfSignedCert"));
    for (const { inputs } of authorities) {
      assert.equal(inputs["isCaCertificate"], true);
      assert.deepEqual(inputs["allowedUses"], ["cert_signing", "crl_signing"]);
    }
    const clients = resources.filter(({ type }) => type.endsWith(":LocallySignedCert"));
    assert.deepEqual(
      clients.map(({ inputs }) => [inputs["caCertPem"], inputs["allowedUses"], inputs["isCaCertificate"]]),
      ["2026", "2027"].map((year) => [
        `certificate of origin-${year}-authority\n`,
        ["digital_signature", "client_auth"],
        undefined,
      ]),
    );
  });

  it("gives Cloudflare the leaf and its key, never an authority's", async () => {
    const resources = await made(["first"]);
    const [uploaded] = resources.filter(({ type }) => type.endsWith(":AuthenticatedOriginPullsCertificate"));
    assert.equal(uploaded?.inputs["certificate"], "certificate of origin-first-client");
    assert.match(JSON.stringify(uploaded?.inputs["privateKey"]), /key of origin-first-client-key/);
    assert.doesNotMatch(JSON.stringify(uploaded?.inputs), /authority-key/);
  });

  it("trusts all authorities that are named", async () => {
    let bundle = "";
    await registered(() => {
      new OriginAuthorities("origin", { certificates: ["a", "b"] }).bundle.apply((pem) => (bundle = pem));
    }, OUTPUTS);
    assert.equal(bundle, "certificate of origin-a-authority\ncertificate of origin-b-authority\n");
  });

  for (const [names, says] of [
    [[], /originCertificates is empty/],
    [["First"], /lower-case letters/],
    [["a", "a"], /"a" twice/],
  ] as const) {
    it(`refuses the names [${names.join(", ")}]`, async () => {
      await assert.rejects(made(names), says);
    });
  }
});

describe("failover between regions", () => {
  const args: FailoverArgs = {
    host: "shop.example.com",
    accountId: "a".repeat(32),
    zoneId: ZONE,
    healthPath: "/health",
    origins: [
      { region: "us-west-2", address: "west.example" },
      { region: "us-east-1", address: "east.example" },
      { region: "eu-west-1", address: "europe.example" },
    ],
  };
  const made = async (more: Partial<FailoverArgs> = {}) => {
    const resources = await registered(() => new RegionFailover("shop", { ...args, ...more }), OUTPUTS);
    const inputsOf = (kind: string) => resources.find(({ type }) => type.endsWith(`:${kind}`))?.inputs ?? {};
    return {
      balancer: inputsOf("LoadBalancer"),
      monitor: inputsOf("LoadBalancerMonitor"),
      pool: inputsOf("LoadBalancerPool"),
    };
  };

  it("goes by order, shows no certificate and binds nobody unless told otherwise", async () => {
    const { balancer, monitor, pool } = await made();
    assert.equal(balancer["steeringPolicy"], "off");
    assert.equal(balancer["regionPools"], undefined);
    assert.equal(balancer["sessionAffinity"], undefined);
    assert.equal(monitor["probeZone"], undefined);
    assert.equal(pool["notificationEmail"], undefined);
  });

  it("checks health as visitors' requests go, where origins ask for a certificate", async () => {
    assert.equal((await made({ zoneName: "example.com" })).monitor["probeZone"], "example.com");
  });

  it("prefers the region in the visitor's part of the world", async () => {
    const [west, east, europe] = ["us-west-2", "us-east-1", "eu-west-1"].map((region) => `shop-${region}-id`);
    const { balancer } = await made({ steering: "geo" });
    assert.equal(balancer["steeringPolicy"], "geo");
    assert.deepEqual(balancer["regionPools"], {
      WNAM: [west, east, europe],
      ENAM: [east, west, europe],
      WEU: [europe, west, east],
    });
    await assert.rejects(
      made({ steering: "geo", origins: [{ region: "xx-nowhere-1", address: "a.example" }] }),
      /xx-nowhere-1 is not known/,
    );
  });

  it("checks a region from its own part of the world, then from where its users may come", async () => {
    const checked = async (checkRegions?: number) =>
      (await made(checkRegions === undefined ? {} : { checkRegions })).pool["checkRegions"];
    assert.deepEqual(await checked(), ["WNAM"]);
    assert.deepEqual(await checked(3), ["WNAM", "ENAM", "WEU"]);
    for (const region of AWS_REGIONS) {
      assert.equal(new Set(checkedFrom(region, CHECK_REGIONS)).size, 13);
      assert.deepEqual(checkedFrom(region, 1), [partOf(region)]);
    }
  });

  it("binds clients by a cookie and lets them drain", async () => {
    const { balancer } = await made({ affinity: "ipCookie" });
    assert.equal(balancer["sessionAffinity"], "ip_cookie");
    assert.equal((balancer["sessionAffinityAttributes"] as Record<string, unknown>)["drainDuration"], 600);
  });

  it("tells an address of a lost region", async () => {
    assert.equal((await made({ notificationEmail: "ops@example.com" })).pool["notificationEmail"], "ops@example.com");
  });
});

describe("settings of the zone", () => {
  it("are strict, with HTTP/3 and the header of strict transport", async () => {
    const resources = await registered(
      () => new ZoneSecurity("zone", { zoneId: ZONE, hstsSeconds: 60, dnssec: true }),
      OUTPUTS,
    );
    const settings: Record<string, unknown> = {};
    for (const { type, inputs } of resources)
      if (type.endsWith(":ZoneSetting")) settings[String(inputs["settingId"])] = inputs["value"];
    assert.equal(settings["ssl"], "strict");
    assert.equal(settings["min_tls_version"], "1.2");
    assert.equal(settings["http3"], "on");
    assert.equal(settings["0rtt"], "off");
    assert.deepEqual(settings["security_header"], {
      strict_transport_security: {
        enabled: true,
        max_age: 60,
        include_subdomains: true,
        preload: false,
        nosniff: true,
      },
    });
    assert.equal(resources.filter(({ type }) => type.endsWith(":ZoneDnssec")).length, 1);
  });
});
