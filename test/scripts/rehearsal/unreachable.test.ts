import assert from "node:assert/strict";
import { unreachableHint } from "../../../scripts/rehearsal/unreachable.ts";

const UPDATE =
  'configured Kubernetes cluster is unreachable: unable to load schema information from the API server: Get "https://0A1B.gr7.us-west-2.eks.amazonaws.com/openapi/v2?timeout=32s": dial tcp: i/o timeout';
const said = (message: string) => [{ severity: "error" as const, message }];
const declared = [{ key: "shop:unreachable", type: "object", secret: false, hasDefault: true }];

describe("advice on a cluster that does not answer", () => {
  it("names the key with the region that the provider names", () => {
    const hint = unreachableHint({ name: "shop", declared }, said(UPDATE)) ?? "";
    assert.match(
      hint,
      /^the cluster in us-west-2 does not answer: .* set shop:unreachable\.us-west-2 to skip to leave/,
    );
    assert.match(hint, /shop:unreachable\.us-west-2 to delete to forget them before a destroy/);
    const unnamed = unreachableHint({ name: "shop", declared }, said("failed to read ... due to unreachable cluster."));
    assert.match(unnamed ?? "", /shop:unreachable\.<region> to skip/);
  });

  it("names the provider's options where a project has no such key, and says nothing where all answer", () => {
    assert.match(unreachableHint({ name: "shop", declared: [] }, said(UPDATE)) ?? "", /skipUpdateUnreachable of its/);
    assert.equal(unreachableHint({ name: "shop", declared }, said("DependencyViolation")), undefined);
    assert.equal(unreachableHint({ name: "shop", declared }, [{ severity: "warning", message: UPDATE }]), undefined);
  });
});
