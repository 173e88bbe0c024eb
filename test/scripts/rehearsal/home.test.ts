import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { groundworkHome, groundworkRoot } from "../../../scripts/rehearsal/home.ts";

describe("the home of rehearsals", () => {
  it("is .groundwork, also where the variable is set to nothing", () => {
    assert.equal(groundworkHome({}), join(groundworkRoot, ".groundwork"));
    assert.equal(groundworkHome({ GROUNDWORK_HOME: "" }), join(groundworkRoot, ".groundwork"));
  });

  it("is where the variable says", () => {
    assert.equal(groundworkHome({ GROUNDWORK_HOME: "somewhere" }), resolve("somewhere"));
  });
});
