import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { credential } from "../../../components/secret-drift/checker/credential.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

const NAME = "SECRET_DRIFT_TEST_TOKEN";

describe("a credential of the secret-drift checker", () => {
  const file = join(temporaryFolder({ token: "from the file\n" }), "token");
  afterEach(() => {
    for (const name of [NAME, `${NAME}_FILE`]) Reflect.deleteProperty(process.env, name);
  });

  it("is the variable, or else the file that another variable names, as it is at that moment", () => {
    assert.equal(credential(NAME), "");
    process.env[`${NAME}_FILE`] = file;
    assert.equal(credential(NAME), "from the file");
    writeFileSync(file, "a new one\n");
    assert.equal(credential(NAME), "a new one");
    process.env[NAME] = " from the variable ";
    assert.equal(credential(NAME), "from the variable");
  });

  it("is none where the file is not there", () => {
    process.env[`${NAME}_FILE`] = `${file}.gone`;
    assert.equal(credential(NAME), "");
  });
});
