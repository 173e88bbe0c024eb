import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { it } from "mocha";
import { BUILT_IMAGE, CONTAINER } from "../../../scripts/rehearsal/clouds/tables/docker/rules.ts";
import { buildImage } from "../../../scripts/rehearsal/docker-engine/index.ts";
import { ensureImage } from "../../../scripts/rehearsal/docker-engine/images.ts";
import { STAND_IN_LABEL } from "../../../scripts/rehearsal/docker-engine/stand-ins.ts";
import { DockerLive } from "../../../scripts/rehearsal/docker-live/index.ts";
import { OWNER_LABEL } from "../../../scripts/rehearsal/docker-live/ownership.ts";
import { describeContainers } from "../../helpers/containers.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { TINY, connect, engineBench, madeBy, subject } from "./bench.ts";

/** The second stage copies all that the builder leaves of the context. */
const TWO_STAGES = `FROM ${TINY} AS first
RUN echo built > /made
FROM ${TINY}
COPY . /context/
COPY --from=first /made /made
`;

function contextWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** What a command prints in a container of an image. */
async function printed(docker: Docker, image: string, command: string): Promise<string> {
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: ["/bin/sh", "-c"],
    Cmd: [command],
    Tty: true,
  });
  try {
    await container.start();
    await container.wait();
    return (await container.logs({ stdout: true })).toString("utf8").trim().replaceAll("\r", "");
  } finally {
    await container.remove({ force: true });
  }
}

async function everyImage(docker: Docker): Promise<string[]> {
  const images = await docker.listImages({ all: true });
  return images.map(({ Id, RepoTags }) => `${Id} ${(RepoTags ?? []).join()}`).sort();
}

