import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { SecretDriftImage } from "../../../components/secret-drift/image.ts";
import { assertLocked } from "../../helpers/lock-file.ts";
import { registered } from "../../helpers/mocks.ts";

const ROOT = join(import.meta.dirname, "../../..");
const CHECKER = "components/secret-drift/checker";
const DIGEST = `sha256:${"a".repeat(64)}`;
const outputs = { "docker-build:index:Image": () => ({ digest: DIGEST, ref: "" }) };
const value = (output: pulumi.Output<string>) => new Promise<string>((resolve) => void output.apply(resolve));

describe("the image of the secret-drift checker", () => {
  it("is loaded into the local engine, or pushed and referred to by digest", async () => {
    const made: SecretDriftImage[] = [];
    const repository = "1.dkr.ecr.us-west-2.amazonaws.com/secret-drift";
    await registered(() => {
      made.push(new SecretDriftImage("local"));
      made.push(new SecretDriftImage("pushed", { push: { repositories: [repository], registries: [] } }));
    }, outputs);
    const [local, pushed] = await Promise.all(made.map(({ ref }) => value(ref)));
    assert.match(local ?? "", /^groundwork\/secret-drift:[0-9a-f]{12}$/);
    assert.equal(pushed, `${repository}@${DIGEST}`);
  });

  it("installs the versions that the tests run with, from whatever registry npm is told to use", () => {
    assertLocked(CHECKER, 50, "node test/components/secret-drift/lock.ts");
  });

  it("has everything that the checker says it needs in its lock file", () => {
    const read = (file: string): { dependencies: unknown } =>
      JSON.parse(readFileSync(join(ROOT, CHECKER, file), "utf8")) as { dependencies: unknown };
    const lock = JSON.parse(readFileSync(join(ROOT, CHECKER, "package-lock.json"), "utf8")) as {
      packages: Record<string, { dependencies: unknown }>;
    };
    assert.deepEqual(
      lock.packages[""]?.dependencies,
      read("package.json").dependencies,
      "run node test/components/secret-drift/lock.ts",
    );
  });
});
