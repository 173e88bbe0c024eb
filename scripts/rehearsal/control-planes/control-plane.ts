import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Binaries } from "./build.ts";
import { Client } from "./client.ts";
import { Pki } from "./pki.ts";
import { freePorts } from "./ports.ts";
import { PROCESSES, Processes } from "./processes.ts";
import {
  type Layout,
  type User,
  apiserverArguments,
  controllerManagerArguments,
  etcdArguments,
  kwokArguments,
  schedulerArguments,
} from "./settings.ts";
import { VERSIONS } from "./versions.ts";

export interface ControlPlaneOptions {
  /** What it is called in messages: the region. */
  readonly name: string;
  /** A folder of its own; what is there of an earlier run goes on. */
  readonly folder: string;
  readonly binaries: Binaries;
  /** Addresses of services. Default: what EKS gives a cluster in a VPC of 10.0.0.0/8. */
  readonly serviceCidr?: string;
}

const DEFAULT_SERVICE_CIDR = "172.20.0.0/16";

/** Kubernetes' own names of who runs a control plane. */
const USERS: Readonly<Record<User, { readonly user: string; readonly groups: string }>> = {
  admin: { user: "groundwork", groups: "system:masters" },
  "controller-manager": { user: "system:kube-controller-manager", groups: "" },
  scheduler: { user: "system:kube-scheduler", groups: "" },
};

const POLL_MS = 50;
/** On a machine that does much else; alone it takes three seconds. */
const START_TIMEOUT_MS = 120_000;
/** Somebody else may take a port between its choice and its use. */
const ATTEMPTS = 3;
const MIB = 2 ** 20;

/**
 * One region's real Kubernetes: etcd, API server, controller manager, scheduler, and kwok in place of kubelets, on free
 * ports of the loopback address. No container ever runs. All of it ends with the process that started it.
 */
export class ControlPlane {
  readonly name: string;
  readonly version = `v${VERSIONS.kubernetes}`;
  readonly pki: Pki;
  readonly #options: ControlPlaneOptions;
  readonly #folder: string;
  readonly #tokens: Readonly<Record<User, string>>;
  readonly #processes: Processes;
  #client: Client | undefined;
  #startSeconds = 0;
  #peakMemory = 0;

