import { HTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import { ReferenceGrant } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1beta1";
import assert from "node:assert/strict";
import fc from "fast-check";
import { inOrder, isBelow } from "../../../components/gateway/kubernetes-order.ts";
import { planRoutes, referenceGrants } from "../../../components/gateway/kubernetes-routes.ts";
import type { PlannedRoute } from "../../../components/gateway/kubernetes-routes.ts";
import type { GatewayRoute } from "../../../components/gateway/kubernetes-spec.ts";

const GATEWAY = { name: "gateway", namespace: "envoy-gateway-system" };

const route = (name: string, path: string, changes: Partial<GatewayRoute> = {}): GatewayRoute => ({
  name,
  host: "flowx.example.com",
  path,
  exactPaths: [],
  namespace: "flowx",
  service: name,
  port: 8080,
  ...changes,
});

const planned = (plans: readonly PlannedRoute[], name: string) => {
  const plan = plans.find((each) => each.name === name);
  assert.ok(plan, name);
  return plan.route.spec.rules ?? [];
};

describe("routes of the gateway on Kubernetes", () => {
  const segment = fc.constantFrom("a", "b", "api", "v1");
  const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join("/")}`);
  const paths = fc.uniqueArray(path, { minLength: 1, maxLength: 8 });

  it("are found by the longest prefix, in whatever order they are written", () => {
    fc.assert(
      fc.property(paths, path, fc.nat(), (prefixes, asked, turn) => {
        const routes = prefixes.map((prefix, index) => route(`r${index}`, prefix));
        const turned = [...routes.slice(turn % routes.length), ...routes.slice(0, turn % routes.length)];
        const found = inOrder(turned).find((each) => isBelow(asked, each.path));
        const longest = prefixes
          .filter((prefix) => isBelow(asked, prefix))
          .sort((one, other) => other.split("/").filter(Boolean).length - one.split("/").filter(Boolean).length)[0];
        assert.equal(found?.path, longest);
        assert.deepEqual(inOrder(turned), inOrder(routes));
      }),
    );
  });

  it("end a prefix where a segment ends", () => {
    assert.ok(isBelow("/api/users", "/api"));
    assert.ok(!isBelow("/apis", "/api"));
    assert.ok(isBelow("/anything", "/"));
  });

  it("are objects that the Gateway API's model accepts, whatever the routes", () => {
    fc.assert(
      fc.property(paths, fc.boolean(), (prefixes, secured) => {
        const routes = prefixes.map((prefix, index) =>
          route(`r${index}`, prefix, {
            exactPaths: [`${prefix === "/" ? "" : prefix}/health`],
            ...(secured && { authentication: { kind: "jwt", roles: [] } }),
          }),
        );
        for (const { route: object } of planRoutes(GATEWAY, routes, ["/metrics"])) new HTTPRoute(object).validate();
      }),
      { numRuns: 30 },
    );
  });

  it("answer exact paths to anybody, and leave limits and tokens to the others", () => {
    const api = route("api", "/api", {
      exactPaths: ["/api/health"],
      authentication: { kind: "jwt", roles: ["viewer"] },
      rateLimit: { requestsPerSecond: 5, burst: 5 },
    });
    const plans = planRoutes(GATEWAY, [api], []);
    assert.deepEqual(
      plans.map(({ name, policies }) => [name, policies?.rateLimit?.requestsPerSecond]),
      [
        ["api-exact", undefined],
        ["api", 5],
      ],
    );
    assert.deepEqual(planned(plans, "api-exact")[0]?.matches, [{ path: { type: "Exact", value: "/api/health" } }]);
  });

  it("turn away who brings no token, as the Docker gateway does", () => {
    const plans = planRoutes(GATEWAY, [route("api", "/", { authentication: { kind: "jwt", roles: [] } })], []);
    const [withToken, without, ...more] = planned(plans, "api");
    assert.equal(more.length, 0);
    const [header] = withToken?.matches?.[0]?.headers ?? [];
    assert.equal(header?.type, "RegularExpression");
    // JavaScript has no inline flags
    const pattern = new RegExp(`^(?:${header.value.replace("(?i)", "")})$`, "i");
    for (const value of ["Bearer abc.def.ghi", "bearer  x"]) assert.match(value, pattern);
    for (const value of ["Bearer ", "Basic abc", "Bearer"]) assert.doesNotMatch(value, pattern);
    assert.equal(withToken?.backendRefs?.length, 1);
    assert.equal(without?.backendRefs, undefined);
    assert.deepEqual(
      without?.filters?.map(({ extensionRef, responseHeaderModifier }) => extensionRef ?? responseHeaderModifier),
      [
        { group: "gateway.envoyproxy.io", kind: "HTTPRouteFilter", name: "without-token" },
        { set: [{ name: "WWW-Authenticate", value: "Bearer" }] },
      ],
    );
  });

  it("hide a path of every host from the internet", () => {
    const plans = planRoutes(
      GATEWAY,
      [route("api", "/"), route("web", "/", { host: "web.example.com" })],
      ["/metrics"],
    );
    const hidden = plans.filter(({ name }) => name.endsWith("-hidden"));
    assert.deepEqual(
      hidden.map(({ route: { spec } }) => spec.hostnames),
      [["flowx.example.com"], ["web.example.com"]],
    );
    for (const { route: object, policies } of hidden) {
      assert.equal(object.spec.rules?.[0]?.backendRefs, undefined);
      assert.equal(policies, undefined);
    }
  });

  it("reach into a system's namespace by a grant that names the Services", () => {
    const grants = referenceGrants(GATEWAY, [
      route("api", "/api"),
      route("web", "/"),
      route("pages", "/", { host: "finai-nexus.example.com", namespace: "finai-nexus" }),
    ]);
    assert.deepEqual(
      grants.map(({ metadata, spec }) => [metadata?.namespace, spec?.to.map(({ name }) => name)]),
      [
        ["finai-nexus", ["pages"]],
        ["flowx", ["api", "web"]],
      ],
    );
    for (const grant of grants) {
      new ReferenceGrant(grant).validate();
      assert.deepEqual(grant.spec?.from, [
        { group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "envoy-gateway-system" },
      ]);
    }
  });
});
