import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { StateResource } from "../../scripts/rehearsal/deployment.ts";
import { resourcesOf } from "../../scripts/rehearsal/deployment.ts";
import type { Step } from "../../scripts/rehearsal/engine/index.ts";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { Session } from "../../scripts/rehearsal/session.ts";
import { copyProject } from "../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "../helpers/folder.ts";

const CONTAINER = "docker:index/container:Container";
const API = "ghcr.io/acme/api:1.5.0";

describe("blue-green of tracks' API, run by the engine", () => {
  const project = join(temporaryFolder(), "project");
  let session: Session;

  const configure = (release: object) => session.configure({ "releases.tracks": { "rest-api": release } });
  const run = async (command: "preview" | "up", name: string) => {
    const result = await session.operate(command, name, true);
    assert.equal(result.exitCode, 0, result.diagnostics.map(({ message }) => message).join("\n") + result.stderr);
    assert.deepEqual(
      result.violations.filter(({ level }) => level === "mandatory"),
      [],
    );
    return { ...result, done: doneOf(result.steps) };
  };
  const state = async (): Promise<readonly StateResource[]> => resourcesOf(await session.export("state.json"));

  before(async () => {
    await copyProject(groundworkRoot, project);
    const config = { target: "docker", systems: ["tracks"], monitoring: false, backups: false, protect: false };
    const keys = Object.fromEntries(Object.entries(config).map(([key, value]) => [`groundwork:${key}`, value]));
    writeFileSync(join(project, "Pulumi.colours.yaml"), stringify({ config: keys }));
    session = await Session.open({ project, stack: "colours", checkpoints: false, progress: () => undefined });
    await run("up", "plain");
  });
  after(() => session.close());

  it("comes from plain replicas, which go after switches and colour have come, and keeps the gateway", async () => {
    configure({ live: "blue", blue: "reference" });
    const { steps, done } = await run("up", "into");
    assert.deepEqual(done, [
      "create tracks-rest-api-blue-1",
      "create tracks-rest-api-blue-2",
      "create tracks-rest-api-live",
      "create tracks-rest-api-switch-1",
      "create tracks-rest-api-switch-2",
      "delete tracks-rest-api-1",
      "delete tracks-rest-api-2",
    ]);
    const order = steps.filter(({ type }) => type === CONTAINER).map(({ op, urn }) => `${op} ${nameOf(urn)}`);
    assert.ok(order.indexOf("delete tracks-rest-api-1") > order.indexOf("create tracks-rest-api-switch-2"));
  });

  it("brings the other colour up beside it, and switches and goes back by one replaced container", async () => {
    configure({ live: "blue", blue: "reference", green: API });
    const { done: beside } = await run("up", "beside");
    assert.deepEqual(beside, [
      "create tracks-rest-api-green-1",
      "create tracks-rest-api-green-2",
      // it has the name of a colour that does not run
      "replace tracks-rest-api-live",
    ]);
    for (const live of ["green", "blue"]) {
      configure({ live, blue: "reference", green: API });
      assert.deepEqual((await run("up", live)).done, ["replace tracks-rest-api-live"]);
    }
    const { changes } = await run("preview", "again");
    assert.deepEqual({ ...changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
  });

  it("switches when the live colour is healthy, and starts switches when they know where to send", async () => {
    const containers = (await state()).filter(({ type }) => type === CONTAINER);
    const named = (name: string) =>
      containers.find(({ inputs }) => inputs?.["name"] === name) ?? assert.fail(`there is no container ${name}`);
    const waitsFor = (name: string, ...needs: string[]) => {
      const { dependencies = [] } = named(name) as { dependencies?: readonly string[] };
      for (const need of needs) assert.ok(dependencies.includes(named(need).urn), `${name} does not wait for ${need}`);
    };
    waitsFor("tracks-rest-api-live", "tracks-rest-api-blue-1", "tracks-rest-api-blue-2");
    waitsFor("tracks-rest-api-switch-1", "tracks-rest-api-live", "tracks-rest-api-green-2");
    waitsFor("tracks-rest-api-switch-2", "tracks-rest-api-switch-1");
    waitsFor("tracks-gateway", "tracks-rest-api-switch-1", "tracks-rest-api-switch-2");
  });

  it("takes a colour away and goes back to plain replicas without touching the gateway", async () => {
    configure({ live: "blue", blue: "reference" });
    const { done: alone } = await run("preview", "alone");
    assert.deepEqual(alone, [
      "delete tracks-rest-api-green-1",
      "delete tracks-rest-api-green-2",
      "replace tracks-rest-api-live",
    ]);
    session.configure({ releases: {} });
    const { done } = await run("up", "out");
    assert.deepEqual(
      done.filter((step) => step.startsWith("create")),
      ["create tracks-rest-api-1", "create tracks-rest-api-2"],
    );
    assert.ok(!done.some((step) => step.includes("gateway")));
    const left = (await state()).filter(({ urn }) => /rest-api-(blue|green|live|switch)/.test(urn));
    assert.deepEqual(left, []);
  });
});

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";

/** What became of containers, in the order of names. */
function doneOf(steps: readonly Step[]): string[] {
  return steps
    .filter(({ type, op, logical }) => type === CONTAINER && logical && op !== "same")
    .map(({ op, urn }) => `${op} ${nameOf(urn)}`)
    .toSorted();
}
