import assert from "node:assert/strict";
import { rateLimitRules } from "../../components/cdn/rate-limits.ts";
import { siteOf } from "../../stacks/cloud/edge.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { PAGES } from "../../stacks/systems/pages.ts";

describe("the systems as the edge sees them", () => {
  const sites = Object.values(SYSTEMS).flatMap((system) => siteOf(system, "example.com"));

  it("names workloads that exist as those with pages, and that the internet may reach", () => {
    for (const [system, names] of Object.entries(PAGES)) {
      const exposed = SYSTEMS[system]?.workloads.filter(({ exposure }) => exposure?.public === true) ?? [];
      for (const name of names)
        assert.ok(
          exposed.some((workload) => workload.name === name),
          `${system}/${name}`,
        );
    }
  });

  it("tells pages from data", () => {
    const paths = Object.fromEntries(sites.map(({ name, pages, apis }) => [name, { pages, apis }]));
    assert.deepEqual(paths["finai-nexus"], { pages: ["/"], apis: ["/api"] });
    assert.deepEqual(paths["web-platform"], { pages: [], apis: ["/", "/legacy"] });
  });

  it("limits clients by what the exposures permit, in few enough rules for the pro plan", () => {
    const limits = Object.fromEntries(sites.map(({ name, requestsPerTenSeconds }) => [name, requestsPerTenSeconds]));
    assert.equal(limits["web-platform"], 1200);
    assert.equal(limits["sophia"], 250);
    assert.equal(rateLimitRules(sites, "pro").length, 2);
  });
});
