import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { ReferenceImage, sourceHash } from "../../../components/reference/image.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
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

  it("has a tag that changes with any file", () => {
    const folder = temporaryFolder({ "a.ts": "1", "b.ts": "2" });
    const before = sourceHash(folder);
    assert.equal(sourceHash(folder), before);
    writeFileSync(join(folder, "b.ts"), "3");
    assert.notEqual(sourceHash(folder), before);
  });

  it("is made in more than one stage, runs as a user without rights, and has a health check", () => {
    const lines = readFileSync(
      join(import.meta.dirname, "../../../components/reference/service/Dockerfile"),
      "utf8",
    ).split("\n");
    assert.ok(lines.filter((line) => line.startsWith("FROM ")).length > 1);
    assert.ok(lines.includes("USER 1000:1000"));
    assert.ok(lines.some((line) => line.startsWith("HEALTHCHECK ")));
  });
});
