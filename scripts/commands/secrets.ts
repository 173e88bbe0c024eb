import { existsSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { BadInput } from "@groundwork/lib/errors";
import type { Command } from "commander";
import {
  Checker,
  InvalidMapping,
  type JournalEntry,
  RETENTION_DAYS,
  SecretValue,
  SourceUnreachable,
  isApproved,
} from "../../components/secret-drift/checker/index.ts";
import { ensureHome } from "../rehearsal/home.ts";
import { type ProposalLine, renderCheck, renderHistory, renderProposals } from "../reports/secrets.ts";

interface Flags {
  readonly mapping: string;
  readonly history?: string;
  readonly json?: boolean;
}

const EXIT_DRIFT = 1;
const EXIT_UNASKED = 3;
const DAY = 24 * 60 * 60 * 1000;

export function register(program: Command): void {
  const secrets = program
    .command("secrets")
    .description("compare secrets in all their places with the one that is true, and heal what differs")
    .addHelpText("after", HELP);
  const sub = (name: string, description: string): Command =>
    secrets
      .command(name)
      .description(description)
      .option("--mapping <file>", "which secret belongs where", "secrets.yaml")
      .option("--history <file>", "what was found before (default: in .groundwork, or GROUNDWORK_HOME)")
      .option("--json", "print one JSON document on standard output and nothing else");
  sub(
    "init",
    "make the mapping, its encrypted files and the key of the fingerprints, whatever of them is missing",
  ).action(guarded(init));
  sub("set <property>", "give the source a value, which is read from standard input").action(
    (property: string, flags: Flags) => guarded((each: Flags) => set(property, each))(flags),
  );
  sub("check", "ask every store and tell what differs; changes nothing").action(guarded(check));
  sub("heal", "check, and tell what would mend it; with --apply, do what needs no approval or has one")
    .option("--apply", "write; without it nothing is changed in any store")
    .action(guarded(heal));
  sub("approve <proposal>", "agree to one proposal of `heal`").action((id: string, flags: Flags) =>
    guarded((each: Flags) => approve(id, each))(flags),
  );
  sub("history", `what was found in the last ${RETENTION_DAYS} days`).action(guarded(history));
}

const HELP = `
One store is the source of truth; a mapping says which of its properties belong to which places. No value is ever shown:
values are compared by keyed fingerprints. Nothing is deleted, and nothing is written but by \`heal --apply\`.

Examples:
  $ groundwork secrets init
  $ printf %s "$PASSWORD" | groundwork secrets set database.password
  $ groundwork secrets check
  $ groundwork secrets heal                     what would be done
  $ groundwork secrets approve 3f2a9c0d1e4b     as somebody else, where the risk is high
  $ groundwork secrets heal --apply

Exit codes: 0 in step; 1 there is drift; 2 bad input; 3 a store could not be asked.`;

/** What the checker cannot use is bad input; a source that does not answer has an exit code of its own. */
function guarded<F>(work: (flags: F) => Promise<void>): (flags: F) => Promise<void> {
  return async (flags) => {
    try {
      await work(flags);
    } catch (error) {
      if (error instanceof InvalidMapping) throw new BadInput(error.message);
      if (!(error instanceof SourceUnreachable)) throw error;
      process.stderr.write(`the source could not be asked: ${error.message}\n`);
      process.exitCode = EXIT_UNASKED;
    }
  };
}

async function withChecker(flags: Flags, work: (checker: Checker) => Promise<void>): Promise<void> {
  const folder = join(ensureHome(), "secret-drift");
  const checker = await Checker.open({ mapping: flags.mapping, history: flags.history ?? join(folder, "history.db") });
  try {
    await work(checker);
  } finally {
    checker.close();
  }
}

async function init(flags: Flags): Promise<void> {
  const made: string[] = [];
  if (!existsSync(flags.mapping)) {
    writeFileSync(flags.mapping, starter(join(ensureHome(), "secret-drift")), { flag: "wx" });
    made.push(resolve(flags.mapping));
  }
  await withChecker(flags, async (checker) => {
    const { source, secrets, managed } = checker.mapping;
    for (const { store, scope } of [source, ...secrets.flatMap(({ places }) => places), ...managed]) {
      const client = checker.stores.get(store);
      if ((await client?.create?.(scope)) === true) made.push(resolve(scope));
    }
    if (await checker.prepare()) made.push(`the key of the fingerprints in ${source.store}`);
  });
  print(flags, { made }, made.length === 0 ? "Everything was there already." : `Made ${made.join(", ")}.`);
}

/** One secret as an example, with no place yet that anybody has. */
function starter(folder: string): string {
  return `# Which secret belongs where: docs/secret-drift.md
source: { store: local, scope: ${join(folder, "secrets.age")} }
stores:
  # A file that age has encrypted. Keep the identity, which opens it, somewhere else as well.
  local: { kind: file, identityFile: ${join(folder, "identity.txt")} }
  copy: { kind: file, identityFile: ${join(folder, "identity.txt")} }
defaults: { risk: medium, rotateAfterDays: 90, minimumLength: 12 }
secrets:
  database-password:
    property: database.password
    places:
      - { store: copy, scope: ${join(folder, "copy.age")}, name: DATABASE_PASSWORD }
`;
}

async function set(property: string, flags: Flags): Promise<void> {
  await withChecker(flags, async (checker) => {
    const secret = checker.mapping.secrets.find((each) => each.property === property);
    if (secret === undefined) {
      const known = checker.mapping.secrets.map((each) => each.property).join(", ");
      throw new BadInput(`${flags.mapping} has no secret with the property ${property}: write one of ${known}`);
    }
    const value = new SecretValue((await readAll(process.stdin)).replace(/\r?\n$/, ""));
    const { length } = value.reveal().trim();
    if (length < secret.minimumLength)
      throw new BadInput(
        `the value of ${property} on standard input has ${length} characters: write ${secret.minimumLength} or more, or lower secrets.${secret.id}.minimumLength`,
      );
    const written = await checker.source.write(checker.mapping.source.scope, property, value);
    if (!written.ok) throw new SourceUnreachable(written.problem.message);
    print(flags, { set: property }, `${property} is set in ${checker.mapping.source.store}.`);
  });
}

async function check(flags: Flags): Promise<void> {
  await withChecker(flags, async (checker) => {
    const { drifts, unasked } = await checker.check();
    const secrets = checker.mapping.secrets.length;
    print(flags, { secrets, findings: checker.history.open(), unasked }, renderCheck(secrets, drifts, unasked));
    exitBy(drifts.length, unasked.length);
  });
}

async function heal(flags: Flags & { readonly apply?: boolean }): Promise<void> {
  await withChecker(flags, async (checker) => {
    const { drifts, unasked, ...round } = await checker.check();
    checker.propose({ ...round, drifts, unasked }, userInfo().username);
    const healed = flags.apply === true ? await checker.heal(`${hostname()}-${process.pid}-${Date.now()}`) : [];
    const { journal } = checker.history;
    const outcomes = new Map(healed.map(({ id, result, reason }) => [id, `${result}: ${reason}`]));
    const touched = healed.flatMap(({ id }) => journal.find(id) ?? []);
    const waiting = journal.inState("applying", "open").filter(({ id }) => !outcomes.has(id));
    const proposals = [...touched, ...waiting].map((entry) => ({
      ...toLine(entry),
      ...(outcomes.has(entry.id) && { next: outcomes.get(entry.id) ?? "" }),
    }));
    print(flags, { proposals, unasked }, renderProposals(proposals));
    const left = drifts.length > 0 && healed.filter(({ result }) => result === "done").length < proposals.length;
    exitBy(left || (drifts.length > 0 && proposals.length === 0) ? 1 : 0, unasked.length);
  });
}

function toLine(entry: JournalEntry): ProposalLine {
  const { id, secret, risk, state, targets, proposer } = entry;
  const who = risk === "high" ? `somebody other than ${proposer}` : "somebody";
  const next = isApproved(entry)
    ? "would be written with --apply"
    : `waits until ${who} approves it: groundwork secrets approve ${id}`;
  return { id, secret, risk, state, targets, next };
}

async function approve(id: string, flags: Flags): Promise<void> {
  await withChecker(flags, (checker) => {
    const { journal } = checker.history;
    const entry = journal.find(id);
    if (entry?.state !== "open") {
      const open = journal.inState("open").map((each) => each.id);
      throw new BadInput(
        `there is no open proposal ${id}: write one of ${open.join(", ") || "those that `groundwork secrets heal` lists, and there is none"}`,
      );
    }
    const approver = userInfo().username;
    if (entry.risk === "high" && approver === entry.proposer)
      throw new BadInput(`proposal ${id} has a high risk and was made by ${approver}: let somebody else approve it`);
    journal.approve(id, approver, Date.now());
    print(
      flags,
      { approved: id, approver },
      `${approver} has approved ${id}: \`groundwork secrets heal --apply\` writes it.`,
    );
    return Promise.resolve();
  });
}

async function history(flags: Flags): Promise<void> {
  await withChecker(flags, (checker) => {
    const from = Date.now() - RETENTION_DAYS * DAY;
    const findings = checker.history.findings(from);
    const latency = checker.history.latency(from);
    print(flags, { findings, latency }, renderHistory(findings, RETENTION_DAYS));
    return Promise.resolve();
  });
}

function exitBy(drifts: number, unasked: number): void {
  if (unasked > 0) process.exitCode = EXIT_UNASKED;
  else if (drifts > 0) process.exitCode = EXIT_DRIFT;
}

function print(flags: Flags, document: object, text: string): void {
  process.stdout.write(flags.json === true ? `${JSON.stringify(document, null, 2)}\n` : `${text}\n`);
}
