import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { DiffReport } from "@groundwork/lib/diff-report";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { prodDiff, unchangedDiff } from "../reports/diff/fixtures.ts";

const TOKEN = "ghs_canary_of_the_comment_test";
const SHA = "c".repeat(40);
const MARKER = "<!-- groundwork-diff groundwork/prod -->";

interface Comment {
  readonly id: number;
  body: string;
  readonly user: { readonly type: string };
}

describe("the comment under a pull request", () => {
  let github: FakeGitHub;

  beforeEach(async () => {
    github = new FakeGitHub();
    await github.start();
  });

  afterEach(() => github.stop());

  it("is made where there is none, and updated in place after that", async () => {
    assert.equal((await comment(github, [prodDiff()])).stdout, "commented on #7");
    assert.equal((await comment(github, [unchangedDiff(), prodDiff()])).stdout, "updated the comment on #7");
    assert.equal(github.comments.length, 1);
    const only = github.comments[0] ?? assert.fail("no comment");
    assert.ok(
      only.body.startsWith("<!-- groundwork-diff groundwork/dev -->\n<!-- groundwork-diff groundwork/prod -->\n"),
    );
    assert.match(only.body, /\[The whole report\]\(https:\/\/github\.example\/run\/1\) for `ccccccc` /);
  });

  it("is found among hundreds", async () => {
    github.comments.push(...Array.from({ length: 230 }, (_, id) => person(id, "a remark")), bot(500, `${MARKER}\nold`));
    assert.equal((await comment(github, [prodDiff()])).stdout, "updated the comment on #7");
    assert.equal(github.comments.length, 231);
    assert.match(github.comments.at(-1)?.body ?? "", /data at risk/);
  });

  it("leaves those of other stacks and of people alone, also where they carry the marker", async () => {
    const others = [
      person(1, `${MARKER}\nmine`),
      bot(2, "<!-- groundwork-diff groundwork/swarm -->\nswarm"),
      bot(3, `quoted ${MARKER}`),
    ];
    github.comments.push(...structuredClone(others));
    assert.equal((await comment(github, [prodDiff()])).stdout, "commented on #7");
    assert.deepEqual(github.comments.slice(0, 3), others);
  });

  it("is left as it is when the pull request has newer commits", async () => {
    github.head = "d".repeat(40);
    const { stdout, exitCode } = await comment(github, [prodDiff()]);
    assert.deepEqual([exitCode, stdout], [0, "nothing to do: the pull request has newer commits, or is closed"]);
    assert.deepEqual(github.comments, []);
  });

  it("is marked as outdated when the run failed, once, until the next report", async () => {
    await comment(github, [unchangedDiff(), prodDiff()]);
    const before = github.comments[0]?.body ?? "";
    for (const _ of [1, 2]) {
      assert.equal((await comment(github, undefined)).stdout, "marked the comment on #7 as outdated");
    }
    const lines = (github.comments[0]?.body ?? "").split("\n");
    assert.ok(lines[0]?.startsWith("<!-- ") && lines[1]?.startsWith("<!-- "));
    assert.equal(
      lines[2],
      "> **Outdated**: [the run](https://github.example/run/1) for `ccccccc` failed; this is of an earlier one.",
    );
    assert.equal(lines.filter((line) => line.includes("Outdated")).length, 1);
    assert.equal((await comment(github, [unchangedDiff(), prodDiff()])).stdout, "updated the comment on #7");
    assert.deepEqual(
      github.comments.map(({ body }) => body),
      [before],
    );
  });

  it("is not made by a run that failed, which leaves those of people alone", async () => {
    github.comments.push(person(1, `${MARKER}\nmine`));
    const { exitCode, stdout } = await comment(github, undefined);
    assert.deepEqual([exitCode, stdout], [0, "nothing to do: #7 has no comment that could be outdated"]);
    assert.deepEqual(github.comments, [person(1, `${MARKER}\nmine`)]);
  });

  it("asks for the pull request of a fork by its owner and branch", async () => {
    await comment(github, [prodDiff()]);
    assert.deepEqual(
      github.asked[0],
      "GET /repos/acme/shop/pulls?state=open&head=a-stranger%3Amore-backends&per_page=100",
    );
    assert.deepEqual(new Set(github.tokens), new Set([`Bearer ${TOKEN}`]));
  });

  it("takes the report for data: a stranger's text is escaped here", async () => {
    await comment(github, [{ ...prodDiff(), stack: "prod<!--\n@octocat [x](https://evil.example)" }]);
    const body = github.comments[0]?.body ?? "";
    assert.doesNotMatch(body, /@octocat|https:\/\/evil|\]\(https:\/\/(?!github)/);
  });

  it("says in one sentence what is wrong, without its token", async () => {
    github.answers = 403;
    const refused = await comment(github, [prodDiff()]);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /^GitHub answered 403 to GET pulls\?[^\n]*$/);
    const strange = await comment(github, [{ ...prodDiff(), schema: 2 as never }]);
    assert.match(strange.stderr, /^\S+diff\.json has a report of another schema than 1: merge it first$/);
    assert.ok(![refused.stderr, strange.stderr].join("").includes(TOKEN));
  });

  it("runs in a work tree in which nothing is installed", async () => {
    const folder = temporaryFolder();
    for (const part of ["scripts/github", "scripts/reports/diff"]) {
      mkdirSync(join(folder, part), { recursive: true });
      cpSync(join(groundworkRoot, part), join(folder, part), { recursive: true });
    }
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    assert.equal((await comment(github, [prodDiff()], folder)).stdout, "commented on #7");
  });
});

