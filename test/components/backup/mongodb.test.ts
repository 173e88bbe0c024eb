import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mongodbWork } from "../../../components/backup/mongodb.ts";
import { BackupUnderTest, PASSWORD } from "./run.ts";

/**
 * MongoDB cannot be had here: these stand in for its tools. They write down how they were called, and what they say of
 * their work is what the real ones print.
 * https://github.com/mongodb/mongo-tools/blob/master/mongodump/mongodump.go https://github.com/mongodb/mongo-tools/blob/master/mongorestore/main/mongorestore.go
 */
const TOOLS = {
  mongodump: `grep -q '^password: "${PASSWORD}"$' "\${1#--config=}" || exit 1
for argument; do case $argument in --archive=*) echo archive >"\${argument#--archive=}" ;; esac; done
echo "2026-11-21T10:00:00.000+0000	writing finai.users to archive" >&2
echo "2026-11-21T10:00:00.000+0000	done dumping finai.users (12 documents)" >&2
echo "2026-11-21T10:00:00.000+0000	done dumping finai.one (1 document)" >&2
echo "2026-11-21T10:00:00.000+0000	done dumping admin.system.users (4 documents)" >&2`,
  mongorestore: `echo "2026-11-21T10:00:00.000+0000	$RESTORED document(s) restored successfully. 0 document(s) failed to restore." >&2`,
  mongosh: "",
};

function backup(restored: number): BackupUnderTest {
  const made = new BackupUnderTest("mongodb", mongodbWork(), {}, { restoreTestEvery: 1 });
  const tools = join(made.folder, "tools");
  mkdirSync(tools);
  for (const [name, body] of Object.entries(TOOLS)) {
    writeFileSync(join(tools, name), `#!/bin/sh\necho "${name} $*" >>"${made.folder}/calls"\n${body}\n`);
    chmodSync(join(tools, name), 0o755);
  }
  return Object.assign(made, {
    environment: {
      PATH: `${tools}:${process.env["PATH"] ?? ""}`,
      RESTORED: String(restored),
      MONGODB_HOST: "s-mongodb",
      MONGODB_PORT: "27017",
      MONGODB_DATABASE: "finai",
      MONGODB_USER: "administrator",
      MONGODB_PASSWORD_FILE: made.passwordFile,
    },
  });
}

describe("a backup of MongoDB", () => {
  it("asks the tools for one database, restores it under another name, and compares the documents", () => {
    const made = backup(13);
    const { status, output } = made.run("once");
    assert.equal(status, 0, output);
    const calls = readFileSync(join(made.folder, "calls"), "utf8");
    assert.match(calls, /^mongodump .*--authenticationDatabase=admin --db=finai .*--archive=\S+\/dump\.gz$/m);
    assert.match(calls, /^mongorestore .*--nsFrom=finai\.\* --nsTo=groundwork_restore_test\.\*$/m);
    assert.equal((calls.match(/^mongosh /gm) ?? []).length, 2, "the scratch database is dropped before and after");
  });

  it("counts as failed when a document is missing", () => {
    const { status, output } = backup(12).run("once");
    assert.notEqual(status, 0);
    assert.match(output, /restored 12 documents of 13/);
  });

  it("shows the password to the tools only, in a file that is gone afterwards", () => {
    const made = backup(13);
    const { output } = made.run("once");
    assert.equal(`${output}${readFileSync(join(made.folder, "calls"), "utf8")}`.includes(PASSWORD), false);
    assert.throws(() => readFileSync(made.path("state", "tool.yaml")), /ENOENT/);
  });

  it("is restored over its database, or under the name that is said", () => {
    const made = backup(13);
    made.run("once");
    assert.equal(made.run("restore", "latest").status, 0);
    assert.equal(made.run("restore", "latest", "copy").status, 0);
    const calls = readFileSync(join(made.folder, "calls"), "utf8");
    assert.match(calls, /^mongorestore .*--drop .*--nsTo=finai\.\*$/m);
    assert.match(calls, /^mongorestore .*--drop .*--nsTo=copy\.\*$/m);
  });
});
