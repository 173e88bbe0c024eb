import assert from "node:assert/strict";
import { Secret } from "@pulumi/policy";
import fc from "fast-check";
import { known } from "../../policies/framework/known.ts";
import type { Plain } from "../../policies/framework/known.ts";
import { mended, revealed } from "../../policies/framework/mend.ts";
import { resourcePolicy } from "../../policies/framework/policy.ts";
import { container } from "./fixtures.ts";
import { remediated, run, UNKNOWN } from "./harness.ts";

const unprivileged = resourcePolicy({
  name: "container-is-not-privileged",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Only for this test.",
  why: "Only for this test.",
  fix: "Only for this test.",
  control: { name: "none", url: "https://example.com" },
  settings: {},
  types: [container.type],
  check({ inputs }, _settings, report) {
    if (inputs.privileged === true) report.violation("It is privileged; set privileged to false.");
  },
  remediate: ({ inputs }) => (inputs.privileged === true ? { ...inputs, privileged: false } : undefined),
});

const BROKEN = {
  ...container,
  props: {
    ...container.props,
    privileged: true,
    envs: ["A=1", new Secret("canary")],
    labels: [{ label: "a", value: UNKNOWN }],
    healthcheck: UNKNOWN,
  },
};
const ON = { enforcementLevel: "remediate" };

describe("remediation", () => {
  it("mends one field and leaves secrets secret and unknown values unknown", () => {
    assert.deepEqual(remediated(unprivileged, BROKEN, ON), { ...BROKEN.props, privileged: false });
  });

  it("leaves alone what complies, and what is excepted", () => {
    assert.equal(remediated(unprivileged, container, ON), undefined);
    const exceptions = [{ resource: "api", reason: "needs the host's devices", expires: "2999-12-31" }];
    assert.equal(remediated(unprivileged, BROKEN, { ...ON, exceptions }), undefined);
  });

  it("can be left out for single stacks", () => {
    const config = { ...ON, stacks: { "prod*": { enforcementLevel: "mandatory" } } };
    assert.ok(remediated(unprivileged, BROKEN, config, "dev"));
    assert.equal(remediated(unprivileged, BROKEN, config, "prod"), undefined);
  });

  it("cannot be switched on for a single stack alone, which is told in one sentence", () => {
    const root = { type: "pulumi:pulumi:Stack", name: "shop-dev", props: {} };
    const config = { [unprivileged.name]: { stacks: { dev: { enforcementLevel: "remediate" } } } };
    assert.deepEqual(
      run([unprivileged], [root], config).map(({ message }) => message),
      [
        "The policy config sets container-is-not-privileged.stacks to remediate for stack dev, which the engine cannot do for one stack alone; set container-is-not-privileged.enforcementLevel to remediate, and in container-is-not-privileged.stacks the level of all others.",
      ],
    );
  });

  it("finds a list's elements again where the remediation moved or took away some", () => {
    const raw = { list: ["a", new Secret("b"), UNKNOWN, { c: new Secret("d"), e: UNKNOWN }] };
    const before = known(revealed(raw) ?? {}).value;
    const [a, b, unknown, object] = before.list as unknown[];
    assert.deepEqual(mended(raw, before, { list: [object, unknown, b] }), {
      list: [{ c: new Secret("d"), e: UNKNOWN }, UNKNOWN, new Secret("b")],
    });
    assert.deepEqual(mended(raw, before, { list: [a, b, unknown, object, "new"] }), { list: [...raw.list, "new"] });
  });

  it("keeps a secret secret that the remediation puts elsewhere", () => {
    const raw = { env: { TOKEN: new Secret("canary") } };
    const before = known(revealed(raw) ?? {}).value;
    assert.deepEqual(mended(raw, before, { envs: [{ name: "TOKEN", value: "canary" }] }), {
      envs: [{ name: "TOKEN", value: new Secret("canary") }],
    });
  });

  it("changes nothing where nothing is changed, whatever the properties", () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(UNKNOWN));
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        leaf,
        leaf.map((inner) => new Secret(inner)),
        fc.array(tie("node")),
        fc.dictionary(fc.string(), tie("node"), { noNullPrototype: true }),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value, { noNullPrototype: true }), (raw) => {
        const before = known(revealed(raw) ?? {}).value;
        assert.deepEqual(mended(raw, before, structuredClone<Plain>(before)), raw);
        assert.deepEqual(mended(raw, before, { ...before, added: 1 }), { ...raw, added: 1 });
      }),
    );
  });
});