async function comment(
  github: FakeGitHub,
  reports: readonly DiffReport[] | undefined,
  root: string = groundworkRoot,
): Promise<{ exitCode?: number; stdout: string; stderr: string }> {
  const file = join(temporaryFolder(), "diff.json");
  if (reports !== undefined) writeFileSync(file, JSON.stringify(reports));
  const args = reports === undefined ? [] : [file];
  return execa(process.execPath, [join(root, "scripts/github/comment.ts"), ...args], {
    reject: false,
    env: {
      GITHUB_API_URL: github.url,
      GITHUB_REPOSITORY: "acme/shop",
      GITHUB_TOKEN: TOKEN,
      PULL_REQUEST_HEAD: "a-stranger:more-backends",
      PULL_REQUEST_SHA: SHA,
      RUN_URL: "https://github.example/run/1",
    },
  });
}

const person = (id: number, body: string): Comment => ({ id, body, user: { type: "User" } });
const bot = (id: number, body: string): Comment => ({ id, body, user: { type: "Bot" } });

/** The four calls that the comment needs, with one pull request, number 7. */
class FakeGitHub {
  readonly comments: Comment[] = [];
  readonly asked: string[] = [];
  readonly tokens: string[] = [];
  head = SHA;
  /** A status with which everything is refused. */
  answers: number | undefined;
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    this.asked.push(`${method} ${url}`);
    this.tokens.push(headers.authorization ?? "");
    const body = (await readBody(request)) as { readonly body?: string };
    response.writeHead(this.answers ?? 200, { "content-type": "application/json" });
    response.end(
      JSON.stringify(this.answers === undefined ? this.#result(method, new URL(url, this.url), body.body ?? "") : {}),
    );
  }

  #result(method: string, { pathname, searchParams }: URL, body: string): unknown {
    if (pathname === "/repos/acme/shop/pulls") return [{ number: 7, head: { sha: this.head } }];
    if (method === "POST" && pathname === "/repos/acme/shop/issues/7/comments") {
      return this.comments.push(bot(this.comments.length + 1_000, body));
    }
    if (method === "PATCH") {
      const known = this.comments.find(({ id }) => pathname === `/repos/acme/shop/issues/comments/${id}`);
      if (known !== undefined) known.body = body;
      return known ?? assert.fail(pathname);
    }
    const [page, size] = [Number(searchParams.get("page")), Number(searchParams.get("per_page"))];
    return this.comments.slice((page - 1) * size, page * size);
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : (JSON.parse(text) as unknown);
}
