import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { execa } from "execa";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";

interface Step {
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly "runs-on": string;
  readonly "timeout-minutes": number;
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = join(groundworkRoot, ".github/workflows");
const texts = new Map(
  globSync("*.yml", { cwd: FOLDER }).map((file) => [file, readFileSync(join(FOLDER, file), "utf8")]),
);
const DIFF = "pull-request.yml";
const COMMENT = "pull-request-comment.yml";
const PREVIEW = "preview.yml";

function workflow(file: string): Workflow {
  return parse(texts.get(file) ?? assert.fail(`no ${file}`)) as Workflow;
}

function stepsOf(file: string): Step[] {
  return Object.values(workflow(file).jobs).flatMap(({ steps }) => steps);
}

describe(".github/workflows", () => {
  for (const [file] of texts) {
    it(`${file} has what every workflow needs: a name, least permissions, a time limit`, () => {
      const { name, on, permissions, jobs } = workflow(file);
      assert.ok(name !== "" && on !== undefined && permissions !== undefined);
      for (const { "runs-on": runner, "timeout-minutes": minutes, steps } of Object.values(jobs)) {
        assert.match(runner, /^ubuntu-\d/);
        assert.ok(minutes > 0 && steps.length > 0);
      }
    });

    it(`${file} puts no text of an event into a script`, () => {
      const scripts = stepsOf(file).map(({ run = "" }) => run);
      assert.deepEqual(
        scripts.filter((script) => script.includes("${{")),
        [],
      );
    });
  }

  it("compare a pull request without any credential, on a token that may only read", () => {
    const { on, permissions, jobs } = workflow(DIFF);
    assert.deepEqual(Object.keys(on), ["pull_request"]);
    assert.deepEqual(permissions, { contents: "read" });
    for (const job of Object.values(jobs)) assert.equal(job.permissions, undefined);
    assert.doesNotMatch(texts.get(DIFF) ?? "", /secrets\.|github\.token|vars\.|id-token|environment:/);
    const checkout = stepsOf(DIFF).find(({ uses = "" }) => uses.startsWith("actions/checkout@"));
    assert.deepEqual(checkout?.with, { "fetch-depth": 0, "persist-credentials": false });
  });

  it("write the comment with code of the default branch only", () => {
    const { on, permissions, jobs } = workflow(COMMENT);
    assert.deepEqual(on, { workflow_run: { workflows: [workflow(DIFF).name], types: ["completed"] } });
    assert.deepEqual(permissions, {});
    assert.deepEqual(jobs["comment"]?.permissions, { actions: "read", contents: "read", "pull-requests": "write" });
    const [checkout, ...rest] = stepsOf(COMMENT);
    assert.deepEqual(checkout?.with, { "persist-credentials": false });
    assert.ok(!rest.some(({ uses = "" }) => uses.startsWith("actions/checkout@")));
    // nothing is installed: a package's script would run with the token
    assert.doesNotMatch(texts.get(COMMENT) ?? "", /npm (?:ci|install)|secrets\./);
    const names = [DIFF, COMMENT].map(
      (file) => stepsOf(file).find(({ uses = "" }) => /(?:up|down)load-artifact@/.test(uses))?.with?.["name"],
    );
    assert.deepEqual(names, ["diff", "diff"]);
  });

  it("mark the comment as outdated after a run that failed, which has no report to download", () => {
    assert.match(workflow(COMMENT).jobs["comment"]?.if ?? "", /\["success", "failure", "timed_out"\]/);
    const download = stepsOf(COMMENT).find(({ uses = "" }) => uses.startsWith("actions/download-artifact@"));
    assert.equal(download?.if, "github.event.workflow_run.conclusion == 'success'");
  });

  it("preview with the pack where there is a role, for branches of this repository, and say why where not", () => {
    const { jobs } = workflow(PREVIEW);
    const { preview, skipped } = jobs;
    assert.equal(
      preview?.if,
      "vars.PREVIEW_ROLE_ARN != '' && github.event.pull_request.head.repo.full_name == github.repository",
    );
    assert.equal(
      skipped?.if,
      "vars.PREVIEW_ROLE_ARN == '' || github.event.pull_request.head.repo.full_name != github.repository",
    );
    assert.match(skipped?.steps[0]?.run ?? "", /::notice/);
    assert.deepEqual(preview?.permissions, { contents: "read", "id-token": "write" });
    const command = preview?.steps.map(({ run = "" }) => run).find((run) => run.includes("pulumi preview")) ?? "";
    for (const [, path = ""] of command.matchAll(/--policy-pack(?:-config)? (\S+)/g)) {
      assert.ok(existsSync(join(groundworkRoot, path)), path);
    }
    assert.match(command, /--policy-pack policies --policy-pack-config policy-config\.json/);
  });

  it("pin what runs beside credentials or strangers' code to a commit; the rest to a version", () => {
    const pinned = [DIFF, COMMENT].flatMap((file) => stepsOf(file).flatMap(({ uses }) => uses ?? []));
    assert.deepEqual(
      pinned.filter((uses) => !/@[0-9a-f]{40}$/.test(uses)),
      [],
    );
    const all = [...texts.keys()].flatMap((file) => stepsOf(file).flatMap(({ uses }) => uses ?? []));
    assert.deepEqual(
      all.filter((uses) => !/@(?:[0-9a-f]{40}|v\d+)$/.test(uses)),
      [],
    );
  });

  it("call commands, flags and scripts that there are", async () => {
    for (const [file] of texts) {
      const script = stepsOf(file)
        .map(({ run = "" }) => run.replaceAll("\\\n", " "))
        .join("\n");
      for (const [, command = "", rest = ""] of script.matchAll(
        /npm run (?:--silent )?groundwork -- (\S+)([^\n|]*)/g,
      )) {
        const help = await execa(process.execPath, ["scripts/groundwork.ts", command, "--help"], {
          cwd: groundworkRoot,
        });
        for (const [flag] of rest.matchAll(/--[a-z-]+/g)) {
          assert.ok(help.stdout.includes(flag), `${file}: groundwork ${command} has no ${flag}`);
        }
      }
      for (const [, path = ""] of script.matchAll(/\bnode (\S+\.ts)/g)) {
        assert.ok(existsSync(join(groundworkRoot, path)), `${file}: ${basename(path)}`);
      }
    }
  });
});
