import assert from "node:assert/strict";
import fc from "fast-check";
import { EventReader, plainText, recogniseBadInput } from "../../../scripts/rehearsal/engine/index.ts";
import type { EngineEvent } from "../../../scripts/rehearsal/engine/index.ts";
import type { StepMetadata } from "../../../scripts/rehearsal/engine/events.ts";

const state = (urn: string, id: string) => ({ type: "t", urn, id, parent: "", inputs: {}, outputs: {}, provider: "" });
const step = (op: string, name: string, more: object = {}) => {
  const urn = `urn:pulumi:s::p::t::${name}`;
  return {
    op,
    urn,
    type: "t",
    old: state(urn, "old"),
    new: state(urn, "new"),
    detailedDiff: null,
    provider: "",
    logical: true,
    ...more,
  };
};
let sequence = 0;
const event = (content: Partial<EngineEvent>): EngineEvent => ({ sequence: sequence++, timestamp: 0, ...content });
const pre = (metadata: StepMetadata): EngineEvent => event({ resourcePreEvent: { metadata } });
const outputs = (metadata: StepMetadata): EngineEvent => event({ resOutputsEvent: { metadata } });

function read(events: readonly EngineEvent[]) {
  const reader = new EventReader();
  for (const one of events) reader.add(one);
  return reader.summary();
}

describe("engine events", () => {
  it("count a replacement once, by the engine's own summary", () => {
    const halves = [
      step("create-replacement", "a", { logical: false }),
      step("replace", "a"),
      step("delete-replaced", "a", { logical: false }),
    ];
    const summary = event({
      summaryEvent: { durationSeconds: 1, resourceChanges: { replace: 1, same: 2 }, isPreview: false },
    });
    const { changes, steps } = read([...halves.flatMap((one) => [pre(one), outputs(one)]), summary]);
    assert.deepEqual(changes, { create: 0, update: 0, replace: 1, delete: 0, same: 2 });
    assert.equal(steps.length, 3);
  });

  it("count what was done when a killed engine left no summary", () => {
    const { changes, steps, ended } = read([
      pre(step("create", "a")),
      outputs(step("create", "a")),
      pre(step("create", "b")),
    ]);
    assert.deepEqual(changes, { create: 1, update: 0, replace: 0, delete: 0, same: 0 });
    assert.deepEqual(
      steps.map(({ outcome }) => outcome),
      ["done", "started"],
    );
    assert.equal(ended, false);
  });

  it("tell a failed step from one that was done", () => {
    const failed = step("update", "a");
    const { steps } = read([pre(failed), event({ resOpFailedEvent: { metadata: failed, status: 0, steps: 1 } })]);
    assert.equal(steps[0]?.outcome, "failed");
  });

  it("leave out the SDK's trace and the CLI's warning about our own hosts", () => {
    const diagnostics: NonNullable<EngineEvent["diagnosticEvent"]>[] = [
      { severity: "debug", message: "Registering resource" },
      { severity: "warning", message: "using pulumi-analyzer-policy from $PATH at /x" },
      { severity: "info#err", message: "<{%reset%}>said<{%reset%}>\n", urn: "u" },
    ];
    const { diagnostics: kept } = read(diagnostics.map((diagnosticEvent) => event({ diagnosticEvent })));
    assert.deepEqual(kept, [{ urn: "u", severity: "info", message: "said" }]);
  });

  it("give each step once, however often it is reported", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("create", "update", "delete", "same"), fc.constantFrom("a", "b", "c"))),
        (list) => {
          const { steps, changes } = read(
            list.flatMap(([op, name]) => [pre(step(op, name)), outputs(step(op, name)), outputs(step(op, name))]),
          );
          const distinct = new Set(list.map(([op, name]) => `${op} ${name}`));
          assert.equal(steps.length, distinct.size);
          assert.equal(changes.create + changes.update + changes.delete + changes.same, distinct.size);
        },
      ),
    );
  });
});

describe("messages of the engine", () => {
  it("lose their colours and nothing else", () => {
    const escape = String.fromCharCode(27);
    assert.equal(
      plainText(`<{%fg 1%}>error:<{%reset%}> 50% of ${escape}[31mred${escape}[0m <b>`),
      "error: 50% of red <b>",
    );
  });

  it("tell a provider's reason without the engine's copy of type, name and value", () => {
    const told = (message: string, urn?: string) =>
      read([event({ diagnosticEvent: { ...(urn === undefined ? {} : { urn }), message, severity: "error" } })])
        .diagnostics[0]?.message;
    const urn = "urn:pulumi:s::p::aws:ec2/vpc:Vpc::v";
    const cidr = '"cidrBlock" is "10.0.0.0/33": write an IPv4 block';
    assert.equal(
      told(`aws:ec2/vpc:Vpc resource 'v': property cidrBlock value {10.0.0.0/33} has a problem: ${cidr}`, urn),
      cidr,
    );
    assert.equal(
      told("t resource 'v': property rules value {[{map[a:{b}\n]}]} has a problem: too many", urn),
      "rules: too many",
    );
    assert.equal(told("t resource 'it's' has a problem: no such type", urn), "no such type");
    assert.equal(told("t resource 'v' has a problem: x"), "t resource 'v' has a problem: x");
    assert.equal(told("the database has a problem: x", urn), "the database has a problem: x");
  });

  it("are taken for bad input only when they are about the user's own", () => {
    const error = (message: string) => [{ severity: "error" as const, message }];
    assert.equal(
      recogniseBadInput(error("bad input: size is 0: write 1 or more"), "", "/p"),
      "size is 0: write 1 or more",
    );
    assert.equal(
      recogniseBadInput(
        error("validating stack config: Stack 'dev' is missing configuration values 'systems' and 'target'"),
        "",
        "/p",
      ),
      "stack dev has no value for the configuration keys systems and target: add them to Pulumi.dev.yaml under `config:`",
    );
    assert.match(recogniseBadInput([], "error: open /x: no space left on device", "/p") ?? "", /^the disk is full/);
    assert.match(
      recogniseBadInput([], "error: PULUMI_ACCESS_TOKEN must be set for login during ...", "/p") ?? "",
      /pulumi login/,
    );
    assert.equal(recogniseBadInput(error("creating bucket: AccessDenied"), "error: update failed", "/p"), undefined);
    assert.equal(recogniseBadInput([{ severity: "warning", message: "bad input: x" }], "", "/p"), undefined);
  });
});
