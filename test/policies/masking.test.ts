import assert from "node:assert/strict";
import { Secret } from "@pulumi/policy";
import { masked, opened } from "../../policies/framework/masking.ts";

describe("secrets in what policies say", () => {
  it("are out of their boxes for checks, at any depth", () => {
    const boxed = {
      name: "api",
      envs: ["A=1", new Secret("B=canary-2b7e")],
      deep: new Secret({ port: 5432, key: ["canary-91aa"] }),
    };
    assert.deepEqual(opened(boxed), {
      name: "api",
      envs: ["A=1", "B=canary-2b7e"],
      deep: { port: 5432, key: ["canary-91aa"] },
    });
    assert.equal(masked("port 5432 of canary-91aa with B=canary-2b7e"), "port 5432 of [secret] with [secret]");
  });

  it("are in no message, quoted or as part of another", () => {
    opened([new Secret('canary "c3" \\ quoted'), new Secret("canary-1f"), new Secret("canary-1f-and-more")]);
    assert.equal(masked(`is ${JSON.stringify('canary "c3" \\ quoted')}.`), 'is "[secret]".');
    assert.equal(masked("Container canary-1f-and-more."), "Container [secret].");
  });

  it("leave words alone that are too short to be one", () => {
    opened(new Secret("true"));
    assert.equal(masked("readOnly is not true."), "readOnly is not true.");
  });

  it("keeps what is no plain object as it is", () => {
    const date = new Date(0);
    assert.equal((opened({ date }) as { date: Date }).date, date);
  });
});
