import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { BadInput } from "@groundwork/lib/errors";
import { execa } from "execa";
import type { Target } from "./proxy.ts";

/** Whose runners are looked for. */
export interface StackOf {
  readonly project: string;
  readonly stack: string;
}

interface Session {
  readonly process: ChildProcess;
  /** Of this machine; what connects to it is at the cluster's API. */
  readonly port: number;
}

/** A new runner's agent needs a minute or two until Session Manager knows it. https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-troubleshooting.html */
const PATIENCE_MS = 300_000;
const RETRY_MS = 2000;
const LISTENING_MS = 100;

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html#sessions-remote-port-forwarding */
const DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost";

/** The region of an EKS cluster's own endpoint, `<id>.<shard>.<region>.eks.amazonaws.com`; undefined for any other host. */
export function regionOf(host: string): string | undefined {
  return /^[a-z0-9]+\.[a-z0-9-]+\.([a-z]{2}(?:-[a-z]+)+-\d)\.eks\.amazonaws\.com(?:\.cn)?$/i.exec(host)?.[1];
}

/** How the machine of runner.ts is found: by its name, and by whose the provider says it is. */
export function runnerFilters(region: string, { project, stack }: StackOf): Readonly<Record<string, string>> {
  return {
    "tag:Name": `${region}-runner`,
    "tag:groundwork:project": project,
    "tag:groundwork:stack": stack,
    "instance-state-name": "running",
  };
}

/** What opens the way to one cluster's API, as a person would type it. */
export function sessionCommand(region: string, runner: string, host: string, localPort: number): readonly string[] {
  const parameters = { host: [host], portNumber: ["443"], localPortNumber: [String(localPort)] };
  return [
    ...["aws", "ssm", "start-session", "--region", region, "--target", runner],
    ...["--document-name", DOCUMENT, "--parameters", JSON.stringify(parameters)],
  ];
}

/**
 * Sessions to the clusters of a stack, each opened when somebody first asks for that cluster and again when it has gone:
 * so the first update finds the runner that it has just made.
 */
export class Sessions {
  readonly #open = new Map<string, Promise<Session>>();
  readonly #stack: StackOf;
  readonly #tell: (line: string) => void;
  readonly #patienceMs: number;
  #closed = false;

  constructor(stack: StackOf, tell: (line: string) => void, patienceMs = PATIENCE_MS) {
    this.#stack = stack;
    this.#tell = tell;
    this.#patienceMs = patienceMs;
  }

  /** To a cluster's API by its session, to anybody else straight. */
  readonly dial = async ({ host, port }: Target): Promise<Socket> => {
    const region = regionOf(host);
    if (region === undefined || port !== 443) return reached(port, host);
    const { port: local } = await this.#session(region, host);
    return reached(local, "127.0.0.1");
  };

  async close(): Promise<void> {
    this.#closed = true;
    const opened = await Promise.allSettled(this.#open.values());
    for (const session of opened) if (session.status === "fulfilled") end(session.value.process);
  }

  #session(region: string, host: string): Promise<Session> {
    const known = this.#open.get(host);
    if (known !== undefined) return known;
    const opening = this.#start(region, host);
    this.#open.set(host, opening);
    const forget = (): void => {
      if (this.#open.get(host) === opening) this.#open.delete(host);
    };
    opening.then((session) => session.process.once("exit", forget), forget);
    return opening;
  }

  async #start(region: string, host: string): Promise<Session> {
    const runner = await findRunner(region, this.#stack);
    const until = Date.now() + this.#patienceMs;
    for (;;) {
      const port = await freePort();
      const attempt = await this.#attempt(sessionCommand(region, runner, host, port), { port, until });
      if (typeof attempt !== "string") {
        this.#tell(`${region}: the cluster's API is reached through ${runner}`);
        return attempt;
      }
      // the agent of a runner that was just made, and nothing else, is worth waiting for
      if (!attempt.includes("TargetNotConnected") || Date.now() > until || this.#closed)
        throw new Error(`no session to ${runner} in ${region}: ${attempt}`);
      this.#tell(`${region}: waiting until Session Manager knows ${runner}`);
      await wait(Math.min(RETRY_MS, this.#patienceMs));
    }
  }

  /** @returns why not, where it could not be opened */
  async #attempt(
    [command = "", ...args]: readonly string[],
    { port, until }: { readonly port: number; readonly until: number },
  ): Promise<Session | string> {
    // a group of its own: Ctrl-C in the terminal is the command's, which still needs the way for what it finishes
    const child = spawn(command, args, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said = `${said}${text}`.slice(-2000)));
    let ended: string | undefined;
    child.once("error", ({ message }) => (ended = message));
    child.once("close", (code) => (ended ??= said.trim() || `it ended with ${code ?? "a signal"}`));
    while (ended === undefined) {
      const probe = await reached(port, "127.0.0.1").catch(() => undefined);
      if (probe !== undefined) {
        probe.destroy();
        return { process: child, port };
      }
      if (this.#closed || Date.now() > until) end(child);
      await wait(LISTENING_MS);
    }
    return ended.replace(/\s+/g, " ");
  }
}

async function findRunner(region: string, stack: StackOf): Promise<string> {
  const filters = Object.entries(runnerFilters(region, stack)).map(([name, value]) => `Name=${name},Values=${value}`);
  const query = "Reservations[].Instances[].InstanceId";
  const args = ["ec2", "describe-instances", "--region", region, "--filters", ...filters];
  const { stdout, exitCode, stderr } = await execa("aws", [...args, "--query", query, "--output", "json"], {
    reject: false,
    stdin: "ignore",
  });
  if (exitCode !== 0) throw new Error(`aws ec2 describe-instances in ${region}: ${stderr.trim() || "aws is missing"}`);
  const [runner] = JSON.parse(stdout) as string[];
  if (runner === undefined)
    throw new BadInput(
      `${region} has no running machine named ${region}-runner of stack ${stack.stack}; write clusterAccess: { runner: true } and update, or reach the cluster from clusterAccessCidrs.`,
    );
  return runner;
}

function reached(port: number, host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The plug-in is a child of `aws`, which would leave it behind. */
function end({ pid, exitCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null) return;
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // it went by itself meanwhile
  }
}
