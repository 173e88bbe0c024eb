import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { BadInput } from "@groundwork/lib/errors";
import type { Command } from "commander";
import { execa } from "execa";
import { type StateResource, readState, resourcesOf } from "../rehearsal/deployment.ts";
import { type Engine, engineEnvironment, findEngine, recogniseBadInput } from "../rehearsal/engine/index.ts";
import { ensureHome, groundworkRoot } from "../rehearsal/home.ts";
import { realLookUp } from "../rehearsal/lookup/index.ts";
import { type Project, readProject, stackFile } from "../rehearsal/project.ts";
import { type Recovery, describe, recover } from "../rehearsal/recover.ts";
import { Progress } from "./progress.ts";

interface Flags {
  readonly stack: string;
  readonly project: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("recover")
    .description(
      "make a real stack usable after its engine died: clear the dead owner's lock, settle pending operations",
    )
    .requiredOption("-s, --stack <name>", "the stack to recover")
    .option("--project <directory>", "the Pulumi project", ".")
    .option("--force", "clear the lock though its owner cannot be seen from this machine")
    .option("--json", "print one JSON document on standard output and nothing else")
    .addHelpText("after", HELP)
    .action(run);
}

const HELP = `
A create that was under way is looked up in its cloud by the tag that carries its URN, or by its name: what exists is
taken into the state, what does not is dropped. Nothing is created or deleted in a cloud. A rehearsed stack needs no
recover: the next rehearsal of it does the same by itself.

Examples:
  $ groundwork recover -s prod
  $ groundwork recover -s prod --force      the machine that held the lock is gone

Exit codes: 0 settled; 1 something stays pending; 2 bad input, or the lock's owner is alive.`;

async function run(flags: Flags): Promise<void> {
  const project = readProject(flags.project);
  stackFile(project, flags.stack);
  const progress = new Progress({ quiet: flags.json === true });
  const tell = (line: string): void => progress.line(flags.stack, line);
  const engine = await findEngine({ cacheDir: join(ensureHome(), "cache"), sdkRoot: groundworkRoot, progress: tell });
  const scratchFolder = mkdtempSync(join(tmpdir(), "groundwork-recover-"));
  try {
    const scratch = join(scratchFolder, "state.json");
    const recovery = await recover({
      project: project.name,
      stack: flags.stack,
      pulumi: async (args) => {
        await pulumi(engine, project, args);
      },
      lookUp: (resource, known) => realLookUp(regionsIn(scratch))(resource, known),
      scratch,
      backend: await backendOf(engine, project),
      force: flags.force ?? false,
      progress: tell,
    });
    report(recovery, flags, tell);
  } finally {
    rmSync(scratchFolder, { recursive: true, force: true });
  }
}

/** The environment, Pulumi.yaml or the last login chooses it; only the CLI knows which of them counts. */
async function backendOf(engine: Engine, project: Project): Promise<string> {
  const answer = await pulumi(engine, project, ["whoami", "--json"]);
  const { url = "" } = JSON.parse(answer) as { readonly url?: string };
  const path = /^file:\/\/(?<path>[^?]*)/.exec(url)?.groups?.["path"];
  if (path === undefined) return url;
  // Pulumi means the home that the system knows, not $HOME
  const inFull = decodeURIComponent(path).replace(/^~(?=$|\/)/, userInfo().homedir);
  return pathToFileURL(resolve(project.root, inFull)).href;
}

async function pulumi(engine: Engine, project: Project, args: readonly string[]): Promise<string> {
  const result = await execa(engine.pulumi, [...args, "--non-interactive"], {
    cwd: project.root,
    env: engineEnvironment(engine),
    extendEnv: false,
    reject: false,
    stdin: "inherit",
  });
  if (result.exitCode === 0) return result.stdout;
  const refused = recogniseBadInput([], result.stderr, project.root);
  if (refused !== undefined) throw new BadInput(refused);
  const reason =
    result.stderr
      .trim()
      .split("\n")[0]
      ?.replace(/^error: /, "") ?? "";
  throw new Error(`pulumi ${args.slice(0, 2).join(" ")} failed: ${reason}`);
}

/** A resource's region is its own, else that of its provider, both as the exported state has them. */
function regionsIn(exported: string): (resource: StateResource) => string | undefined {
  const providers = new Map(
    resourcesOf(readState(exported))
      .filter(({ type }) => type === "pulumi:providers:aws")
      .map((provider) => [`${provider.urn}::${provider.id ?? ""}`, provider.inputs?.["region"]]),
  );
  return ({ inputs, provider }) => {
    const region = inputs?.["region"] ?? providers.get(provider ?? "");
    return typeof region === "string" ? region : undefined;
  };
}

function report(recovery: Recovery, flags: Flags, tell: (line: string) => void): void {
  if (recovery.unsettled.length > 0) process.exitCode = 1;
  if (flags.json === true) process.stdout.write(`${JSON.stringify(recovery, null, 2)}\n`);
  else if (describe(recovery).length === 0) tell("nothing was pending and no lock was left");
}
