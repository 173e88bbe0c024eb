import assert from "node:assert/strict";
import fc from "fast-check";
import { CLOUDFLARE_PLANS } from "@groundwork/lib/cloudflare-plans";
import type { CloudflarePlan } from "@groundwork/lib/cloudflare-plans";
import { ZoneCache } from "../../../components/cdn/cache.ts";
import { all, either, isBelow, isHost, not, quoted } from "../../../components/cdn/expressions.ts";
import { ZoneFirewall } from "../../../components/cdn/firewall.ts";
import { rateLimitRules } from "../../../components/cdn/rate-limits.ts";
import type { EdgeSite } from "../../../components/cdn/spec.ts";
import { table } from "../../../scripts/rehearsal/clouds/tables/cloudflare.ts";
import { readExpression } from "../../../scripts/rehearsal/clouds/tables/cloudflare/expressions.ts";
import { registered } from "../../helpers/mocks.ts";
import type { Registered } from "../../helpers/mocks.ts";
import { FakeCloud } from "../../scripts/clouds/fake-cloud.ts";

const ZONE = "b".repeat(32);
const shop: EdgeSite = {
  name: "shop",
  host: "shop.example.com",
  pages: ["/"],
  apis: ["/api"],
  requestsPerTenSeconds: 1200,
};
const tracks: EdgeSite = {
  name: "tracks",
  host: "tracks.example.com",
  pages: [],
  apis: ["/"],
  requestsPerTenSeconds: 1200,
};
const chat: EdgeSite = { ...tracks, name: "chat", host: "chat.example.com", requestsPerTenSeconds: 250 };

const nothing = () => ({});
const OUTPUTS = Object.fromEntries(
  [
    "argoSmartRouting:ArgoSmartRouting",
    "argoTieredCaching:ArgoTieredCaching",
    "botManagement:BotManagement",
    "ruleset:Ruleset",
    "tieredCache:TieredCache",
  ].map((name) => [`cloudflare:index/${name}`, nothing]),
);

interface Rule {
  readonly ref: string;
  readonly expression: string;
  readonly action: string;
  readonly actionParameters?: Record<string, unknown>;
}

const rulesOf = (resources: readonly Registered[], phase: string): Rule[] => {
  const found = resources.find(({ inputs }) => inputs["phase"] === phase);
  return (found?.inputs["rules"] ?? []) as Rule[];
};
const firewall = (plan: CloudflarePlan, more: object = {}) =>
  registered(
    () =>
      new ZoneFirewall("firewall", {
        zoneId: ZONE,
        plan,
        bots: "challenge",
        ddosSensitivity: "default",
        exemptCidrs: [],
        sites: [shop, tracks],
        ...more,
      }),
    OUTPUTS,
  );

describe("expressions of the edge", () => {
  it("compare hosts and paths", () => {
    assert.equal(isHost(["a.b"]), 'http.host eq "a.b"');
    assert.equal(isHost(["a.b", "c.d"]), 'http.host in {"a.b" "c.d"}');
    assert.equal(isBelow(["/"]), "true");
    assert.equal(
      isBelow(["/api"]),
      '(http.request.uri.path eq "/api") or (starts_with(http.request.uri.path, "/api/"))',
    );
  });

  it("join what says something", () => {
    assert.equal(all("true", "ssl"), "(ssl)");
    assert.equal(all("true"), "true");
    assert.equal(either(["ssl", "true"]), "true");
    assert.equal(not("ssl"), "not (ssl)");
  });

  it("stay readable whatever text is quoted in them", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = readExpression(all(`http.host eq ${quoted(text)}`, isBelow([`/${text}`])));
        assert.ok(!("reason" in read), JSON.stringify(read));
      }),
    );
  });
});