  constructor(options: ControlPlaneOptions) {
    this.name = options.name;
    this.#options = options;
    this.#folder = options.folder;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.#processes = new Processes(join(options.folder, PROCESSES));
    this.pki = new Pki(join(options.folder, "pki"));
    this.#tokens = readOrMake(join(options.folder, "tokens.json"), () => ({
      admin: token(),
      "controller-manager": token(),
      scheduler: token(),
    }));
  }

  /** Made and started. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const plane = new ControlPlane(options);
    await plane.start();
    return plane;
  }

  get isRunning(): boolean {
    return this.#client !== undefined;
  }

  /** @throws Error while it is stopped */
  get client(): Client {
    if (this.#client === undefined) throw new Error(`the control plane of ${this.name} is stopped`);
    return this.#client;
  }

  /** From the start of etcd until the API server was ready, the last time. */
  get startSeconds(): number {
    return this.#startSeconds;
  }

  /** The most that it held at any time that somebody asked, in MiB; 0 where the system does not tell. */
  get memoryMiB(): number {
    this.#peakMemory = Math.max(this.#peakMemory, this.#processes.memory());
    return Math.round(this.#peakMemory / MIB);
  }

  /** For kubectl while it runs. */
  get kubeconfig(): string {
    return this.#kubeconfigOf("admin");
  }

  /** The log of each program lies here. */
  get logs(): string {
    return join(this.#folder, PROCESSES);
  }

  /** Starts it, or starts it again with everything that it knew. */
  async start(): Promise<void> {
    if (this.isRunning) return;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#tryToStart();
        return;
      } catch (error) {
        await this.stop();
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** Ends it at once, as a region is lost; what etcd has written stays, and `start` brings it back. */
  async stop(): Promise<void> {
    if (this.#client !== undefined) void this.memoryMiB;
    this.#client?.close();
    this.#client = undefined;
    await this.#processes.kill();
  }

  /** Ends it and forgets everything. */
  async remove(): Promise<void> {
    await this.stop();
    // what a killed program has just written may still come up while its folder is emptied
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  async #tryToStart(): Promise<void> {
    const began = performance.now();
    const [etcd = 0, peers = 0, api = 0] = await freePorts(3);
    const layout = this.#write({ etcd, peers, api });
    const run = (name: string, binary: Parameters<Binaries["path"]>[0], args: string[]): void =>
      this.#processes.start(name, layout.binaries.path(binary), args, { GOGC: "100" });
    run("etcd", "etcd", etcdArguments(layout));
    run("apiserver", "kube-apiserver", apiserverArguments(layout));
    const ca = readFileSync(this.pki.certificate("ca"), "utf8");
    const client = new Client({ host: "127.0.0.1", port: api, ca, token: this.#tokens.admin });
    await this.#until(() => client.call("GET", "/readyz"), began);
    run("controller-manager", "kube-controller-manager", controllerManagerArguments(layout));
    run("scheduler", "kube-scheduler", schedulerArguments(layout));
    run("kwok", "kwok", kwokArguments(layout));
    // the controllers are at work when they have given the first namespace what every namespace gets
    await this.#until(() => client.get("/api/v1/namespaces/default/serviceaccounts/default"), began);
    this.#client = client;
    this.#startSeconds = (performance.now() - began) / 1000;
  }

  async #until(ask: () => Promise<unknown>, began: number): Promise<void> {
    for (;;) {
      try {
        await ask();
        return;
      } catch (error) {
        const ended = this.#processes.ended();
        if (ended !== undefined) {
          throw new Error(
            `${ended} of the control plane of ${this.name} ended: ${this.#processes.lastLine(ended)} (${this.#processes.logOf(ended)})`,
            { cause: error },
          );
        }
        if (performance.now() - began > START_TIMEOUT_MS) {
          throw new Error(
            `the control plane of ${this.name} is not ready after ${START_TIMEOUT_MS / 1000} s (${this.logs})`,
            {
              cause: error,
            },
          );
        }
        await sleep(POLL_MS);
      }
    }
  }

  #kubeconfigOf(user: User): string {
    return join(this.#folder, `${user}.kubeconfig`);
  }

  /** What the programs read. Readable by their owner only. */
  #write(ports: Layout["ports"]): Layout {
    const files = {
      tokens: join(this.#folder, "tokens.csv"),
      encryption: join(this.#folder, "encryption.json"),
      kubeconfig: (user: User) => this.#kubeconfigOf(user),
    };
    const lines = Object.entries(USERS).map(([name, { user, groups }]) =>
      [this.#tokens[name as User], user, name, `"${groups}"`].join(","),
    );
    writeOwn(files.tokens, `${lines.join("\n")}\n`);
    readOrMake(files.encryption, encryption);
    for (const user of Object.keys(USERS) as User[]) {
      writeOwn(files.kubeconfig(user), JSON.stringify(this.#kubeconfig(user, ports.api)));
    }
    const { binaries, serviceCidr = DEFAULT_SERVICE_CIDR } = this.#options;
    return { binaries, pki: this.pki, ports, folder: this.#folder, files, serviceCidr };
  }

  #kubeconfig(user: User, port: number): object {
    const cluster = { server: `https://127.0.0.1:${port}`, "certificate-authority": this.pki.certificate("ca") };
    return {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: this.name, cluster }],
      users: [{ name: user, user: { token: this.#tokens[user] } }],
      contexts: [{ name: this.name, context: { cluster: this.name, user } }],
      "current-context": this.name,
    };
  }
}

/** Secrets as EKS keeps them: never in plain in etcd's files. https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/ */
function encryption(): object {
  const key = { name: "rehearsal", secret: randomBytes(32).toString("base64") };
  const providers = [{ secretbox: { keys: [key] } }, { identity: {} }];
  return {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [{ resources: ["secrets"], providers }],
  };
}

function token(): string {
  return randomBytes(24).toString("hex");
}

function writeOwn(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}

function readOrMake<T>(path: string, make: () => T): T {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const made = make();
    writeOwn(path, JSON.stringify(made));
    return made;
  }
}
