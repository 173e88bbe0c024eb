import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Operation } from "../../scripts/rehearsal/clouds/simulator.ts";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { Session } from "../../scripts/rehearsal/session.ts";
import type { ConfigChange } from "../../scripts/rehearsal/settings.ts";
import { copyProject } from "../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { restoreRecording } from "../helpers/recorded.ts";

/** What the engine and the simulated clouds write; the copy of the project holds only what the repository does. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !join(entry.parentPath, "/").includes("/project/"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** `kind name` of each operation of these types, in the order in which the clouds were told. */
const TYPES: Readonly<Record<string, string>> = {
  "aws:lb/trustStore:TrustStore": "trust",
  "aws:lb/listener:Listener": "listener",
  "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate": "certificate",
  "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings": "shown",
};

/**
 * An environment that release 0.1.0 deployed and that has traffic. What it does not prove: how long Cloudflare and AWS
 * take to spread a change.
 */
describe("origin authentication of an environment with traffic", () => {
  const project = temporaryFolder();
  let session: Session;
  let operations: Operation[] = [];

  before(async () => {
    await copyProject(groundworkRoot, project);
    restoreRecording("0.1.0", project, "prod");
    session = await Session.open({
      project,
      stack: "prod",
      checkpoints: false,
      progress: () => undefined,
      onOperation: (operation) => operations.push(operation),
    });
  });

  after(() => session.close());

  async function up(change: ConfigChange): Promise<string[]> {
    session.configure({ systems: ["finai-nexus"], ...change });
    operations = [];
    const result = await session.operate("up", "up", false);
    assert.equal(result.exitCode, 0, result.stderr);
    const isOfWorkload = (urn: string) => urn.includes("docker-build:") || urn.includes("core/v1:Secret::");
    const replaced = result.steps.filter(({ op, urn }) => op === "replace" && !isOfWorkload(urn));
    assert.deepEqual(replaced, []);
    return operations.flatMap(({ kind, token }) => (TYPES[token] === undefined ? [] : [`${kind} ${TYPES[token]}`]));
  }

  it("is trusted, then shown, then asked for", async () => {
    const order = await up({});
    const last = (what: string) => order.lastIndexOf(what);
    assert.equal(order.filter((each) => each === "create trust").length, 2);
    assert.equal(order.filter((each) => each === "update listener").length, 2);
    assert.ok(last("create trust") < order.indexOf("create certificate"));
    assert.ok(last("create certificate") < order.indexOf("create shown"));
    assert.ok(last("create shown") < order.indexOf("update listener"));
  });

  it("keeps the keys out of everything that is written", () => {
    assert.match(readFileSync(session.folders.inventory, "utf8"), /AuthenticatedOriginPullsCertificate/);
    for (const folder of [session.folders.backend, dirname(session.folders.inventory)])
      for (const file of filesIn(folder))
        assert.doesNotMatch(readFileSync(file, "latin1"), /BEGIN [A-Z ]*PRIVATE KEY-----/, file);
  });

  it("takes another certificate beside the first, which is trusted before it is there", async () => {
    const order = await up({ "edge.originCertificates": ["first", "second"] });
    assert.deepEqual(order, ["update trust", "update trust", "create certificate"]);
  });

  it("then lets the first one go", async () => {
    const order = await up({ "edge.originCertificates": ["second"] });
    assert.deepEqual(order, ["update trust", "update trust", "delete certificate"]);
  });
});
