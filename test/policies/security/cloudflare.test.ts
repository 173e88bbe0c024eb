import { firewallSkipsNothingAtLarge } from "../../../policies/security/cloudflare/firewall-skips-nothing-at-large.ts";
import { monitorUsesTls } from "../../../policies/security/cloudflare/monitor-uses-tls.ts";
import { originAsksWhoCalls } from "../../../policies/security/cloudflare/origin-asks-who-calls.ts";
import { originNotExposed } from "../../../policies/security/cloudflare/origin-not-exposed.ts";
import { zoneHasHsts } from "../../../policies/security/cloudflare/zone-has-hsts.ts";
import { zoneHasManagedFirewall } from "../../../policies/security/cloudflare/zone-has-managed-firewall.ts";
import { zoneIsSigned } from "../../../policies/security/cloudflare/zone-is-signed.ts";
import { zoneLimitsRates } from "../../../policies/security/cloudflare/zone-limits-rates.ts";
import { zoneRedirectsToHttps } from "../../../policies/security/cloudflare/zone-redirects-to-https.ts";
import { zoneRefusesOldTls } from "../../../policies/security/cloudflare/zone-refuses-old-tls.ts";
import { zoneSpeaksNewTls } from "../../../policies/security/cloudflare/zone-speaks-new-tls.ts";
import { zoneTlsIsStrict } from "../../../policies/security/cloudflare/zone-tls-is-strict.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, UNKNOWN } from "../harness.ts";

/** A zone that the stack makes, and one that it only names; visitors come through both. */
const zones: readonly Fake[] = [
  { type: "cloudflare:index/zone:Zone", name: "own", props: { name: "example.com" } },
  {
    type: "cloudflare:index/loadBalancer:LoadBalancer",
    name: "shop",
    props: { name: "shop.example.com", proxied: true, zoneId: UNKNOWN },
    from: { zoneId: ["own"] },
  },
  {
    type: "cloudflare:index/dnsRecord:DnsRecord",
    name: "www",
    props: { name: "www.example.org", type: "A", content: "203.0.113.7", proxied: true, zoneId: "z1" },
  },
];

/** What both zones have. */
function both(type: string, props: Record<string, unknown>): readonly Fake[] {
  return [
    { type, name: "for-own", props: { ...props, zoneId: UNKNOWN }, from: { zoneId: ["own"] } },
    { type, name: "for-other", props: { ...props, zoneId: "z1" } },
  ];
}

function settings(settingId: string, value: unknown): readonly Fake[] {
  return [...zones, ...both("cloudflare:index/zoneSetting:ZoneSetting", { settingId, value })];
}

function rulesets(phase: string, rule: Record<string, unknown>): readonly Fake[] {
  return [...zones, ...both("cloudflare:index/ruleset:Ruleset", { kind: "zone", name: "rules", phase, rules: [rule] })];
}

const header = (change: Record<string, unknown>) => ({
  strict_transport_security: { enabled: true, max_age: 31_536_000, include_subdomains: true, ...change },
});

