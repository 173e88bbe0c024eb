import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Thing } from "../../../../scripts/rehearsal/clouds/table.ts";
import { table } from "../../../../scripts/rehearsal/clouds/tables/docker-build.ts";
import { FakeCloud } from "../fake-cloud.ts";

const IMAGE = "docker-build:index:Image";
const ECR = "111122223333.dkr.ecr.us-west-2.amazonaws.com/groundwork/api";

describe("simulated docker-build: images", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "groundwork-context-"));
    mkdirSync(join(folder, "src"));
    writeFileSync(
      join(folder, "Dockerfile"),
      "FROM node:24 AS build\nCOPY src \\\n  /app\nFROM node:24 AS runtime\nCOPY --from=build /app /app\n",
    );
    writeFileSync(join(folder, "src/server.js"), "1");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const inputs = (rest = {}) => ({ context: { location: folder }, push: false, tags: ["groundwork/api:dev"], ...rest });
  const made = (rest = {}) => new FakeCloud(table).create(IMAGE, inputs(rest)).properties;
  const refusals = (rest: object) => new FakeCloud(table).refusals(IMAGE, inputs(rest));

  it("have the same digest for the same source, and another after a change", () => {
    const before = made();
    assert.match(String(before.digest), /^sha256:[0-9a-f]{64}$/);
    assert.equal(before.ref, "groundwork/api:dev");
    assert.deepEqual(made(), before);
    writeFileSync(join(folder, "src/server.js"), "2");
    assert.notEqual(made().digest, before.digest);
    const cloud = new FakeCloud(table);
    const followed = cloud.type(IMAGE).follows?.(cloud.ctx(IMAGE, "it", inputs()));
    assert.notEqual(followed?.contextHash, before.contextHash);
  });

  it("do not see ignored files", () => {
    writeFileSync(join(folder, ".dockerignore"), "# notes\nnode_modules\n*.log\n!keep.log\n**/*.tmp\n");
    const before = made().contextHash;
    mkdirSync(join(folder, "node_modules"));
    writeFileSync(join(folder, "node_modules/x.js"), "1");
    writeFileSync(join(folder, "a.log"), "1");
    writeFileSync(join(folder, "src/a.tmp"), "1");
    assert.equal(made().contextHash, before);
    writeFileSync(join(folder, "keep.log"), "1");
    assert.notEqual(made().contextHash, before);
  });

  it("are pushed only to ECR repositories that exist", () => {
    const cloud = new FakeCloud(table);
    const pushed = inputs({ push: true, tags: [`${ECR}:1.0`] });
    assert.match(cloud.refusals(IMAGE, pushed)[0] ?? "", /^tags\[0\]: name unknown: The repository 111122223333/);
    const repository: Thing = {
      token: "aws:ecr/repository:Repository",
      id: "groundwork/api",
      place: "aws/111122223333/us-west-2",
      properties: { repositoryUrl: ECR },
      inputs: {},
      urn: "",
    };
    cloud.things.push(repository);
    assert.deepEqual(cloud.refusals(IMAGE, pushed), []);
    const image = cloud.create(IMAGE, pushed);
    assert.equal(image.properties.ref, `${ECR}:1.0@${String(image.properties.digest)}`);
    const retained = () => cloud.type(IMAGE).retains?.(image, cloud.ctx(IMAGE, "it", pushed, image));
    assert.match(retained() ?? "", /stays in the registry/);
    cloud.things.splice(cloud.things.indexOf(repository), 1, { ...repository, inputs: { forceDelete: true } });
    assert.equal(retained(), undefined);
  });

  it("refuse what a build would refuse minutes later", () => {
    assert.match(
      refusals({ context: { location: "/nowhere" } })[0] ?? "",
      /context.location: there is no folder \/nowhere/,
    );
    assert.match(refusals({ dockerfile: { location: join(folder, "Dockerfil") } })[0] ?? "", /there is no file/);
    assert.match(refusals({ target: "rutime" })[0] ?? "", /target: write one of its stages: build, runtime/);
    assert.deepEqual(refusals({ target: "runtime" }), []);
    assert.match(refusals({ dockerfile: { inline: "FROM node\nCOPY srcs /app" } })[0] ?? "", /"\/srcs": not found/);
    assert.deepEqual(refusals({ dockerfile: { inline: "FROM node\nCOPY ./src/ package*.json /app/" } }), []);
    assert.match(refusals({ dockerfile: { inline: "RUN true" } })[0] ?? "", /at least one FROM/);
    assert.match(refusals({ dockerfile: { inline: "FROM a", location: "b" } })[0] ?? "", /only one of/);
    assert.match(refusals({ push: true, tags: [] })[0] ?? "", /at least one tag/);
    assert.match(refusals({ tags: ["Groundwork/API"] })[0] ?? "", /image reference/);
    assert.match(refusals({ platforms: ["linux/x86"] })[0] ?? "", /write one of/);
    assert.match(refusals({ exports: [{ registry: {}, tar: {} }] })[0] ?? "", /exactly one kind/);
  });
});
