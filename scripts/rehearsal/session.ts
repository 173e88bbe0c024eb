import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { BadInput } from "@groundwork/lib/errors";
import type { StandIn } from "@groundwork/lib/rehearsal-report";
import { execa } from "execa";
import { type Document, isMap } from "yaml";
import { type Fault, type Operation, type Simulator, startSimulator } from "./clouds/simulator.ts";
import { ControlPlanes, ensureBinaries, forgetLeftovers } from "./control-planes/index.ts";
import { type ExportedState, packageOf, readState } from "./deployment.ts";
import { DockerSession } from "./docker-live/index.ts";
import {
  type Engine,
  type LanguageHost,
  type OperationResult,
  findEngine,
  runOperation,
  serveLanguageHost,
} from "./engine/index.ts";
import { FileBackend } from "./file-backend.ts";
import { type Folders, ensureHome, foldersFor, groundworkRoot } from "./home.ts";
import { type Keys, loadKeys, saveKeys } from "./keys.ts";
import { takeLock } from "./lock.ts";
import { type PlannedFailure, missingAddons } from "./planned.ts";
import { type Project, bareKey, qualifiedKey, readProject, readYaml, stackFile } from "./project.ts";
import { type Recovery, recover } from "./recover.ts";
import { type ConfigChange, type StackSettings, readSettings } from "./settings.ts";
import { pathParts, prepareStackFile } from "./stand-ins.ts";
import { copyProject } from "./workspace.ts";

export interface SessionOptions {
  /** The folder of any Pulumi project with a Node.js program. */
  readonly project: string;
  readonly stack: string;
  readonly faults?: readonly Fault[];
  /** How long one operation may take before it is interrupted. Default: 15 minutes. */
  readonly operationTimeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly progress: (line: string) => void;
  /** Real Kubernetes control planes behind the simulated clusters. Default: false. */
  readonly live?: boolean;
  /** How many things the engine does at the same time. Default: the engine's own; 1 makes their order repeatable. */
  readonly parallel?: number;
  /**
   * Whether the engine writes the state after every step, as it does for a user. That takes most of the time of a large
   * update; without it what a killed rehearsal had deployed cannot be picked up, and the next one starts anew. Default: true.
   */
  readonly checkpoints?: boolean;
  /** The folder whose node_modules the program sees. Default: the project's. */
  readonly dependencies?: string;
  /** Where everything is written. Default: the folders of this project's rehearsals of the stack. */
  readonly folders?: Folders;
  /** Called when a cloud is about to change something. */
  readonly onOperation?: (operation: Operation) => void;
  /** Called when an operation starts, with 0, and at each resource that it works on. */
  readonly onStep?: (operation: string, done: number) => void;
}

export type Command = "preview" | "up" | "refresh" | "destroy";

const DEFAULT_TIMEOUT_MS = 15 * 60_000;
/** The engine's own default goes by cores, which what waits for pods to come and go does not need. */
const LIVE_PARALLEL = 32;
const GIB = 1024 ** 3;

/** Credentials of real accounts have no business in a rehearsal, whose program may use any SDK. */
const REAL_ACCOUNTS = /^(AWS_|CLOUDFLARE_|GOOGLE_|AZURE_|ARM_|GITHUB_TOKEN|KUBECONFIG|DOCKER_HOST|PULUMI_)/;

/** https://pulumi.com/docs/iac/cli/environment-variables/ */
const AT_THE_END_ONLY = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

/** One stack of one project, deployed by the real engine against the simulated clouds. */
export class Session {
  readonly project: Project;
  readonly settings: StackSettings;
  readonly folders: Folders;
  readonly engine: Engine;
  readonly simulator: Simulator;
  readonly standIns: readonly StandIn[];
  /** Of a live session of a cloud. */
  readonly controlPlanes: ControlPlanes | undefined;
  /** Of a live session of Docker. */
  readonly docker: DockerSession | undefined;
  readonly #options: SessionOptions;
  readonly #document: Document;
  readonly #env: Record<string, string>;
  readonly #host: LanguageHost | undefined;
  readonly #release: () => void;
  #enginePid: number | undefined;
  #resumes = false;

