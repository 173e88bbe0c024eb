import assert from "node:assert/strict";
import fc from "fast-check";
import { formatCpu, formatMemory, parseCpu, parseMemory, toMebibytes } from "@groundwork/lib/quantity";
import { assertBadInput } from "../helpers/bad-input.ts";

describe("quantities", () => {
  it("read Kubernetes notation", () => {
    assert.deepEqual([parseCpu("500m"), parseCpu("1.5"), parseCpu(2)], [0.5, 1.5, 2]);
    assert.deepEqual(
      [parseMemory("1.5Gi"), parseMemory("512Mi"), parseMemory("2G"), parseMemory("1k")],
      [1.5 * 2 ** 30, 2 ** 29, 2e9, 1000],
    );
  });

  it("come back as they were written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (millis) =>
        assert.equal(parseCpu(formatCpu(millis / 1000)), millis / 1000),
      ),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (kibibytes) =>
        assert.equal(parseMemory(formatMemory(kibibytes * 1024)), kibibytes * 1024),
      ),
    );
  });

  it("round up, never down", () => {
    assert.equal(toMebibytes(2 ** 20 + 1), 2);
    assert.equal(formatMemory(1025), "2Ki");
  });

  const memories: [unknown, RegExp][] = [
    ["2GB", /"2GB", and "GB" is no unit; write "2Gi"/],
    ["512mb", /write "512Mi"/],
    ["6g", /write "6Gi"/],
    ["512", /write "512Mi"/],
    ["100m", /write "100Mi"/],
    ["-1Gi", /positive amount/],
    ["0Gi", /positive amount/],
    ["", /positive amount/],
    [512, /is 512; write a positive amount/],
    [undefined, /positive amount/],
  ];
  for (const [text, expected] of memories) {
    it(`refuse ${JSON.stringify(text)} as memory and say what to write`, () =>
      assertBadInput(() => parseMemory(text, "api.memory"), /^api\.memory is /, expected));
  }

  for (const text of ["1 core", "0.5 CPU", "-1", 0, -2, Number.NaN, "", null]) {
    it(`refuse ${JSON.stringify(text)} as CPU and say what to write`, () =>
      assertBadInput(() => parseCpu(text, "api.cpu"), /^api\.cpu is /, 'millicores ("500m")'));
  }
});
