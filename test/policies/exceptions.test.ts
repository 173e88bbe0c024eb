import assert from "node:assert/strict";
import { kindOfFinding } from "@groundwork/lib/policy-findings";
import { containerHasLimits } from "../../policies/resource-limits/container-has-limits.ts";
import { namespaceHasQuota } from "../../policies/resource-limits/namespace-has-quota.ts";
import { changed, container, environment, without } from "./fixtures.ts";
import { run, UNKNOWN } from "./harness.ts";

const ROOT = { type: "pulumi:pulumi:Stack", name: "shop-dev", props: {} };
const BAD = changed("api/memory", undefined, [ROOT, container]);
const URN = "urn:pulumi:dev::shop::docker:index/container:Container::api";
const GOOD = { resource: "api", reason: "Moves to a host of its own in May", expires: "2026-06-30" };

/** What container-has-limits says of a container without a memory limit. */
function said(exceptions: unknown, today = "2026-05-01", resources = BAD): string[] {
  const config = { "container-has-limits": { exceptions } };
  return run([containerHasLimits], resources, config, "dev", { today }).map(
    ({ level, message }) => `${level}: ${message}`,
  );
}

describe("exceptions from a policy", () => {
  it("silence a finding until their last day, and say so in one line", () => {
    for (const resource of ["api", URN]) {
      for (const today of ["2026-05-01", "2026-06-30"]) {
        const [line = "", ...others] = said([{ ...GOOD, resource }], today);
        assert.deepEqual(others, []);
        assert.equal(
          line,
          "advisory: Excepted until 2026-06-30: Moves to a host of its own in May. It would say: Container shop-api has no memory limit; set memory (for example 512, in MiB).",
        );
        assert.equal(kindOfFinding(line.slice("advisory: ".length)), "excepted");
      }
    }
  });

  it("are violations themselves when their time is over, and silence nothing any more", () => {
    const lines = said([GOOD], "2026-07-01");
    assert.equal(lines.length, 2);
    assert.equal(
      lines[0],
      "mandatory: The exception from container-has-limits for api expired on 2026-06-30 (Moves to a host of its own in May); mend the resource and take the exception away, or agree on a later date and write that.",
    );
    assert.match(lines[1] ?? "", /^mandatory: Container shop-api has no memory limit/);
  });

  it("are advised against where they except nothing", () => {
    assert.match(
      said([{ ...GOOD, resource: "apu" }]).at(-1) ?? "",
      /^advisory: The exception from container-has-limits for apu names no resource of stack dev that this policy looks at; correct the name/,
    );
    assert.match(
      said([GOOD], "2026-05-01", [ROOT, container])[0] ?? "",
      /^advisory: The exception from container-has-limits for api is not needed: there is nothing to except; take it away\.$/,
    );
  });

  it("name one resource only", () => {
    const twin = { ...container, type: "docker:index/service:Service" };
    const lines = said([GOOD], "2026-05-01", [...BAD, twin]);
    assert.match(
      lines.at(-1) ?? "",
      /^mandatory: The exception from container-has-limits for api fits 2 resources; write the URN of the one that is meant, e\.g\. urn:pulumi:dev::shop::docker:index\/container:Container::api\.$/,
    );
  });

  it("name a resource that has a star in its name, and nothing else by it", () => {
    const star = changed("*.example.com/memory", undefined, [ROOT, { ...container, name: "*.example.com" }, container]);
    for (const resource of ["*.example.com", URN.replace(/api$/, "*.example.com")]) {
      const lines = said([{ ...GOOD, resource }], "2026-05-01", star);
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0] ?? "", /^advisory: Excepted until 2026-06-30:/);
    }
  });

  it("are refused with a wildcard that no resource has for a name, and silence nothing", () => {
    for (const resource of ["ap*", URN.replace(/api$/, "*")]) {
      const [finding = "", refused = "", ...more] = said([{ ...GOOD, resource }]);
      assert.deepEqual(more, []);
      assert.match(finding, /^mandatory: Container shop-api has no memory limit/);
      assert.ok(
        refused.startsWith(`mandatory: The policy config excepts ${resource} from container-has-limits by a pattern; `),
        refused,
      );
      assert.match(refused, /name one resource by its URN or logical name, without \*, .*\.$/);
    }
    const config = {
      "namespace-has-quota": { exceptions: [{ ...GOOD, resource: "sh*" }] },
      "container-has-limits": {
        exceptions: [{ ...GOOD, resource: "ap*" }],
        stacks: { dev: { enforcementLevel: "disabled" } },
      },
    };
    const found = run([containerHasLimits, namespaceHasQuota], [ROOT, ...without("quota")], config, "dev", {
      today: "2026-05-01",
    });
    assert.deepEqual(
      found.map(({ policy, level }) => [policy, level]),
      [
        ["namespace-has-quota", "mandatory"],
        ["namespace-has-quota", "mandatory"],
      ],
    );
  });

  const malformed: readonly (readonly [string, unknown, RegExp])[] = [
    ["no resource", { reason: "x", expires: "2026-06-30" }, /without naming a resource; write \{ "resource"/],
    ["no reason", { ...GOOD, reason: " " }, /excepts api from container-has-limits without a reason; write/],
    ["no date", { resource: "api", reason: "x" }, /until no date; write expires as a day of the calendar, YYYY-MM-DD/],
    ["another form of date", { ...GOOD, expires: "30.6.2026" }, /until "30\.6\.2026"; write expires as a day/],
    ["a day that is not in the calendar", { ...GOOD, expires: "2026-06-31" }, /until "2026-06-31"; write expires/],
    ["a number", { ...GOOD, expires: 20260630 }, /until 20260630; write expires/],
    ["a key that does not exist", { ...GOOD, until: "x" }, /with the key until, which does not exist; write/],
    ["no object", "api", /excepts "api" from container-has-limits without naming a resource/],
  ];
  for (const [what, exception, message] of malformed) {
    it(`refuses ${what} in one sentence, and silences nothing`, () => {
      const lines = said([exception]);
      assert.equal(lines.length, 2, lines.join("\n"));
      assert.match(lines[0] ?? "", /^mandatory: The policy config excepts .*\.$/);
      assert.match(lines[0] ?? "", message);
      assert.match(lines[1] ?? "", /^mandatory: Container shop-api has no memory limit/);
    });
  }

  it("of a stack are added to those of all stacks", () => {
    const config = {
      "container-has-limits": {
        exceptions: [{ ...GOOD, resource: "web" }],
        stacks: { "de*": { exceptions: [GOOD] }, prod: { exceptions: [{ ...GOOD, resource: "other" }] } },
      },
    };
    const bare = changed("web/spec/template/spec/containers/0/resources/limits/cpu", undefined, [
      ...BAD,
      ...environment,
    ]);
    const levels = run([containerHasLimits], bare, config, "dev", { today: "2026-05-01" });
    assert.deepEqual(
      levels.map(({ level, name }) => [level, name]),
      [
        ["advisory", "api"],
        ["advisory", "web"],
      ],
    );
  });

  it("hold for policies over the whole stack", () => {
    const config = { "namespace-has-quota": { exceptions: [{ ...GOOD, resource: "shop" }] } };
    const found = run([containerHasLimits, namespaceHasQuota], [ROOT, ...without("quota")], config, "dev", {
      today: "2026-05-01",
    });
    assert.deepEqual(
      found.map(({ level, name, message }) => [level, name, message.slice(0, 26)]),
      [["advisory", "shop", "Excepted until 2026-06-30:"]],
    );
  });

  it("silence what is undecided too, without a line for it", () => {
    assert.deepEqual(said([GOOD], "2026-05-01", changed("api/memory", UNKNOWN, [ROOT, container])), []);
  });

  it("are not judged where the policy is disabled", () => {
    const config = {
      "container-has-limits": { exceptions: ["nonsense"], stacks: { dev: { enforcementLevel: "disabled" } } },
    };
    assert.deepEqual(run([containerHasLimits], BAD, config), []);
  });
});
