import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import { type Go, findGo, runGo } from "../engine/go.ts";
import { Unavailable, isDiskFull } from "../engine/install.ts";
import { isExecutable } from "../engine/path.ts";
import { takeLockInTurn } from "../lock.ts";
import { BUILD_NAME, LIBRARIES_VERSION, MINIMUM_GO_VERSION, VERSIONS } from "./versions.ts";

const KUBERNETES = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"] as const;

export type Binary = (typeof KUBERNETES)[number] | "etcd" | "kwok";

const BINARIES: readonly Binary[] = [...KUBERNETES, "etcd", "kwok"];

const STAGES = "kwok-stages.yaml";

/**
 * How a fake kubelet treats nodes and pods, of what kwok ships in its module. `fast`: a pod is ready as soon as it is
 * bound, since nothing here measures how long containers take to start.
 */
const STAGE_FILES = [
  "node/fast/node-initialize.yaml",
  "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
  "pod/fast/pod-ready.yaml",
  "pod/fast/pod-complete.yaml",
  "pod/fast/pod-delete.yaml",
];

/** The programs of a control plane, in the cache. */
export class Binaries {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(name: Binary): string {
    return join(this.#folder, name);
  }

  /** kwok's stages in one file, as it wants them. */
  get stages(): string {
    return join(this.#folder, STAGES);
  }
}

export interface BuildOptions {
  /** `.groundwork/cache`: nothing is written outside it. */
  readonly cacheDir: string;
  /** Where Go is looked for, and what it runs with. Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Called with one line for each step. */
  readonly progress: (line: string) => void;
}

/**
 * The control plane's programs, built from their Go modules unless the cache has them. One process at a time builds; the
 * others wait and take what it made. A build that was killed goes on: Go keeps what it has compiled.
 * @throws BadInput when they are not there and cannot be built
 */
export async function ensureBinaries(options: BuildOptions): Promise<Binaries> {
  const root = join(options.cacheDir, "control-plane");
  const folder = join(root, BUILD_NAME);
  if (isComplete(folder)) return new Binaries(folder);
  mkdirSync(root, { recursive: true });
  const release = await takeLockInTurn(join(root, "lock.json"), "control-plane", () =>
    options.progress("control plane: another process builds it: waiting for it (7 min at most)"),
  );
  try {
    if (!isComplete(folder)) await build(root, folder, options);
    return new Binaries(folder);
  } catch (error) {
    if (isDiskFull(error))
      throw new BadInput(
        `the disk of ${root} is full: free about 5 GB (the control plane takes 400 MB, its build the rest) and run this again`,
      );
    if (!(error instanceof Unavailable)) throw error;
    throw new BadInput(
      `the Kubernetes control plane cannot be built (${error.message}): install Go ${MINIMUM_GO_VERSION} or newer from https://go.dev/dl/, let it reach a module proxy (GOPROXY), and run this again`,
    );
  } finally {
    release();
  }
}

function isComplete(folder: string): boolean {
  return BINARIES.every((name) => isExecutable(join(folder, name))) && existsSync(join(folder, STAGES));
}

async function build(root: string, folder: string, { env = process.env, progress }: BuildOptions): Promise<void> {
  const work = join(root, "work");
  const draft = join(work, "bin");
  mkdirSync(draft, { recursive: true });
  const go = await findGo(env, join(work, "go"), MINIMUM_GO_VERSION);
  progress(
    `control plane: building Kubernetes ${VERSIONS.kubernetes} (4 to 7 min on 2 cores, 4 GB; once, then it is cached)`,
  );
  await buildKubernetes(go, moduleFolder(work, "kubernetes"), draft);
  progress(`control plane: building etcd ${VERSIONS.etcd}`);
  await buildEtcd(go, moduleFolder(work, "etcd"), draft);
  progress(`control plane: building kwok ${VERSIONS.kwok}`);
  await buildKwok(go, moduleFolder(work, "kwok"), draft);
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
  rmSync(work, { recursive: true, force: true });
}

function moduleFolder(work: string, name: string): string {
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

interface Module {
  readonly Dir: string;
  readonly GoMod: string;
}

async function download(go: Go, cwd: string, module: string): Promise<Module> {
  return JSON.parse(await runGo(go, ["mod", "download", "-json", module], cwd)) as Module;
}

/** Kubernetes points at its libraries by folders of its repository, which no module has: they are published under their names. */
async function buildKubernetes(go: Go, cwd: string, bin: string): Promise<void> {
  const version = `v${VERSIONS.kubernetes}`;
  writeFileSync(join(cwd, "go.mod"), `module controlplane\ngo ${MINIMUM_GO_VERSION}\n`);
  const { GoMod } = await download(go, cwd, `k8s.io/kubernetes@${version}`);
  const libraries = [...readFileSync(GoMod, "utf8").matchAll(/^\s*(?:replace )?(k8s\.io\/\S+) => \.\/staging\//gm)];
  const packages = KUBERNETES.map((name) => `k8s.io/kubernetes/cmd/${name}`);
  const lines = [
    "module controlplane",
    `go ${MINIMUM_GO_VERSION}`,
    `godebug default=go${MINIMUM_GO_VERSION.split(".").slice(0, 2).join(".")}`,
    `require k8s.io/kubernetes ${version}`,
    ...packages.map((name) => `tool ${name}`),
    ...libraries.map(([, name = ""]) => `replace ${name} => ${name} ${LIBRARIES_VERSION}`),
  ];
  writeFileSync(join(cwd, "go.mod"), `${lines.join("\n")}\n`);
  await runGo(go, ["mod", "tidy"], cwd);
  await compile(go, cwd, bin, packages, versionFlags());
}

/** What `kubectl version` and the API server's /version tell; a server that tells none is refused by some clients. */
function versionFlags(): string {
  const [major = "", minor = ""] = VERSIONS.kubernetes.split(".");
  const values = { gitVersion: `v${VERSIONS.kubernetes}`, gitMajor: major, gitMinor: minor };
  return ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]
    .flatMap((name) => Object.entries(values).map(([key, value]) => `-X ${name}.${key}=${value}`))
    .join(" ");
}

async function buildEtcd(go: Go, cwd: string, bin: string): Promise<void> {
  const module = "go.etcd.io/etcd/server/v3";
  const lines = [
    "module etcdbuild",
    `go ${MINIMUM_GO_VERSION}`,
    `require ${module} v${VERSIONS.etcd}`,
    `tool ${module}`,
  ];
  writeFileSync(join(cwd, "go.mod"), `${lines.join("\n")}\n`);
  await runGo(go, ["mod", "tidy"], cwd);
  await compile(go, cwd, join(bin, "etcd"), [module]);
}

async function buildKwok(go: Go, cwd: string, bin: string): Promise<void> {
  writeFileSync(join(cwd, "go.mod"), `module kwokbuild\ngo ${MINIMUM_GO_VERSION}\n`);
  const module = `sigs.k8s.io/kwok@v${VERSIONS.kwok}`;
  const { Dir } = await download(go, cwd, module);
  const stages = STAGE_FILES.map((name) => readFileSync(join(Dir, "kustomize/stage", name), "utf8"));
  writeFileSync(join(bin, STAGES), stages.join("\n---\n"));
  await runGo(go, ["install", ...SMALL, "sigs.k8s.io/kwok/cmd/kwok@v" + VERSIONS.kwok], cwd, { GOBIN: bin });
}

const SMALL = ["-trimpath", "-ldflags", "-s -w"];

async function compile(go: Go, cwd: string, output: string, packages: readonly string[], flags = ""): Promise<void> {
  const target = packages.length > 1 ? `${output}/` : output;
  await runGo(go, ["build", "-trimpath", "-ldflags", `-s -w ${flags}`.trim(), "-o", target, ...packages], cwd);
}
