import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Inventory } from "../../scripts/rehearsal/clouds/inventory.ts";
import type { Entry } from "../../scripts/rehearsal/clouds/journal.ts";
import { Journal } from "../../scripts/rehearsal/clouds/journal.ts";
import type { Step } from "../../scripts/rehearsal/engine/index.ts";
import { foldersFor, groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { loadKeys } from "../../scripts/rehearsal/keys.ts";
import { Session } from "../../scripts/rehearsal/session.ts";
import type { ConfigChange } from "../../scripts/rehearsal/settings.ts";
import { copyProject } from "../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "../helpers/folder.ts";

const STACK = "prod";
const CLUSTER = "aws:rds/cluster:Cluster";
const INSTANCE = "aws:rds/clusterInstance:ClusterInstance";
const DATASTORE = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup";
const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";

/** As the configuration names the regions after us-east-1 was promoted: in the same order, with other roles. */
const SWAPPED: ConfigChange = { "regions[0].role": "failover", "regions[1].role": "primary" };
const GLOBAL: ConfigChange = { systems: ["finai-nexus"], "cache.global": true };

describe("a region that was promoted by AWS's own commands", () => {
  const project = temporaryFolder();
  let session: Session;

  async function open(change: ConfigChange): Promise<void> {
    session = await Session.open({ project, stack: STACK, checkpoints: false, progress: () => undefined });
    session.configure(change);
  }

  async function run(command: "up" | "refresh" | "destroy", name: string): Promise<readonly Step[]> {
    const result = await session.operate(command, name, false);
    assert.equal(result.exitCode, 0, result.diagnostics.map(({ message }) => message).join("\n"));
    return result.steps.filter(({ op }) => op !== "same" && op !== "refresh");
  }

  before(async function () {
    this.timeout(300_000);
    await copyProject(groundworkRoot, project);
    await open(GLOBAL);
    await run("up", "up");
    await session.close();
    promote();
    await open({ ...GLOBAL, ...SWAPPED });
  });

  after(() => session.close());

  /** What `failover-global-cluster` and `failover-global-replication-group` leave behind, while Pulumi knows nothing. */
  function promote(): void {
    const { inventory, keys } = foldersFor(project, STACK);
    const journal = new Journal(inventory, Buffer.from(loadKeys(keys).sealing, "base64"));
    const things = new Inventory(journal).all().map(({ entry }) => entry);
    const of = (token: string, region = "") =>
      things.filter((each) => each.token === token && each.place.endsWith(region));
    const [west, east] = [of(CLUSTER, "us-west-2")[0], of(CLUSTER, "us-east-1")[0]];
    assert.ok(west !== undefined && east !== undefined);
    const follows = (entry: Entry, source: unknown): Entry =>
      changed(entry, { replicationSourceIdentifier: source as string });
    const [writer] = of(INSTANCE, "us-east-1");
    journal.append({
      put: [
        follows(west, east.properties["arn"]),
        follows(east, ""),
        ...of(INSTANCE, "us-west-2").map((entry) => changed(entry, { writer: false })),
        ...(writer === undefined ? [] : [changed(writer, { writer: true })]),
        ...of(DATASTORE).map((entry) =>
          changed(entry, { primaryReplicationGroupId: of(GROUP, "us-east-1")[0]?.id ?? "" }),
        ),
      ],
    });
    journal.close();
  }

  it("is what the next `up` finds: with the roles swapped it replaces nothing, and lets go of nothing that keeps data", async function () {
    this.timeout(300_000);
    const steps = await run("up", "promoted");
    const replaced = steps.filter(({ op }) => op.includes("replace"));
    assert.deepEqual(
      replaced.map(({ urn }) => urn).filter((urn) => /aws:(rds|elasticache|s3|kms|backup|eks|ec2)\//.test(urn)),
      [],
    );
    const gone = steps.filter(({ op, urn }) => op === "delete" && /aws:(rds|elasticache|s3|kms|backup)\//.test(urn));
    const named = gone.map(({ urn }) => urn.split("::").slice(2).join(" ").replace(/^.*\$/, "")).sort();
    // Two readers too many where the writer was, and the proxy, which follows the writer.
    assert.deepEqual(named, [
      "aws:rds/clusterInstance:ClusterInstance finai-nexus-postgres-us-west-2-2",
      "aws:rds/clusterInstance:ClusterInstance finai-nexus-postgres-us-west-2-3",
      "aws:rds/proxy:Proxy finai-nexus-postgres-us-west-2-proxy",
      "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup finai-nexus-postgres-us-west-2-proxy",
      "aws:rds/proxyTarget:ProxyTarget finai-nexus-postgres-us-west-2-proxy",
    ]);
    const made = steps.filter(({ op }) => op === "create").map(({ urn }) => urn.split("::").at(-1));
    assert.ok(made.includes("finai-nexus-postgres-us-east-1-proxy"), "the new primary is pooled");
  });

  it("changes nothing the second time, also after a refresh has seen who leads", async function () {
    this.timeout(300_000);
    assert.deepEqual(await run("up", "again"), []);
    await run("refresh", "refresh");
    const steps = await run("up", "after-refresh");
    assert.deepEqual(
      steps.map(({ op, urn }) => `${op} ${urn}`),
      [],
    );
  });

  it("can be torn down from there", async function () {
    this.timeout(300_000);
    session.configure({ protect: false });
    await run("up", "unprotected");
    await run("destroy", "destroy");
    const now = session.simulator.inventory;
    assert.deepEqual(now.orphans([]), []);
  });
});

function changed(entry: Entry, properties: Entry["properties"]): Entry {
  return { ...entry, properties: { ...entry.properties, ...properties } };
}