  /** @throws BadInput before anything is written when the project, the stack file or the settings cannot be used */
  static async open(options: SessionOptions): Promise<Session> {
    const project = readProject(options.project);
    const source = stackFile(project, options.stack);
    const settings = readSettings(project.root, options.stack);
    const document = readYaml(source, `Pulumi.${options.stack}.yaml`);
    ensureHome();
    const folders = options.folders ?? foldersFor(project.root, options.stack);
    const isNew = !existsSync(folders.stack);
    const release = takeLock(folders.lock, options.stack);
    try {
      if (existsSync(folders.unsaved)) await startAnew(folders, options.progress);
      rmSync(folders.temporary, { recursive: true, force: true });
      mkdirSync(folders.temporary, { recursive: true });
      return await Session.#start(options, { project, settings, document, folders, release });
    } catch (error) {
      if (isNew) removeAllBut(folders.lock, folders.stack);
      release();
      throw error;
    }
  }

  static async #start(options: SessionOptions, parts: Parts): Promise<Session> {
    const { project, folders, document } = parts;
    const keys = loadKeys(folders.keys);
    const prepared = prepareStackFile(document, project, keys.passphrase);
    const dependencies = options.dependencies ?? project.root;
    const sdkRoot = existsSync(join(dependencies, "node_modules")) ? dependencies : groundworkRoot;
    const engine = await findEngine({ cacheDir: folders.cache, sdkRoot, progress: options.progress });
    await copyProject(project.root, folders.copy, dependencies);
    const holder: { session?: Session } = {};
    const { controlPlanes, docker } = await openReality(options, parts);
    const simulator = await startSimulator({
      inventory: folders.inventory,
      sealingKey: Buffer.from(keys.sealing, "base64"),
      sdkRoot,
      cache: join(folders.cache, "schemas"),
      quotas: parts.settings.quotas,
      host: {
        cpus: parts.settings.host.cpus,
        memoryBytes: parts.settings.host.memoryGiB * GIB,
        gpus: parts.settings.host.gpu ? 1 : 0,
      },
      ...(parts.settings.cloudflare.plan !== undefined && { cloudflarePlan: parts.settings.cloudflare.plan }),
      directory: folders.copy,
      faults: options.faults ?? [],
      powerCut: () => holder.session?.cutPower(),
      ...(controlPlanes === undefined ? {} : { live: controlPlanes }),
      ...(docker === undefined ? {} : { liveEngine: docker.live }),
      ...(options.onOperation === undefined ? {} : { onOperation: options.onOperation }),
    });
    const env = engineEnvironment(engine, simulator, folders, keys);
    // the official host cannot be attached to: the engine starts it at each operation
    const host = engine.hasOwnHost ? await serveLanguageHost(sdkRoot, { env }) : undefined;
    try {
      const running = { engine, simulator, host, env, controlPlanes, docker };
      const session = new Session(options, parts, running, prepared.standIns);
      holder.session = session;
      await session.#prepareStack(keys, prepared.secrets);
      if (!session.resumes) await docker?.clear(options.progress);
      return session;
    } catch (error) {
      await Promise.all([simulator.stop(), host?.stop(), controlPlanes?.stop(), docker?.stop()]);
      throw error;
    }
  }

  private constructor(options: SessionOptions, parts: Parts, running: Running, standIns: readonly StandIn[]) {
    this.#options = options;
    this.project = parts.project;
    this.settings = parts.settings;
    this.folders = parts.folders;
    this.#document = parts.document;
    this.#release = parts.release;
    this.engine = running.engine;
    this.simulator = running.simulator;
    this.#host = running.host;
    this.controlPlanes = running.controlPlanes;
    this.docker = running.docker;
    this.standIns = standIns;
    this.#env = {
      ...running.env,
      ...(this.#savesAtTheEnd ? AT_THE_END_ONLY : {}),
      ...(running.host === undefined ? {} : { PULUMI_DEBUG_LANGUAGES: `nodejs:${running.host.port}` }),
    };
  }

  /** Whether an earlier rehearsal of this stack left something behind, on purpose or because it was stopped. */
  get resumes(): boolean {
    return this.#resumes;
  }

  /** The value of a config key of the project as the program will see it: the stack file's, else the declared default. */
  configured(key: string): unknown {
    const value: unknown = this.#document.getIn(["config", qualifiedKey(this.project.name, key)]);
    return value ?? this.project.defaults[bareKey(this.project.name, key)];
  }

  /** Changes the copy's stack file, as a person would edit the tracked one. */
  configure(change: ConfigChange): void {
    for (const [path, value] of Object.entries(change)) {
      const parts = pathParts(qualifiedKey(this.project.name, path));
      for (let depth = 1; depth < parts.length; depth++) {
        const parent = ["config", ...parts.slice(0, depth)];
        if (!this.#document.hasIn(parent)) this.#document.setIn(parent, this.#document.createNode({}));
      }
      this.#document.setIn(["config", ...parts], this.#document.createNode(value));
    }
    writeFileSync(this.#copiedStackFile, this.#document.toString());
  }

  /** Runs the command that a user would run, with the policy pack where `withPack` says so, and with these further arguments. */
  async operate(
    command: Command,
    name: string,
    withPack: boolean,
    args: readonly string[] = [],
  ): Promise<OperationResult & { planned: PlannedFailure[] }> {
    let done = 0;
    this.#options.onStep?.(name, done);
    this.simulator.forgetPlans();
    const planned: PlannedFailure[] = [];
    const isUnsaved = this.#savesAtTheEnd && command !== "preview";
    if (isUnsaved) writeFileSync(this.folders.unsaved, "");
    const result = await runOperation({
      engine: this.engine,
      cwd: this.folders.copy,
      env: this.#env,
      command,
      stack: this.#options.stack,
      ...(withPack && { pack: this.#pack }),
      args: [...(this.#parallel === undefined ? [] : ["--parallel", String(this.#parallel)]), ...args],
      eventLog: join(this.folders.temporary, `${name}.events.jsonl`),
      onEvent: (event) => {
        const step = event.resourcePreEvent?.metadata;
        if (step === undefined) return;
        this.#options.onStep?.(name, ++done);
        if (command === "preview" && step.new !== null && step.type.startsWith("kubernetes:")) {
          const failures = this.simulator.checkPlanned(step.urn, step.new.inputs);
          planned.push(...failures.map((failure) => ({ urn: step.urn, failure })));
        }
      },
      onSpawn: (pid) => (this.#enginePid = pid),
      ...(this.#options.signal === undefined ? {} : { signal: this.#options.signal }),
      timeoutMs: this.#options.operationTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    });
    this.#enginePid = undefined;
    if (isUnsaved && result.exitCode !== undefined && !tellsDiskFull(problemsOf(result)))
      rmSync(this.folders.unsaved, { force: true });
    const homeless = command === "preview" ? missingAddons(result.steps) : [];
    return { ...result, planned: [...planned, ...homeless] };
  }

  /** Containers of a killed rehearsal go on running: what made them must be in the state. */
  get #savesAtTheEnd(): boolean {
    return this.#options.checkpoints === false && this.docker === undefined;
  }

  get #parallel(): number | undefined {
    return this.#options.parallel ?? (this.controlPlanes === undefined ? undefined : LIVE_PARALLEL);
  }

  /** The power fails: the engine is gone at once, the clouds go on. */
  cutPower(): void {
    if (this.#enginePid !== undefined) process.kill(this.#enginePid, "SIGKILL");
  }

  /** A region is lost: nobody reaches its clusters, and what serves from there reports unhealthy. */
  async loseRegion(name: string): Promise<void> {
    this.simulator.regions.lose(name);
    await Promise.all((this.controlPlanes?.inRegion(name) ?? []).map((region) => region.lose()));
  }

  /** The region is back, with everything that it knew. */
  async returnRegion(name: string): Promise<void> {
    this.simulator.regions.giveBack(name);
    await Promise.all((this.controlPlanes?.inRegion(name) ?? []).map((region) => region.recover()));
  }

  async export(file: string): Promise<ExportedState> {
    const path = join(this.folders.stack, file);
    await this.#pulumi(["stack", "export", "--stack", this.#options.stack, "--file", path]);
    return readState(path);
  }

  /** Settles what an engine that died left under way. The same code as `groundwork recover`. */
  async recover(): Promise<Recovery> {
    const scratch = join(this.folders.temporary, "recover.json");
    try {
      return await recover({
        project: this.project.name,
        stack: this.#options.stack,
        backend: this.#backend,
        pulumi: (args) => this.#pulumi(args),
        lookUp: async ({ urn, type, inputs }, known) => {
          const real = packageOf(type) === "docker" ? await this.docker?.live.lookUp(urn, type, known) : undefined;
          return { found: (real ?? this.simulator.lookUp(urn, type, inputs ?? {}, known))?.id };
        },
        scratch,
        progress: this.#options.progress,
      });
    } finally {
      rmSync(scratch, { force: true });
    }
  }

  /** Forgets the stack and its clouds, after everything in them was torn down. */
  async forget(): Promise<void> {
    await this.simulator.stop();
    await this.controlPlanes?.forget();
    await this.docker?.forget();
    for (const path of [this.folders.backend, this.folders.inventory, this.folders.keys]) {
      rmSync(path, { recursive: true, force: true });
    }
    await this.close();
  }

  async close(): Promise<void> {
    await Promise.all([this.simulator.stop(), this.#host?.stop(), this.controlPlanes?.stop(), this.docker?.stop()]);
    rmSync(this.folders.temporary, { recursive: true, force: true });
    this.#release();
  }

  get #backend(): string {
    return pathToFileURL(this.folders.backend).href;
  }

  get #copiedStackFile(): string {
    return join(this.folders.copy, `Pulumi.${this.#options.stack}.yaml`);
  }

  get #pack(): string {
    return this.project.policyPack === undefined
      ? join(groundworkRoot, "policies")
      : join(this.folders.copy, "policies");
  }

  async #prepareStack(keys: Keys, secrets: Readonly<Record<string, string>>): Promise<void> {
    mkdirSync(this.folders.backend, { recursive: true });
    if (keys.salt !== undefined) this.#document.set("encryptionsalt", keys.salt);
    this.configure({});
    this.#resumes = FileBackend.of(this.#backend, this.project.name, this.#options.stack)?.hasStack ?? false;
    if (!this.#resumes) {
      await this.#pulumi(["stack", "init", this.#options.stack, "--no-select"]);
    }
    const encrypted = Object.entries(secrets).flatMap(([path, value]) => ["--secret", `${path}=${value}`]);
    if (encrypted.length > 0) {
      await this.#pulumi(["config", "set-all", "--stack", this.#options.stack, "--path", ...encrypted]);
    }
    this.#readBack(keys);
  }

  /** The CLI has written the salt and the encrypted stand-ins into the copy; later changes must keep them. */
  #readBack(keys: Keys): void {
    const written = readYaml(this.#copiedStackFile, "the copied stack file");
    const salt: unknown = written.get("encryptionsalt");
    if (typeof salt === "string") {
      saveKeys(this.folders.keys, { ...keys, salt });
      this.#document.set("encryptionsalt", salt);
    }
    const config = written.get("config");
    if (isMap(config)) this.#document.set("config", config);
  }

  async #pulumi(args: readonly string[]): Promise<void> {
    const result = await execa(this.engine.pulumi, [...args, "--non-interactive"], {
      cwd: this.folders.copy,
      env: this.#env,
      extendEnv: false,
      reject: false,
      stdin: "ignore",
    });
    if (result.exitCode === 0) return;
    if (tellsDiskFull(result.stderr)) throw diskFull(this.folders.home);
    throw new Error(`pulumi ${args.slice(0, 2).join(" ")} failed: ${result.stderr.trim().split("\n")[0] ?? ""}`);
  }
}

/** What serves the operations of a session, and the environment that they run in. */
interface Running {
  readonly engine: Engine;
  readonly simulator: Simulator;
  readonly host: LanguageHost | undefined;
  readonly env: Record<string, string>;
  readonly controlPlanes: ControlPlanes | undefined;
  readonly docker: DockerSession | undefined;
}

interface Parts {
  readonly project: Project;
  readonly settings: StackSettings;
  readonly document: Document;
  readonly folders: Folders;
  readonly release: () => void;
}

/** What really stands behind the simulated clouds: nothing, control planes or a Docker Engine, by what the stack is of. */
async function openReality(options: SessionOptions, parts: Parts): Promise<Pick<Running, "controlPlanes" | "docker">> {
  const { folders, project } = parts;
  const { stack, progress, live } = options;
  if (live !== true) {
    if (!DockerSession.leftBehind(folders)) return { controlPlanes: undefined, docker: undefined };
    throw new BadInput(
      `an earlier rehearsal with --live left stack ${stack} behind on a Docker Engine: end it first with \`npm run rehearse -- --stack ${stack} --live\`, then run this again`,
    );
  }
  if (!isOfDocker(parts)) return { controlPlanes: await openControlPlanes(folders, options), docker: undefined };
  const docker = await DockerSession.open({ project: project.name, stack, folders, progress });
  return { controlPlanes: undefined, docker };
}

const DOCKER_TARGETS = ["docker", "swarm"];

/** A stack says by its `target`, the program of a project without such a key by the SDKs that it depends on. */
function isOfDocker({ project, document }: Parts): boolean {
  const written: unknown = document.getIn(["config", qualifiedKey(project.name, "target")]);
  const target = written ?? project.defaults["target"];
  if (typeof target === "string") return DOCKER_TARGETS.includes(target);
  return project.dependencies.includes("@pulumi/docker") && !project.dependencies.includes("@pulumi/kubernetes");
}

/** @throws BadInput when what an earlier session left was made without control planes, which would know nothing of it */
async function openControlPlanes(folders: Folders, { stack, progress }: SessionOptions): Promise<ControlPlanes> {
  const folder = controlPlanesOf(folders);
  if (existsSync(folders.inventory) && !existsSync(folder)) {
    throw new BadInput(
      `an earlier rehearsal left stack ${stack} behind, and it was not live: end it first with \`npm run rehearse -- --stack ${stack}\`, then run this again`,
    );
  }
  const binaries = await ensureBinaries({ cacheDir: folders.cache, progress });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return new ControlPlanes(folder, binaries, progress);
}

function controlPlanesOf(folders: Folders): string {
  return join(folders.stack, "control-planes");
}

function removeAllBut(kept: string, folder: string): void {
  for (const path of readdirSync(folder).map((name) => join(folder, name))) {
    if (path !== kept) rmSync(path, { recursive: true, force: true });
  }
}

export function tellsDiskFull(text: string): boolean {
  return /no space left on device/i.test(text);
}

export function diskFull(folder: string): BadInput {
  return new BadInput(
    `the disk that holds ${folder} is full: free some space there, or set GROUNDWORK_HOME to a folder on another disk`,
  );
}

function engineEnvironment(engine: Engine, simulator: Simulator, folders: Folders, keys: Keys): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !REAL_ACCOUNTS.test(entry[0]),
  );
  const path = [engine.binDir, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
  return {
    ...Object.fromEntries(inherited),
    ...engine.env,
    PATH: path,
    TMPDIR: folders.temporary,
    // a program of a thousand resources makes young objects faster than V8's 16 MiB for them hold: a fifth less CPU time
    NODE_OPTIONS: ["--max-semi-space-size=32", process.env["NODE_OPTIONS"] ?? ""].join(" ").trim(),
    PULUMI_HOME: folders.pulumiHome,
    // without a digest of the whole state beside it at each step. https://pkg.go.dev/gocloud.dev/blob/fileblob#hdr-URLs
    PULUMI_BACKEND_URL: `${pathToFileURL(folders.backend).href}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: keys.passphrase,
    PULUMI_DEBUG_PROVIDERS: simulator.debugProviders,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // otherwise every operation on existing state spends 2.5 s on a plug-in download that cannot succeed
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/** What is in the clouds is in no state: both are simulated, and nobody misses them. */
async function startAnew(folders: Folders, progress: (line: string) => void): Promise<void> {
  progress("an earlier rehearsal was killed before its state was written: starting anew");
  await forgetLeftovers(controlPlanesOf(folders));
  for (const path of [folders.backend, folders.inventory, folders.keys, folders.unsaved])
    rmSync(path, { recursive: true, force: true });
}

function problemsOf({ diagnostics, stderr }: OperationResult): string {
  return [...diagnostics.map(({ message }) => message), stderr].join("\n");
}
