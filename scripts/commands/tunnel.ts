import { spawn } from "node:child_process";
import { constants } from "node:os";
import { BadInput } from "@groundwork/lib/errors";
import type { Command } from "commander";
import { readProject, stackFile } from "../rehearsal/project.ts";
import { startProxy } from "../tunnel/proxy.ts";
import { Sessions } from "../tunnel/sessions.ts";

interface Flags {
  readonly stack: string;
  readonly project: string;
}

export function register(program: Command): void {
  program
    .command("tunnel")
    .description("run a command that reaches clusters whose API answers inside their VPC only, in every region at once")
    .requiredOption("-s, --stack <name>", "the stack whose clusters are reached")
    .option("--project <directory>", "the Pulumi project", ".")
    .argument("[command...]", "what to run, after --; without one the way stays open until Ctrl-C")
    .addHelpText("after", HELP)
    .action(run);
}

const HELP = `
The command's HTTPS_PROXY leads to this one, which opens a Session Manager session to a region's runner when somebody
first asks for that region's cluster, and connects everybody else as if it were not there. TLS goes through from end to
end. It needs \`aws\` 2 with the Session Manager plug-in, and credentials that may start sessions (docs/cluster-access.md).

Examples:
  $ groundwork tunnel -s prod -- groundwork up -s prod
  $ groundwork tunnel -s prod -- pulumi up --stack prod
  $ groundwork tunnel -s prod -- kubectl --context us-west-2 get pods -A
  $ groundwork tunnel -s prod

Exit codes: those of the command; 2 bad input.`;

async function run(command: readonly string[], { stack, project: directory }: Flags): Promise<void> {
  const project = readProject(directory);
  stackFile(project, stack);
  refuseProxy();
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const sessions = new Sessions({ project: project.name, stack }, tell);
  const proxy = await startProxy(sessions.dial, ({ host }, { message }) => tell(`${host}: ${message}`));
  const env = environmentFor(proxy.port);
  try {
    if (command.length === 0) await held(env);
    else process.exitCode = await ran(command, env);
  } finally {
    await sessions.close();
    await proxy.close();
  }
}

/** Two proxies in a row would need an order that nobody has told us. */
function refuseProxy(): void {
  const name = ["HTTPS_PROXY", "https_proxy"].find((each) => (process.env[each] ?? "") !== "");
  if (name !== undefined)
    throw new BadInput(`${name} is set; unset it for this command, which is the proxy itself and connects straight.`);
}

/**
 * In upper case only, which Go and the AWS CLI read: gRPC in Node reads the other, and talks to the engine on this machine.
 * https://pkg.go.dev/golang.org/x/net/http/httpproxy
 */
export function environmentFor(port: number): Readonly<Record<string, string>> {
  const kept = process.env["NO_PROXY"] ?? process.env["no_proxy"] ?? "";
  const direct = [...new Set([...kept.split(",").filter((host) => host !== ""), "127.0.0.1", "localhost"])];
  return { HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: direct.join(",") };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Waits for Ctrl-C. */
async function held(env: Readonly<Record<string, string>>): Promise<void> {
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
  });
  const lines = Object.entries(env).map(([name, value]) => `export ${name}=${value}\n`);
  process.stdout.write(lines.join(""));
  process.stderr.write("in another terminal: the lines above, then kubectl or pulumi; Ctrl-C here ends the way\n");
  await interrupted;
}

/** Runs it to its end: whoever interrupts it interrupts the command, which may have to finish what it began. */
async function ran([file = "", ...args]: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(file, args, { stdio: "inherit", env: { ...process.env, ...env } });
  // the terminal tells the command of Ctrl-C itself
  const pass = (signal: NodeJS.Signals): void => void (signal !== "SIGINT" && child.kill(signal));
  for (const signal of SIGNALS) process.on(signal, pass);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", ({ message }) => reject(new BadInput(`${file} cannot be run: ${message}; write a command.`)));
      child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}