describe("security of the edge", () => {
  describePolicy({
    policy: zoneTlsIsStrict,
    compliant: settings("ssl", "strict"),
    breaks: [
      { path: "for-other/value", value: "full", says: /^ssl is full, so the origin's certificate is not checked/ },
      { path: "for-own/value", value: "flexible", says: /write strict\.$/ },
      { path: "for-other/settingId", value: "http3", says: /^The zone of www\.example\.org has no ssl setting/ },
      { path: "for-own/settingId", value: "http3", says: /^The zone of shop\.example\.com has no ssl setting/ },
    ],
    passes: [{ path: "for-other/value", value: "origin_pull" }],
    undecided: ["for-own/value", "for-other/value"],
  });

  describePolicy({
    policy: zoneTlsIsStrict,
    compliant: [
      ...zones.slice(2),
      {
        type: "cloudflare:index/zoneSetting:ZoneSetting",
        name: "mode",
        props: { zoneId: "z1", settingId: "ssl", value: "strict" },
      },
    ],
    // a zone of which the stack says nothing else may be another stack's
    breaks: [
      { path: "mode/zoneId", value: "z2", says: /^The zone of www\.example\.org has no ssl/, level: "advisory" },
    ],
  });

  describePolicy({
    policy: zoneRefusesOldTls,
    compliant: settings("min_tls_version", "1.2"),
    breaks: [
      { path: "for-other/value", value: "1.1", says: /^min_tls_version is 1\.1, below 1\.2/ },
      { path: "for-own/settingId", value: "ssl", says: /has no min_tls_version, which means 1\.0/ },
    ],
    passes: [{ path: "for-other/value", value: "1.3" }],
    undecided: ["for-own/value"],
  });

  describePolicy({
    policy: zoneSpeaksNewTls,
    compliant: settings("tls_1_3", "on"),
    breaks: [{ path: "for-other/value", value: "off", says: /^tls_1_3 is off; write on\.$/ }],
    passes: [
      { path: "for-other/value", value: "zrt" },
      { path: "for-other/settingId", value: "http3" },
    ],
    undecided: ["for-own/value"],
  });

  describePolicy({
    policy: zoneRedirectsToHttps,
    compliant: settings("always_use_https", "on"),
    breaks: [
      { path: "for-other/value", value: "off", says: /^always_use_https is off/ },
      { path: "for-other/settingId", value: "ssl", says: /has no always_use_https/ },
    ],
    undecided: ["for-other/value"],
  });

  describePolicy({
    policy: zoneHasHsts,
    compliant: settings("security_header", header({})),
    breaks: [
      { path: "for-own/value", value: header({ enabled: false }), says: /^strict_transport_security is not enabled/ },
      {
        path: "for-own/value",
        value: header({ max_age: 300 }),
        says: /is 300 seconds, below the 15552000 of zone-has-hsts\.seconds/,
      },
      { path: "for-own/settingId", value: "ssl", says: /sends no Strict-Transport-Security/ },
    ],
    undecided: ["for-own/value"],
  });

  describePolicy({
    policy: zoneHasManagedFirewall,
    compliant: rulesets("http_request_firewall_managed", {
      action: "execute",
      actionParameters: { id: "efb7" },
      expression: "true",
    }),
    breaks: [
      {
        path: "for-own/rules",
        value: [],
        says: /^No managed rules of the firewall run on the zone of shop\.example\.com/,
      },
      { path: "for-other/rules", value: [{ action: "execute", enabled: false }], says: /www\.example\.org/ },
      { path: "for-other/phase", value: "ddos_l7", says: /www\.example\.org/ },
    ],
    undecided: ["for-own/rules"],
  });
  describePolicy({
    policy: zoneHasManagedFirewall,
    compliant: [
      ...zones,
      {
        type: "cloudflare:index/ruleset:Ruleset",
        name: "account",
        props: {
          accountId: "a1",
          kind: "root",
          phase: "http_request_firewall_managed",
          rules: [{ action: "execute" }],
        },
      },
    ],
    breaks: [],
    undecided: ["account/rules"],
  });

  describePolicy({
    policy: zoneLimitsRates,
    compliant: rulesets("http_ratelimit", { action: "block", ratelimit: { period: 10 } }),
    breaks: [
      {
        path: "for-other/rules",
        value: undefined,
        says: /^Nothing limits how often one visitor may ask on the zone of www\.example\.org/,
      },
    ],
    undecided: ["for-other/rules"],
  });

  const skip = { action: "skip", description: "API", expression: '(http.host eq "api.example.com")' };
  describePolicy({
    policy: firewallSkipsNothingAtLarge,
    compliant: rulesets("http_request_firewall_custom", skip),
    breaks: [
      {
        path: "for-own/rules",
        value: [{ ...skip, expression: "true" }],
        says: /^The rule "API" skips the firewall for every request; narrow its expression true\.$/,
      },
      { path: "for-own/rules", value: [{ ...skip, expression: '(http.host ne "")' }], says: /every request/ },
    ],
    passes: [
      { path: "for-own/rules", value: [{ ...skip, expression: "true", enabled: false }] },
      { path: "for-own/rules", value: [{ action: "block", expression: "true" }] },
    ],
    undecided: ["for-own/rules"],
  });

  const records: readonly Fake[] = [
    ...zones,
    {
      type: "cloudflare:index/dnsRecord:DnsRecord",
      name: "api",
      props: { name: "api.example.com", type: "CNAME", content: "main.eu-west-1.elb.amazonaws.com", proxied: true },
    },
    {
      type: "cloudflare:index/dnsRecord:DnsRecord",
      name: "proof",
      props: { name: UNKNOWN, type: UNKNOWN, content: UNKNOWN, proxied: false },
      from: { content: ["certificate"] },
    },
    { type: "aws:acm/certificate:Certificate", name: "certificate", props: {} },
    {
      type: "cloudflare:index/dnsRecord:DnsRecord",
      name: "docs",
      props: { name: "docs.example.com", type: "CNAME", content: "example.github.io", proxied: false },
    },
    {
      type: "cloudflare:index/dnsRecord:DnsRecord",
      name: "post",
      props: { name: "mail.example.com", type: "A", content: "203.0.113.9" },
    },
    {
      type: "cloudflare:index/dnsRecord:DnsRecord",
      name: "office",
      props: { name: "printer.example.com", type: "A", content: "10.1.2.3" },
    },
    {
      type: "cloudflare:index/dnsRecord:DnsRecord",
      name: "words",
      props: { name: "example.com", type: "TXT", content: "v=spf1 -all" },
    },
  ];
  describePolicy({
    policy: originNotExposed,
    compliant: records,
    breaks: [
      {
        path: "www/proxied",
        value: false,
        says: /^www\.example\.org is not proxied, so it tells everyone the address 203\.0\.113\.7; write proxied: true/,
      },
      { path: "api/proxied", value: undefined, says: /the origin main\.eu-west-1\.elb\.amazonaws\.com/ },
      {
        path: "shop/proxied",
        value: false,
        says: /^shop\.example\.com is not proxied, so it tells everyone the addresses of its pools/,
      },
      { path: "post/name", value: "blog.example.com", says: /203\.0\.113\.9/ },
      { path: "office/content", value: "2001:db8::1", says: /2001:db8::1/ },
    ],
    undecided: ["www/proxied", "api/proxied", "office/content"],
  });
  describePolicy({
    policy: originNotExposed,
    compliant: [
      { type: "aws:lb/loadBalancer:LoadBalancer", name: "main", props: {} },
      {
        type: "cloudflare:index/dnsRecord:DnsRecord",
        name: "api",
        props: { name: "api.example.com", type: "CNAME", content: "example.github.io", proxied: false },
        from: { content: ["main"] },
      },
    ],
    breaks: [],
    undecided: ["api/content"],
  });

  describePolicy({
    policy: originAsksWhoCalls,
    compliant: [
      ...zones,
      ...both("cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings", { enabled: true }),
    ],
    breaks: [
      {
        path: "for-own/enabled",
        value: false,
        says: /^Cloudflare shows no certificate to the origins of shop\.example\.com/,
      },
    ],
    undecided: ["for-own/enabled"],
  });
  describePolicy({
    policy: originAsksWhoCalls,
    compliant: settings("tls_client_auth", "on"),
    breaks: [{ path: "for-other/value", value: "off", says: /www\.example\.org/ }],
    passes: [],
  });

  describePolicy({
    policy: monitorUsesTls,
    compliant: [
      {
        type: "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor",
        name: "health",
        props: { type: "https", path: "/ready" },
      },
    ],
    breaks: [
      { path: "health/type", value: undefined, says: /checks by http; write type: https\.$/ },
      { path: "health/allowInsecure", value: true, says: /^allowInsecure is true/ },
    ],
    passes: [{ path: "health/type", value: "tcp" }],
    undecided: ["health/type"],
  });

  describePolicy({
    policy: zoneIsSigned,
    compliant: [
      ...zones,
      {
        type: "cloudflare:index/zoneDnssec:ZoneDnssec",
        name: "keys",
        props: { zoneId: UNKNOWN, status: "active" },
        from: { zoneId: ["own"] },
      },
      { type: "cloudflare:index/zone:Zone", name: "part", props: { name: "example.net", type: "partial" } },
    ],
    breaks: [
      { path: "keys/status", value: "disabled", says: /^Zone own is not signed/ },
      { path: "part/type", value: "full", says: /^Zone part is not signed/ },
    ],
    undecided: ["keys/status", "part/type"],
  });
});
