import assert from "node:assert/strict";
import { join } from "node:path";
import { URN_LABEL, urnTagValue } from "@groundwork/lib/identity";
import { isLabelled } from "@groundwork/lib/taggable";
import type { StateResource } from "../../scripts/rehearsal/deployment.ts";
import { isManaged, resourcesOf } from "../../scripts/rehearsal/deployment.ts";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { Session } from "../../scripts/rehearsal/session.ts";
import type { ConfigChange } from "../../scripts/rehearsal/settings.ts";
import { copyProject } from "../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "../helpers/folder.ts";

const ENCRYPTED = "4dabf18193072939515e22adb298388d";

describe("the program with tracks of its tracked dev stack, run by the engine", () => {
  const project = join(temporaryFolder(), "project");
  let session: Session;
  let state: readonly StateResource[];
  before(async () => {
    await copyProject(groundworkRoot, project);
    session = await Session.open({ project, stack: "dev", checkpoints: false, progress: () => undefined });
    session.configure({ systems: ["tracks"], portOffsets: {}, monitoring: false });
    const up = await session.operate("up", "up", false);
    assert.equal(up.exitCode, 0, up.stderr);
    state = resourcesOf(await session.export("up.json"));
  });
  after(() => session.close());

  const container = (name: string): StateResource =>
    state.find(({ type, inputs }) => type === "docker:index/container:Container" && inputs?.["name"] === name) ??
    assert.fail(`there is no container ${name}`);
  const dependencies = (name: string): readonly string[] =>
    (container(name) as { dependencies?: readonly string[] }).dependencies ?? [];

  it("labels every resource that can be labelled with the URN that the engine gave it, children of components too", () => {
    const labelled = state.filter(({ type }) => isLabelled(type));
    assert.ok(labelled.some(({ urn }) => urn.includes("$")) && labelled.length > 10);
    for (const { urn, inputs } of labelled) {
      const labels = inputs?.["labels"] as { label: string; value: string }[];
      assert.equal(labels.find(({ label }) => label === URN_LABEL)?.value, urnTagValue(urn));
    }
  });

  it("has no plain password in its state", () => {
    const passwords = state.filter(({ type }) => type === "random:index/randomPassword:RandomPassword");
    assert.ok(passwords.length >= 3);
    for (const { outputs } of passwords) assert.ok(ENCRYPTED in (outputs?.["result"] as object));
    for (const upload of container("tracks-redis").inputs?.["uploads"] as { content: object }[])
      assert.ok(ENCRYPTED in upload.content);
  });

  it("starts a workload when its tiers are healthy, and each replica when the one before is", () => {
    for (const [name, needs] of [
      ["tracks-rest-api-1", ["tracks-postgres", "tracks-redis"]],
      ["tracks-rest-api-2", ["tracks-rest-api-1"]],
      ["tracks-scraper-1", ["tracks-redis", "tracks-rabbitmq"]],
      ["tracks-gateway", ["tracks-rest-api-1", "tracks-rest-api-2"]],
    ] as const) {
      for (const need of needs)
        assert.ok(dependencies(name).includes(container(need).urn), `${name} does not wait for ${need}`);
    }
  });

  it("protects the data volumes, and nothing else, when it is told to", async () => {
    session.configure({ protect: true });
    const up = await session.operate("up", "protected", false);
    assert.equal(up.exitCode, 0, up.stderr);
    const isProtected = (resource: StateResource) => resource.protect === true;
    const names = resourcesOf(await session.export("protected.json"))
      .filter(isManaged)
      .filter(isProtected)
      .map(({ inputs }) => inputs?.["name"]);
    assert.deepEqual(names.sort(), ["tracks-postgres-data", "tracks-rabbitmq-data", "tracks-redis-data"]);
    session.configure({ protect: false });
  });

  const refused: [what: string, change: ConfigChange, restore: ConfigChange, sentence: RegExp][] = [
    [
      "a wrong unit",
      { workloads: { tracks: { scraper: { memory: "2GB" } } } },
      { workloads: {} },
      /^groundwork:workloads\.tracks\.scraper\.memory is "2GB"/,
    ],
    [
      "a negative replica count",
      { workloads: { tracks: { scraper: { replicas: -1 } } } },
      { workloads: {} },
      /^groundwork:workloads\.tracks\.scraper\.replicas is -1/,
    ],
    [
      "an unknown system",
      { systems: ["trakcs"] },
      { systems: ["tracks"] },
      /^groundwork:systems\[0\] is "trakcs"; did you mean "tracks"\.$/,
    ],
    [
      "an unknown key",
      { porOffset: 1 },
      {},
      /^groundwork:porOffset is not a configuration key; did you mean "portOffset"\.$/,
    ],
  ];
  for (const [what, change, restore, sentence] of refused) {
    it(`refuses ${what} as bad input, in one sentence`, async () => {
      session.configure(change);
      const { badInput = "", exitCode } = await session.operate("preview", "refused", false);
      assert.notEqual(exitCode, 0);
      assert.match(badInput, sentence);
      session.configure(restore);
    });
  }
});