describe("cache by type of content", () => {
  it("never keeps data, keeps pages as the origin says, and fingerprinted files for a year", async () => {
    const resources = await registered(() => new ZoneCache("cache", { zoneId: ZONE, sites: [shop, tracks] }), OUTPUTS);
    const rules = rulesOf(resources, "http_request_cache_settings");
    assert.deepEqual(
      rules.map(({ ref, actionParameters }) => [ref, actionParameters?.["cache"], actionParameters?.["edgeTtl"]]),
      [
        ["cache-data", false, undefined],
        ["cache-pages", true, { mode: "bypass_by_default" }],
        ["cache-code", true, { mode: "respect_origin" }],
        ["cache-images", true, { mode: "override_origin", default: 2_592_000 }],
        ["cache-fonts", true, { mode: "override_origin", default: 2_592_000 }],
        ["cache-fingerprinted", true, { mode: "override_origin", default: 31_536_000 }],
      ],
    );
    for (const { expression } of rules.slice(1)) {
      assert.match(expression, /shop\.example\.com/);
      assert.match(expression, /not \(.*"\/api"/);
      assert.doesNotMatch(expression, /tracks\.example\.com/);
    }
    const [notFound, errors] = rulesOf(resources, "http_response_cache_settings");
    assert.match(notFound?.expression ?? "", /http\.response\.code in \{404 410\}/);
    assert.deepEqual(errors?.actionParameters?.["noStore"], { operation: "set", cloudflareOnly: true });
    assert.equal(resources.filter(({ type }) => type.endsWith(":ArgoSmartRouting")).length, 0);
  });

  it("has no rule for files where all is data", async () => {
    const resources = await registered(
      () => new ZoneCache("cache", { zoneId: ZONE, sites: [tracks], argo: true }),
      OUTPUTS,
    );
    assert.deepEqual(
      rulesOf(resources, "http_request_cache_settings").map(({ ref }) => ref),
      ["cache-data"],
    );
    assert.equal(resources.filter(({ type }) => type.endsWith(":ArgoSmartRouting")).length, 1);
  });
});

describe("firewall by plan", () => {
  it("is taken by Cloudflare on every plan", async () => {
    for (const plan of CLOUDFLARE_PLANS) {
      const cloud = new FakeCloud(table);
      cloud.create("cloudflare:index/zoneSubscription:ZoneSubscription", { zoneId: ZONE, ratePlan: { id: plan } });
      const resources = [
        ...(await firewall(plan, { exemptCidrs: ["192.0.2.0/24"], bots: "block" })),
        ...(await registered(
          () => new ZoneCache("cache", { zoneId: ZONE, sites: [shop, tracks], argo: true }),
          OUTPUTS,
        )),
      ].filter(({ type }) => type.startsWith("cloudflare:"));
      const refused = resources.flatMap(({ type, inputs }) => cloud.refusals(type, inputs));
      assert.deepEqual(refused, [], plan);
    }
  });

  it("runs Cloudflare's rulesets, on the free plan the free one", async () => {
    const refs = async (plan: CloudflarePlan) =>
      rulesOf(await firewall(plan), "http_request_firewall_managed").map(({ ref }) => ref);
    assert.deepEqual(await refs("free"), ["managed-free"]);
    assert.deepEqual(await refs("pro"), ["managed-cloudflare", "managed-owasp"]);
  });

  it("stops bots with what the plan has, and never a program that asks for data", async () => {
    const bots = async (plan: CloudflarePlan) => {
      const resources = await firewall(plan);
      const { zoneId: _, ...inputs } = resources.find(({ type }) => type.endsWith(":BotManagement"))?.inputs ?? {};
      const skipped = rulesOf(resources, "http_request_firewall_custom").find(({ ref }) => ref === "custom-data");
      return { inputs, skips: skipped?.actionParameters?.["phases"] };
    };
    assert.deepEqual(await bots("free"), { inputs: { enableJs: false, fightMode: true }, skips: undefined });
    const pro = await bots("pro");
    assert.equal(pro.inputs["sbfmDefinitelyAutomated"], "managed_challenge");
    assert.equal(pro.inputs["sbfmLikelyAutomated"], undefined);
    assert.deepEqual(pro.skips, ["http_request_sbfm"]);
    assert.equal((await bots("business")).inputs["sbfmLikelyAutomated"], "managed_challenge");
  });

  it("lets named addresses pass limits and rulesets", async () => {
    const [first] = rulesOf(
      await firewall("pro", { exemptCidrs: ["192.0.2.0/24", "198.51.100.7/32"] }),
      "http_request_firewall_custom",
    );
    assert.equal(first?.action, "skip");
    assert.match(first?.expression ?? "", /ip\.src in \{192\.0\.2\.0\/24 198\.51\.100\.7\/32\}/);
  });
});

describe("rate limits", () => {
  const refs = (sites: readonly EdgeSite[], plan: CloudflarePlan) => rateLimitRules(sites, plan).map(({ ref }) => ref);

  it("share a rule where they are the same", () => {
    assert.deepEqual(refs([shop, tracks, chat], "pro"), ["limit-shop-tracks", "limit-chat"]);
  });

  it("are one for the zone on the free plan, the most generous", () => {
    const [rule, ...others] = rateLimitRules([shop, chat], "free");
    assert.deepEqual(others, []);
    assert.equal((rule?.ratelimit as { requestsPerPeriod: number }).requestsPerPeriod, 1200);
    assert.doesNotMatch(JSON.stringify(rule?.expression), /http\.host/);
  });

  it("are refused where the plan has fewer rules, with the plan that has enough", () => {
    const third = { ...chat, name: "third", requestsPerTenSeconds: 10 };
    assert.throws(
      () => refs([shop, chat, third], "pro"),
      /3 different rate limits \(1200, 250, 10 .*the pro plan has 2 rules.*cloudflarePlan: business/,
    );
    assert.equal(refs([shop, chat, third], "business").length, 3);
  });
});
