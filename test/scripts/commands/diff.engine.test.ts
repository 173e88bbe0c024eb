import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DiffReport, ResourceChange } from "@groundwork/lib/diff-report";
import { execa } from "execa";
import { afterEach, before, describe, it } from "mocha";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { copyProject } from "../../../scripts/rehearsal/workspace.ts";
import { renderMarkdown, renderTerminal } from "../../../scripts/reports/diff/index.ts";
import { groundwork, temporaryHome } from "../../helpers/command-line.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

/** One system in two regions, of the same program and the same choices as production. */
const STACK = `config:
  groundwork:target: cloud
  groundwork:systems: [flowx]
  groundwork:awsAccountId: <aws-account-id>
  groundwork:cloudflareAccountId: <cloudflare-account-id>
  groundwork:cloudflareZoneId: <cloudflare-zone-id>
  groundwork:domain: <domain>
  groundwork:regions:
    - { name: us-west-2, role: primary, cidr: 10.0.0.0/16 }
    - { name: us-east-1, role: failover, cidr: 10.1.0.0/16 }
  groundwork:nodes: { instanceType: m7i.xlarge, min: 3, max: 10, desired: 4 }
  groundwork:database: { instanceClass: db.r8g.large }
  groundwork:cache: { shards: 2 }
  groundwork:account: { owner: false }
  groundwork:recovery: { enabled: false }
`;
const QUOTAS = "\ngolden:\n  quotas:\n    default:\n      standardVcpus: 300\n";
const MINUTES = 60_000;

