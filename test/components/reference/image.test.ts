import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { ReferenceImage, sourceHash } from "../../../components/reference/image.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { assertLocked } from "../../helpers/lock-file.ts";
import { registered } from "../../helpers/mocks.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const outputs = { "docker-build:index:Image": () => ({ digest: DIGEST, ref: "" }) };

async function built(args: ConstructorParameters<typeof ReferenceImage>[1]) {
  let image: ReferenceImage | undefined;
  const resources = await registered(() => (image = new ReferenceImage("reference", args)), outputs);
  const inputs = resources.find(({ type }) => type === "docker-build:index:Image")?.inputs;
  assert.ok(image !== undefined && inputs !== undefined);
  return { image, inputs };
}

const value = (output: pulumi.Output<string>) => new Promise<string>((resolve) => void output.apply(resolve));

describe("the reference image", () => {
  it("is loaded into the local engine under a tag that follows its sources", async () => {
    const { image, inputs } = await built({});
    assert.deepEqual([inputs["push"], inputs["load"]], [false, true]);
    assert.match(await value(image.ref), /^groundwork\/reference:[0-9a-f]{12}$/);
    assert.deepEqual(inputs["tags"], [await value(image.ref)]);
    assert.equal(
      (inputs["context"] as { location: string }).location,
      "components/reference/service",
      "the same in every checkout",
    );
  });

  it("is pushed once to every repository and referred to by digest", async () => {
    const repositories = ["1.dkr.ecr.us-west-2.amazonaws.com/reference", "1.dkr.ecr.us-east-1.amazonaws.com/reference"];
    const { image, inputs } = await built({ push: { repositories, registries: [] } });
    assert.deepEqual([inputs["push"], inputs["load"]], [true, undefined]);
    assert.equal((inputs["tags"] as string[]).length, 2);
    assert.deepEqual(
      await Promise.all(image.refs.map(value)),
      repositories.map((repository) => `${repository}@${DIGEST}`),
    );
  });

  it("has a tag that changes with any file, in subfolders too, and not with what is installed there", () => {
    const folder = temporaryFolder({ "a.ts": "1", "part/b.ts": "2", "node_modules/c/index.js": "3" });
    const before = sourceHash(folder);
    writeFileSync(join(folder, "node_modules/c/index.js"), "4");
    assert.equal(sourceHash(folder), before);
    writeFileSync(join(folder, "part/b.ts"), "3");
    const changed = sourceHash(folder);
    assert.notEqual(changed, before);
    renameSync(join(folder, "part/b.ts"), join(folder, "part/c.ts"));
    assert.notEqual(sourceHash(folder), changed);
  });

  it("installs the versions that the tests run with, from whatever registry npm is told to use", () => {
    const instead = "npm install --package-lock-only --omit-lockfile-registry-resolved in a copy";
    assertLocked("components/reference/service", 100, instead);
  });
});
