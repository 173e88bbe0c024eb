import { readFileSync } from "node:fs";
import type { DiffReport } from "@groundwork/lib/diff-report";
import { markerOf, renderMarkdown } from "../reports/diff/markdown.ts";

/**
 * Puts `groundwork diff --json` under its pull request, in the comment that is there already. It runs with a token that
 * may write, in a job of the default branch, and the report comes from a job that ran a stranger's code: so the report is
 * taken as data only, the comment is rendered here, and nothing of it is looked for but its pull request by its commit.
 * Without a report, because the run failed, the comment that is there is marked as outdated; none is made.
 * Needs Node alone, no installed package: `node scripts/github/comment.ts [diff.json]`.
 */
interface Settings {
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string;
  /** `owner:branch` of the pull request, which may be a fork's. */
  readonly head: string;
  /** Commit that was looked at. */
  readonly sha: string;
  /** Page of the run that has the HTML report. */
  readonly run: string;
}

interface Comment {
  readonly id: number;
  readonly body?: string;
  readonly user: { readonly type: string } | null;
}

interface PullRequest {
  readonly number: number;
  readonly head: { readonly sha: string };
}

const SCHEMA = 1;
const PAGE = 100;
const ANY_MARKER = /^<!-- groundwork-diff .* -->$/;
const OUTDATED = "> **Outdated**:";

async function main(file: string | undefined): Promise<string> {
  const settings = settingsFrom(process.env);
  const reports = file === undefined ? undefined : readReports(file);
  const pulls = await call<readonly PullRequest[]>(settings, "GET", `pulls?${pullQuery(settings)}`);
  const pull = pulls.find(({ head }) => head.sha === settings.sha);
  if (pull === undefined) return "nothing to do: the pull request has newer commits, or is closed";
  if (reports === undefined) return markOutdated(settings, pull.number);
  const commit = shortened(settings.sha);
  const body = `${renderMarkdown(reports)}\n[The whole report](${settings.run}) for ${commit} is an artifact of the run.\n`;
  const markers = reports.map(markerOf);
  const known = await findComment(settings, pull.number, (line) => markers.includes(line));
  if (known === undefined) {
    await call(settings, "POST", `issues/${pull.number}/comments`, { body });
    return `commented on #${pull.number}`;
  }
  await call(settings, "PATCH", `issues/comments/${known.id}`, { body });
  return `updated the comment on #${pull.number}`;
}

/** A verdict on an earlier commit must not pass for one on this one. */
async function markOutdated(settings: Settings, pull: number): Promise<string> {
  const known = await findComment(settings, pull, (line) => ANY_MARKER.test(line));
  if (known === undefined) return `nothing to do: #${pull} has no comment that could be outdated`;
  const lines = (known.body ?? "").split("\n").filter((line) => !line.startsWith(OUTDATED));
  const start = lines.findIndex((line) => !ANY_MARKER.test(line.trim()));
  const at = start < 0 ? lines.length : start;
  const notice = `${OUTDATED} [the run](${settings.run}) for ${shortened(settings.sha)} failed; this is of an earlier one.`;
  const rest = lines.slice(at).join("\n").trimStart();
  const body = `${[...lines.slice(0, at), notice].join("\n")}\n\n${rest}`;
  await call(settings, "PATCH", `issues/comments/${known.id}`, { body });
  return `marked the comment on #${pull} as outdated`;
}

function shortened(sha: string): string {
  return `\`${sha.slice(0, 7)}\``;
}

function settingsFrom(env: NodeJS.ProcessEnv): Settings {
  const need = (name: string): string => {
    const value = env[name] ?? "";
    if (value === "") throw new Error(`${name} is not set: the workflow sets it`);
    return value;
  };
  return {
    api: need("GITHUB_API_URL"),
    repository: need("GITHUB_REPOSITORY"),
    token: need("GITHUB_TOKEN"),
    head: need("PULL_REQUEST_HEAD"),
    sha: need("PULL_REQUEST_SHA"),
    run: need("RUN_URL"),
  };
}

function readReports(file: string): readonly DiffReport[] {
  const document = JSON.parse(readFileSync(file, "utf8")) as DiffReport | readonly DiffReport[];
  const reports = Array.isArray(document) ? (document as readonly DiffReport[]) : [document as DiffReport];
  const other = reports.find(({ schema }) => schema !== SCHEMA);
  if (reports.length === 0) throw new Error(`${file} has no report`);
  if (other !== undefined) throw new Error(`${file} has a report of another schema than ${SCHEMA}: merge it first`);
  return reports;
}

function pullQuery({ head }: Settings): string {
  return String(new URLSearchParams({ state: "open", head, per_page: String(PAGE) }));
}

/** The first comment of a workflow with such a line; a person's that looks like it stays as it is. */
async function findComment(
  settings: Settings,
  pull: number,
  isMarker: (line: string) => boolean,
): Promise<Comment | undefined> {
  for (let page = 1; ; page++) {
    const path = `issues/${pull}/comments?per_page=${PAGE}&page=${page}`;
    const comments = await call<readonly Comment[]>(settings, "GET", path);
    const found = comments.find(({ body = "", user }) => {
      return user?.type === "Bot" && body.split("\n").some((line) => isMarker(line.trim()));
    });
    if (found !== undefined || comments.length < PAGE) return found;
  }
}

async function call<T>({ api, repository, token }: Settings, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${api}/repos/${repository}/${path}`, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "x-github-api-version": "2022-11-28",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${method} ${path}`);
  return (await response.json()) as T;
}

try {
  process.stdout.write(`${await main(process.argv[2])}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