describe("groundwork diff of real changes of capacity", () => {
  const project = temporaryFolder();
  let home: string;

  before(async function () {
    this.timeout(10 * MINUTES);
    home = await temporaryHome();
    await copyProject(groundworkRoot, project);
    writeFileSync(join(project, "Pulumi.golden.yaml"), STACK);
    edit("rehearsal.yaml", /$/, QUOTAS);
    await git("init", "--quiet");
    await git("add", "--all");
    await git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "base");
    // the base is deployed once, for all that follow
    const report = await diff();
    assert.equal(report.changed, false, JSON.stringify(report.resources.changes));
  });

  afterEach(() => git("checkout", "--quiet", "."));

  async function git(...args: string[]): Promise<void> {
    await execa("git", args, { cwd: project });
  }

  /** The working tree, with these values, against what was committed. */
  async function diff(...set: string[]): Promise<DiffReport> {
    const values = set.flatMap((each) => ["--set", each]);
    const args = ["diff", "--project", project, "--stack", "golden", "--base", "HEAD", "--json", ...values];
    const { exitCode, stdout, stderr } = await groundwork(args, { home });
    assert.equal(exitCode, 0, stderr);
    return JSON.parse(stdout) as DiffReport;
  }

  function edit(file: string, pattern: RegExp | string, text: string): void {
    const path = join(project, file);
    const old = readFileSync(path, "utf8");
    const changed = old.replace(pattern, text);
    assert.notEqual(changed, old, `${file} has no ${String(pattern)}`);
    writeFileSync(path, changed);
  }

  function golden(what: string, check: () => Promise<void>): void {
    it(what, async function () {
      this.timeout(5 * MINUTES);
      await check();
    });
  }

  golden("more replicas: room for them, in both regions, and the quota of the namespace with them", async () => {
    const report = await diff("workloads.flowx.orchestrator.replicas=4");
    assert.deepEqual(told(report, /Deployment$/), [
      "update us-east-1-flowx-orchestrator-deployment spec.replicas 2 -> 4",
      "update us-west-2-flowx-orchestrator-deployment spec.replicas 2 -> 4",
    ]);
    assert.ok(report.resources.changes.some(({ type }) => type.endsWith(":ResourceQuota")));
    for (const region of ["us-east-1", "us-west-2"]) {
      const place = report.capacity.places.find((each) => each.system === "flowx" && each.region === region);
      assert.equal((place?.after?.replicas.min ?? 0) - (place?.before?.replicas.min ?? 0), 2);
      assert.ok((place?.after?.memory.min ?? 0) > (place?.before?.memory.min ?? 0));
    }
    assert.deepEqual([report.policy.added, report.policy.fixed], [[], []]);
  });

  golden("a bigger database class: in place, dearer by the price of three servers, nothing else", async () => {
    const report = await diff("database.instanceClass=db.r8g.2xlarge");
    assert.deepEqual(kinds(report), ["update ClusterInstance"]);
    assert.equal(report.resources.counts.update, 3);
    const rds = report.cost.byService.find(({ label }) => label === "Amazon RDS");
    assert.equal((rds?.afterCents ?? 0) - (rds?.beforeCents ?? 0), report.cost.deltaCents);
    assert.ok(report.cost.deltaCents > 0);
    assert.equal(
      report.cost.items.reduce((sum, { beforeCents, afterCents }) => sum + afterCents - beforeCents, 0),
      report.cost.deltaCents,
    );
  });

  golden(
    "a third region: everything there is new, nothing elsewhere is touched but the balancer in front",
    async () => {
      const report = await diff("regions[2]={ name: eu-west-1, role: failover, cidr: 10.2.0.0/16 }");
      const { counts, changes } = report.resources;
      assert.deepEqual([counts.replace, counts.delete], [0, 0]);
      assert.ok(counts.create > 150, String(counts.create));
      const elsewhere = changes.filter(({ change, region }) => change === "create" && region !== "eu-west-1");
      assert.deepEqual(
        elsewhere.filter(({ region }) => region !== "global" && region !== "us-west-2"),
        [],
      );
      const place = report.capacity.places.find(({ system, region }) => system === "flowx" && region === "eu-west-1");
      assert.equal(place?.before, undefined);
      assert.ok((place?.after?.replicas.min ?? 0) > 0);
      const vcpus = quota(report, "standardVcpus", "eu-west-1");
      assert.equal(vcpus?.before, undefined);
      assert.ok((vcpus?.after?.used ?? 0) >= 16);
      const cost = report.cost.byRegion.find(({ label }) => label === "eu-west-1");
      assert.ok(cost?.beforeCents === 0 && cost.afterCents > 50_000);
    },
  );

  golden("a new system: what is its own by its name, with its cost and its databases", async () => {
    const report = await diff("systems=[flowx, tracks]");
    assert.equal(report.resources.counts.delete, 0);
    // what the secret-drift checkers are to compare; the provider gives a ConfigMap's new content a new name
    const replaced = report.resources.changes.filter(({ change }) => change === "replace");
    assert.deepEqual(replaced.map(({ name }) => name).sort(), [
      "us-east-1-secret-drift-mapping",
      "us-west-2-secret-drift-mapping",
    ]);
    const system = report.cost.bySystem.find(({ label }) => label === "tracks");
    assert.ok(system?.beforeCents === 0 && system.afterCents > 10_000);
    assert.deepEqual(
      report.capacity.places.filter(({ system: name, before: old }) => name === "tracks" && old === undefined).length,
      2,
    );
    const instances = quota(report, "rdsInstances", "us-west-2");
    assert.ok((instances?.after?.used ?? 0) > (instances?.before?.used ?? 0));
  });

  golden("a smaller quota of the account: no resource changes, and what may grow beyond it is loud", async () => {
    edit("rehearsal.yaml", "standardVcpus: 300", "standardVcpus: 200");
    const report = await diff();
    assert.deepEqual(report.resources.changes, []);
    assert.ok(report.changed);
    const vcpus = quota(report, "standardVcpus", "us-west-2");
    assert.equal(vcpus?.limit, 200);
    assert.ok((vcpus?.after?.ceiling ?? 0) > 200);
    assert.match(firstLines(report), /more than a quota allows/i);
  });

  golden("another identifier of the database: replaced, which nobody can miss", async () => {
    edit(
      "components/postgres/aurora.ts",
      "globalClusterIdentifier: args.identifier",
      "globalClusterIdentifier: `${args.identifier}-2`",
    );
    const report = await diff();
    const [first] = report.resources.changes;
    assert.deepEqual([first?.change, first?.stateful, first?.protected], ["replace", true, true]);
    assert.match(first?.type ?? "", /^aws:rds\//);
    assert.ok(first?.properties.some(({ path, replaces }) => path === "globalClusterIdentifier" && replaces));
    for (const text of [firstLines(report), renderMarkdown([report]).slice(0, 1_000)]) {
      assert.match(text, /data at risk/i);
      assert.match(text, /replaced/i);
    }
  });

  golden("protection off: told for everything that holds data, though no machine changes", async () => {
    const report = await diff("protect=false");
    assert.deepEqual([report.resources.counts.replace, report.resources.counts.delete], [0, 0]);
    const cluster = report.resources.changes.find(({ name }) => name === "flowx-postgres-us-west-2");
    assert.deepEqual(
      cluster?.properties.map(({ path, before: old, after }) => `${path} ${old} -> ${after}`),
      ["deletionProtection true -> false", "protect true -> false"],
    );
    assert.equal(report.cost.deltaCents, 0);
    assert.ok(report.policy.added.length > 0);
  });

  golden("more nodes than the environment's budget: the pack refuses it, and all else is compared", async () => {
    const report = await diff("nodes.max=40");
    assert.deepEqual(told(report, /NodeGroup$/), [
      "update us-east-1-nodes scalingConfig.maxSize 10 -> 40",
      "update us-west-2-nodes scalingConfig.maxSize 10 -> 40",
    ]);
    assert.ok(
      report.policy.added.some(({ policy, level }) => policy === "node-count-within-budget" && level === "mandatory"),
    );
    const vcpus = quota(report, "standardVcpus", "us-east-1");
    assert.equal((vcpus?.after?.ceiling ?? 0) - (vcpus?.before?.ceiling ?? 0), 120);
    assert.match(firstLines(report), /refuses/i);
    assert.deepEqual(report.capacity.places, []);
  });

  golden("more shards of the cache: in place, dearer, its data kept", async () => {
    const report = await diff("cache.shards=4");
    const groups = report.resources.changes.filter(({ type }) => type.endsWith(":ReplicationGroup"));
    assert.deepEqual(
      groups.map(({ change, stateful }) => [change, stateful]),
      [
        ["update", true],
        ["update", true],
      ],
    );
    assert.ok(
      report.cost.byService.some(
        ({ label, beforeCents, afterCents }) => /ElastiCache/.test(label) && afterCents > beforeCents,
      ),
    );
  });

  golden("a workload beyond its bounds: the violation names it, and the nodes that it takes are counted", async () => {
    const report = await diff("workloads.flowx.orchestrator.memory=16Gi");
    const names = report.policy.added.map(({ policy, urn }) => `${policy} ${urn?.split("::").at(-1)}`);
    assert.ok(
      names.includes("container-limits-within-bounds us-west-2-flowx-orchestrator-deployment"),
      names.join(", "),
    );
    assert.ok(report.cost.deltaCents > 0);
  });
});

function told({ resources }: DiffReport, type: RegExp): string[] {
  return resources.changes
    .filter((each) => type.test(each.type))
    .map(({ change, name, properties }) => `${change} ${name} ${properties.map(propertyText).join(", ")}`);
}

function propertyText({ path, before: old, after }: ResourceChange["properties"][number]): string {
  return `${path} ${old} -> ${after}`;
}

function kinds({ resources }: DiffReport): string[] {
  return [...new Set(resources.changes.map(({ change, type }) => `${change} ${type.split(":").at(-1)}`))];
}

function quota({ quotas }: DiffReport, name: string, scope: string): DiffReport["quotas"][number] | undefined {
  return quotas.find((each) => each.quota === name && each.scope === scope);
}

/** What a person sees without scrolling. */
function firstLines(report: DiffReport): string {
  return renderTerminal([report]).split("\n").slice(0, 4).join("\n");
}