describeContainers("images that a real Docker Engine builds", () => {
  const bench = engineBench();
  const found = (owner: string) => connect({ ...bench.engine, isPrivate: false }, bench.home, owner);
  const image = (folder: string, tag: string, more: Readonly<Record<string, unknown>> = {}) =>
    subject(BUILT_IMAGE, "app", { context: { location: folder }, tags: [tag], ...more });

  it("are sent a Dockerfile that .dockerignore names, and copy nothing that it names", async () => {
    const context = contextWith({
      Dockerfile: `FROM ${TINY}\nCOPY . /context/\n`,
      ".dockerignore": "*\n!kept\n",
      kept: "",
      left: "",
    });
    const list = "cd /context; for f in .* *; do echo -n $f' '; done";
    await buildImage(bench.docker, { context, tags: ["build/ignored:1"] });
    assert.equal(await printed(bench.docker, "build/ignored:1", list), ". .. kept");
    const instructions = `FROM ${TINY}\nCOPY . /context/\nRUN : elsewhere\n`;
    await buildImage(bench.docker, { context, instructions, tags: ["build/elsewhere:1"] });
    assert.equal(await printed(bench.docker, "build/elsewhere:1", list), ". .. kept");
    for (const tag of ["build/ignored:1", "build/elsewhere:1"]) await bench.docker.getImage(tag).remove();
  });

  it("leave nothing on an engine that was found: no stage, nothing of a failed build, nothing superseded", async () => {
    const before = await everyImage(bench.docker);
    const live = await found("test/built/1");
    const folder = contextWith({ Dockerfile: TWO_STAGES, file: "one" });
    const wanted = image(folder, "built/app:1");
    const { id } = await madeBy(live, wanted);
    assert.equal(await printed(bench.docker, "built/app:1", "cat /made /context/file"), "built\none");
    const container = subject(CONTAINER, "user", { image: `sha256:${id}`, entrypoints: ["/bin/sh"], name: "user" });
    const used = { ...container, inputs: { ...container.inputs, command: ["-c", "while :; do sleep 1; done"] } };
    const user = await madeBy(live, used);
    writeFileSync(join(folder, "file"), "two");
    const changed = await live.update(wanted, id, wanted.inputs);
    assert.notEqual(changed.id, id, "another image under the same name, and a container still runs on the first");
    await assert.rejects(
      madeBy(live, image(contextWith({ Dockerfile: `${TWO_STAGES}RUN exit 3\n` }), "built/failing:1")),
      /image built\/failing:1 cannot be built: .*returned a non-zero code: 3/,
    );
    assert.ok((await everyImage(bench.docker)).length > before.length + 2, "stages are there for the next build");
    await live.remove(used, user.id);
    await live.remove(wanted, changed.id);
    assert.deepEqual(await live.things(), []);
    await live.removeImages();
    assert.deepEqual(await everyImage(bench.docker), before);
  });

  it("keep the stages that were there before, and those of a private engine", async () => {
    const context = contextWith({ Dockerfile: TWO_STAGES, file: "mine" });
    await buildImage(bench.docker, { context, tags: ["mine/app:1"] });
    const mine = await everyImage(bench.docker);
    const live = await found("test/built/2");
    const wanted = image(context, "built/same:1");
    await live.remove(wanted, (await madeBy(live, wanted)).id);
    await live.removeImages();
    assert.deepEqual(await everyImage(bench.docker), mine);
    const { id } = await madeBy(bench.live, wanted);
    await bench.live.remove(wanted, id);
    await bench.live.removeImages();
    assert.deepEqual(await everyImage(bench.docker), mine);
    await bench.docker.getImage("mine/app:1").remove();
    await bench.docker.pruneImages({ filters: { dangling: ["true"] } });
  });

  it("lend their labels to what somebody runs or builds on them, which stays somebody else's", async () => {
    const live = await found("test/built/4");
    const wanted = image(contextWith({ Dockerfile: `FROM ${TINY}\nRUN : lent\n` }), "built/lent:1");
    const { id } = await madeBy(live, wanted);
    const context = contextWith({ Dockerfile: "FROM built/lent:1\nRUN : child\n" });
    await buildImage(bench.docker, { context, tags: ["somebody/child:1"] });
    const somebodys = await bench.docker.createContainer({ Image: "built/lent:1", Entrypoint: ["/bin/sh"] });
    assert.equal((await somebodys.inspect()).Config.Labels[OWNER_LABEL], "test/built/4");
    assert.deepEqual(
      (await live.things()).map(({ name }) => name),
      ["built/lent:1"],
    );
    await assert.rejects(live.removeAll(), /image built\/lent:1 cannot be removed: .*; remove what uses it first/);
    await somebodys.remove();
    assert.equal(await live.removeAll(), 1);
    assert.equal((await bench.docker.getImage("somebody/child:1").inspect()).RepoTags.length, 1);
    await bench.docker.getImage("somebody/child:1").remove();
    assert.equal(await bench.live.read(wanted, id), undefined);
  });

  it("go though another rehearsal has taken the name by building the same, and stay while it runs them", async () => {
    const before = await everyImage(bench.docker);
    const [one, other] = await Promise.all(["test/built/5", "test/built/6"].map(found));
    assert.ok(one !== undefined && other !== undefined);
    const wanted = image(contextWith({ Dockerfile: `FROM ${TINY}\nRUN : both\n` }), "built/both:1");
    const first = await madeBy(one, wanted);
    const running = subject(CONTAINER, "both", {
      image: `sha256:${first.id}`,
      entrypoints: ["/bin/sh"],
      command: ["-c", "while :; do sleep 1; done"],
      name: "both",
    });
    const container = await madeBy(other, running);
    await one.remove(wanted, first.id);
    assert.deepEqual(one.notes, ["image built/both:1 stays: containers of another rehearsal run it"]);
    const second = await madeBy(other, wanted);
    assert.notEqual(second.id, first.id);
    await other.remove(running, container.id);
    await one.remove(wanted, first.id);
    assert.deepEqual((await bench.docker.getImage("built/both:1").inspect()).Id, `sha256:${second.id}`);
    await other.remove(wanted, second.id);
    for (const live of [one, other]) await live.removeImages();
    assert.deepEqual(await everyImage(bench.docker), before);
  });

  it("never take the name of an image that no rehearsal has made", async () => {
    const live = await found("test/built/3");
    await bench.docker.getImage(TINY).tag({ repo: "somebody/else", tag: "1" });
    const context = contextWith({ Dockerfile: `FROM ${TINY}\nRUN :\n` });
    const wanted = image(context, "somebody/else:1");
    await assert.rejects(madeBy(live, wanted), /the engine has an image somebody\/else:1 that no rehearsal has made/);
    const renamed = subject("docker:index/tag:Tag", "t", {
      sourceImage: "built/own:1",
      targetImage: "somebody/else:1",
    });
    await buildImage(bench.docker, { context, tags: ["built/own:1"] });
    await assert.rejects(madeBy(live, renamed), /another image of that name, which this stack has not brought/);
    const { Id } = await bench.docker.getImage(TINY).inspect();
    assert.equal((await bench.docker.getImage("somebody/else:1").inspect()).Id, Id);
    for (const tag of ["built/own:1", "somebody/else:1"]) await bench.docker.getImage(tag).remove();
  });

  it("go with the tag that they got beside the digest by which they were asked for", async () => {
    const reference = `pinned/app:1@sha256:${"0".repeat(64)}`;
    const { Id: id } = await bench.docker.getImage(TINY).inspect();
    const live = await DockerLive.connect({
      engine: { ...bench.engine, isPrivate: false },
      owner: "test/pinned/1",
      directory: bench.home,
      broughtFile: join(bench.home, "pinned.json"),
      ensureImage: async () => {
        await bench.docker.getImage(TINY).tag({ repo: "pinned/app", tag: "1" });
        return { id, standIn: "a shell" };
      },
    });
    const wanted = subject("docker:index/remoteImage:RemoteImage", "pinned", { name: reference });
    const before = await everyImage(bench.docker);
    const made = await madeBy(live, wanted);
    assert.equal((await bench.docker.getImage("pinned/app:1").inspect()).Id, id);
    await live.remove(wanted, made.id);
    assert.deepEqual(await everyImage(bench.docker), before);
  });

  it("are not taken for stand-ins where they are built on one", async () => {
    const context = contextWith({ Dockerfile: `FROM ${TINY}\nRUN : stand-in\n`, Child: "FROM nobody.invalid/a:1\n" });
    const options = { home: bench.home, progress: () => undefined };
    const labels = { [STAND_IN_LABEL]: "abc" };
    const tags = ["groundwork/stand-in:a-abc", "nobody.invalid/a:1"];
    await buildImage(bench.docker, { context, tags, labels });
    const child = ["nobody.invalid/child:1"];
    await buildImage(bench.docker, { context, dockerfile: "Child", tags: child, labels: { own: "yes" } });
    const info = await bench.docker.getImage("nobody.invalid/child:1").inspect();
    assert.equal(info.Config.Labels[STAND_IN_LABEL], "abc", "labels are inherited");
    assert.deepEqual(await ensureImage(bench.engine, "nobody.invalid/child:1", options), { id: info.Id });
    assert.deepEqual(await ensureImage(bench.engine, "nobody.invalid/a:1", options), {
      missing: "the registry nobody.invalid cannot be reached",
    });
    for (const tag of [...child, ...tags]) await bench.docker.getImage(tag).remove();
  });

  it("take over what an engine that died had made before anybody could write it down, and nothing that is known", async () => {
    const name = "left-over";
    const wanted = subject(CONTAINER, name, {
      image: TINY,
      name,
      entrypoints: ["/bin/sh", "-c", "while :; do sleep 1; done"],
    });
    const { id } = await madeBy(bench.live, wanted);
    await assert.rejects(bench.live.create(wanted, [id]), /container "left-over" cannot be created: .*already in use/);
    const again = await madeBy(bench.live, wanted);
    assert.notEqual(again.id, id);
    const { Config } = await bench.docker.getContainer(again.id).inspect();
    assert.equal(Config.Labels[OWNER_LABEL], "test/stack/1");
    await bench.live.remove(wanted, again.id);
    assert.deepEqual(await bench.live.things(), []);
  });
});
