import assert from "node:assert/strict";
import { EXCEPTED, UNDECIDED } from "@groundwork/lib/policy-findings";
import type { ViolationReport } from "@groundwork/lib/rehearsal-report";
import { policyDiff } from "../../../../scripts/reports/compare/figures.ts";

function violation(message: string, more: Partial<ViolationReport> = {}): ViolationReport {
  return { policy: "image-is-pinned", level: "mandatory", urn: "urn:a", message, ...more };
}

describe("what the policy pack says on both sides", () => {
  const wrong = violation("Its image is latest.");
  const unknown = violation(`${UNDECIDED}image is not known in preview.`, { level: "advisory" });
  const borne = violation(`${EXCEPTED}2027-01-31: It moves. It would say: Its image is latest.`, { level: "advisory" });

  it("has not fixed what the preview cannot decide of the same resource", () => {
    assert.deepEqual(policyDiff("pack", [wrong], [unknown]), {
      pack: "pack",
      added: [],
      fixed: [],
      remaining: [],
      undecided: [unknown],
    });
  });

  it("has fixed what another policy or another resource cannot decide", () => {
    for (const more of [{ urn: "urn:b" }, { policy: "image-comes-from-registry" }]) {
      assert.deepEqual(policyDiff("pack", [wrong], [{ ...unknown, ...more }]).fixed, [wrong]);
    }
  });

  it("keeps what an exception bears, which is neither new nor fixed", () => {
    for (const before of [[wrong], [borne], []]) {
      const { added, fixed, remaining } = policyDiff("pack", before, [borne]);
      assert.deepEqual([added, fixed, remaining], [[], [], [borne]]);
    }
    assert.deepEqual(policyDiff("pack", [borne], []).fixed, []);
  });

  it("has new what an exception no longer bears", () => {
    assert.deepEqual(policyDiff("pack", [borne], [wrong]).added, [wrong]);
  });
});
