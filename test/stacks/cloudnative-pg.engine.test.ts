import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { RehearsalReport } from "@groundwork/lib/rehearsal-report";
import { resourcesOf } from "../../scripts/rehearsal/deployment.ts";
import type { OperationResult } from "../../scripts/rehearsal/engine/index.ts";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { rehearse } from "../../scripts/rehearsal/rehearse.ts";
import { Session } from "../../scripts/rehearsal/session.ts";
import { copyProject } from "../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { mandatoryOf } from "../helpers/violations.ts";

const SYSTEM = "flowx";
const STACK = `config:
  groundwork:target: cloud
  groundwork:systems: [${SYSTEM}]
  groundwork:awsAccountId: "123456789012"
  groundwork:cloudflareAccountId: ${"a".repeat(32)}
  groundwork:cloudflareZoneId: ${"b".repeat(32)}
  groundwork:domain: example.com
  groundwork:regions:
    - { name: us-west-2, role: primary, cidr: 10.0.0.0/16 }
    - { name: us-east-1, role: failover, cidr: 10.1.0.0/16 }
`;
const IN_CLUSTER = "  groundwork:database: { engine: cloudnative-pg, readers: { primary: 3 } }\n";
const REHEARSAL = `  quotas: { default: { standardVcpus: 256 } }\n  change: { database.systems.${SYSTEM}.readers.primary: 2 }\n  shutdown: { protect: false }\n`;
const CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster";

async function projectWith(text: string): Promise<string> {
  const project = temporaryFolder();
  await copyProject(groundworkRoot, project);
  writeFileSync(join(project, "Pulumi.shop.yaml"), text);
  writeFileSync(join(project, "rehearsal.yaml"), `shop:\n${REHEARSAL}`);
  return project;
}

describe("PostgreSQL in the clusters, by one line of configuration", () => {
  let report: RehearsalReport;
  before(async function () {
    this.timeout(900_000);
    const project = await projectWith(STACK + IN_CLUSTER);
    report = await rehearse({ project, stack: "shop", progress: () => undefined });
  });

  it("comes up, changes nothing the second time, and goes without an orphan or a violation", () => {
    assert.equal(report.stopped, undefined);
    const again = report.operations.find(({ name }) => name === "up-again");
    assert.deepEqual({ ...again?.changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
    assert.deepEqual(report.orphans, []);
    assert.deepEqual(mandatoryOf(report), []);
  });

  it("loses a reader by an update alone", () => {
    const { changes } = report.operations.find(({ name }) => name === "change-up") ?? {};
    assert.deepEqual([changes?.replace, changes?.delete], [0, 0]);
    assert.ok((changes?.update ?? 0) > 0);
  });

  it("is a cluster in each region and nothing of Aurora's", () => {
    const { byType } = report.resources;
    assert.equal(byType[CLUSTER], 2);
    assert.equal(byType["kubernetes:barmancloud.cnpg.io/v1:ObjectStore"], 4);
    assert.deepEqual(
      Object.keys(byType).filter((type) => type.startsWith("aws:rds/")),
      [],
    );
  });
});

describe("a running stack that is told to have another engine", () => {
  let session: Session;
  const up = (name: string): Promise<OperationResult> => session.operate("up", name, false);
  const said = ({ diagnostics }: OperationResult): string => diagnostics.map(({ message }) => message).join("\n");

  before(async function () {
    this.timeout(900_000);
    const project = await projectWith(STACK);
    session = await Session.open({ project, stack: "shop", checkpoints: false, progress: () => undefined });
    const made = await up("up");
    assert.equal(made.exitCode, 0, said(made));
  });

  after(() => session.close());

  /** What holds data, in the clouds themselves. */
  const kept = (): string[] =>
    session.simulator.inventory
      .all()
      .map(({ entry }) => entry)
      .filter(({ token }) => /^aws:rds\/(globalCluster|cluster|clusterInstance):/.test(token) || token === CLUSTER)
      .map(({ token, id }) => `${token} ${id}`)
      .sort();

  it("keeps the database that it has: whoever wants the other one is told that it is protected", async function () {
    this.timeout(900_000);
    const before = kept();
    assert.ok(before.length >= 5, before.join("\n"));
    // also together with the key that lifts protection, which takes an update of its own
    for (const [command, isProtected] of [
      ["preview", false],
      ["up", true],
    ] as const) {
      session.configure({ "database.engine": "cloudnative-pg", protect: isProtected });
      const result = await session.operate(command, `refused-${command}`, false);
      assert.notEqual(result.exitCode, 0);
      assert.match(said(result), /flowx-postgres[^\n]*cannot be deleted[^]*protected/);
    }
    const gone = before.filter((each) => !kept().includes(each));
    // What is protected is the writer and all storage; a reader holds nothing of its own.
    assert.deepEqual(
      gone.filter((each) => !each.startsWith("aws:rds/clusterInstance:")),
      [],
    );
    const state = resourcesOf(await session.export("refused.json"));
    assert.ok(state.some(({ type }) => type === "aws:rds/globalCluster:GlobalCluster"));
  });
});
