import assert from "node:assert/strict";
import { BadInput } from "@groundwork/lib/errors";
import { Faults, parseFault } from "../../../../scripts/rehearsal/clouds/faults.ts";

const VPC = { kind: "create", urn: "urn:pulumi:s::p::aws:ec2/vpc:Vpc::prod-vpc", token: "aws:ec2/vpc:Vpc" } as const;

describe("--fault", () => {
  it("is read in every form", () => {
    const third = { effect: "fail", when: "before", selector: { number: 3 }, times: 1, text: "fail@#3" };
    assert.deepEqual(parseFault("fail@#3"), third);
    assert.deepEqual(parseFault("hang:after@aws:ec2/vpc:Vpc x2"), {
      text: "hang:after@aws:ec2/vpc:Vpc x2",
      effect: "hang",
      when: "after",
      selector: { token: "aws:ec2/vpc:Vpc" },
      times: 2,
    });
    assert.deepEqual(parseFault("power:before@*::prod-vpc").selector, { urn: "*::prod-vpc" });
    assert.deepEqual(parseFault(`throttle@${VPC.urn}`).selector, { urn: VPC.urn });
    assert.deepEqual(parseFault("fail@#3x2").times, 2);
    assert.deepEqual(parseFault("fail@delete *::prod-vpc").selector, { urn: "*::prod-vpc", kind: "delete" });
  });

  it("is refused in one sentence that says how to write it", () => {
    const wrong = [
      "",
      "fail",
      "explode@#1",
      "fail:during@#1",
      "fail:after:before@#1",
      "fail@#0",
      "fail@vpc",
      "fail@#1 x0",
    ];
    for (const text of wrong) {
      assert.throws(
        () => parseFault(text),
        (error) =>
          error instanceof BadInput && error.message.includes(`"${text}"`) && / write <fail/.test(error.message),
        text,
      );
    }
  });
});

describe("faults", () => {
  it("strike the operation with the number, type or URN, as often as they are to", () => {
    const faults = new Faults([parseFault("fail@#2"), parseFault("hang@*::prod-vpc x2")]);
    const other = { ...VPC, urn: "urn:pulumi:s::p::aws:ec2/vpc:Vpc::other" };
    const effects = [VPC, other, VPC, VPC].map(
      (operation, at) => faults.take({ ...operation, number: at + 1 })?.effect,
    );
    assert.deepEqual(effects, ["hang", "fail", "hang", undefined]);
  });

  it("tell which of them nothing has met", () => {
    const faults = new Faults([parseFault("fail@aws:ec2/vpc:Vpc"), parseFault("fail@delete aws:ec2/vpc:Vpc")]);
    faults.take({ number: 1, ...VPC });
    assert.deepEqual(
      faults.unused().map(({ text }) => text),
      ["fail@delete aws:ec2/vpc:Vpc"],
    );
  });
});
