import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { IMAGES } from "../../components/images.ts";
import { named } from "../../scripts/rehearsal/docker-engine/build.ts";
import { registryOf } from "../../scripts/rehearsal/docker-engine/images.ts";
import { readStandIns, standInsFolder } from "../../scripts/rehearsal/docker-engine/stand-ins.ts";
import { assertBadInput } from "../helpers/bad-input.ts";
import { temporaryFolder } from "../helpers/folder.ts";

const FOLDER = import.meta.dirname;
const { standIns, leftOut, suite } = readStandIns(FOLDER);

/** Operators bring these themselves; no Docker environment has them. */
const KUBERNETES_ONLY = ["cloudNativePostgres", "perconaMongodb", "perconaBackup"];

describe("stand-ins for images", () => {
  it("exist for every image of a Docker environment, or say why not", () => {
    for (const [name, reference] of Object.entries(IMAGES)) {
      if (KUBERNETES_ONLY.includes(name)) continue;
      const { repo } = named(reference);
      assert.ok(repo in standIns !== repo in leftOut, `${repo}: a stand-in or a reason, and not both`);
    }
    const known = new Set([...Object.values(IMAGES).map((reference) => named(reference).repo), "node"]);
    assert.deepEqual(
      [...Object.keys(standIns), ...Object.keys(leftOut)].filter((repo) => !known.has(repo)),
      [],
      "nothing here that nobody uses",
    );
  });

  it("have a Dockerfile each, which begins with the base", () => {
    for (const { folder } of Object.values(standIns)) {
      const file = join(FOLDER, folder, "Dockerfile");
      assert.ok(existsSync(file), file);
      assert.match(readFileSync(file, "utf8"), /^ARG BASE$/m);
    }
    assert.match(readFileSync(join(FOLDER, "base/debian.sources"), "utf8"), new RegExp(`^Suites: ${suite} `, "m"));
  });

  it("are found in this checkout, and a folder without them is refused", async () => {
    assert.equal(standInsFolder(), FOLDER);
    const empty = temporaryFolder();
    await assertBadInput(() => standInsFolder(empty), "--stand-ins", empty);
  });

  it("are known by the repository of a reference, whatever its registry, tag and digest", () => {
    assert.deepEqual(named("postgres:17.9-bookworm"), { repo: "postgres", tag: "17.9-bookworm" });
    assert.deepEqual(named("quay.io/a/b:v1@sha256:00"), { repo: "quay.io/a/b", tag: "v1" });
    assert.deepEqual(named("localhost:5000/a"), { repo: "localhost:5000/a", tag: "latest" });
    assert.deepEqual(
      ["postgres:17", "valkey/valkey", "quay.io/a/b", "localhost:5000/a", "localhost/a"].map(registryOf),
      ["docker.io", "docker.io", "quay.io", "localhost:5000", "localhost"],
    );
  });
});
