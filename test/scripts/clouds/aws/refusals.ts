import assert from "node:assert/strict";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import type { Cloud } from "./cloud.ts";

/** What is changed of inputs that pass (`undefined` leaves one out), and what the refusal says. */
export type Case = readonly [what: string, change: Properties, says: RegExp];

/** The inputs pass as they are, and each case is refused for its own reason. */
export const refuses = (
  token: string,
  setting: () => { readonly cloud: Cloud; readonly inputs: Properties; readonly region?: string },
  cases: readonly Case[],
): void => {
  it("takes what is right", () => {
    const { cloud, inputs, region } = setting();
    assert.deepEqual(cloud.refusals(token, inputs, region === undefined ? {} : { region }), []);
  });
  for (const [what, change, says] of cases) {
    it(`refuses ${what}`, () => {
      const { cloud, inputs, region } = setting();
      const changed = Object.fromEntries(
        Object.entries({ ...inputs, ...change }).filter(([, value]) => value !== undefined),
      );
      // what a wrong property points to need not exist as well
      const [first = "", ...more] = cloud.refusals(token, changed, region === undefined ? {} : { region });
      const refused = [first, ...more.filter((each) => !each.includes("nothing has this"))];
      assert.equal(refused.length, 1, `one reason, not ${JSON.stringify(refused)}`);
      assert.match(refused[0] ?? "", says);
    });
  }
};
