import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { type Binary, ensureBinaries } from "../../../scripts/rehearsal/control-planes/build.ts";
import { MINIMUM_GO_VERSION } from "../../../scripts/rehearsal/control-planes/versions.ts";
import { killTree } from "../../../scripts/rehearsal/engine/processes.ts";
import { isExecutable } from "../../../scripts/rehearsal/engine/path.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { until } from "./planes.ts";

const PROGRAMS: readonly Binary[] = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "etcd",
  "kwok",
];

/** Says what Go says and makes what Go makes, in no time, or once the file `gate` is gone. */
const GO = `#!/bin/sh
echo "$*" >> "$FAKE_GO/log"
make() { echo '#!/bin/sh' > "$1"; chmod +x "$1"; }
case "$1" in
  version) echo "go version go${MINIMUM_GO_VERSION} linux/amd64" ;;
  mod)
    [ "$2" = download ] || exit 0
    mkdir -p "$FAKE_GO/module"
    for stage in node/fast/node-initialize node/heartbeat-with-lease/node-heartbeat-with-lease pod/fast/pod-ready pod/fast/pod-complete pod/fast/pod-delete; do
      mkdir -p "$(dirname "$FAKE_GO/module/kustomize/stage/$stage")"
      echo "stage: $stage" > "$FAKE_GO/module/kustomize/stage/$stage.yaml"
    done
    echo "k8s.io/api => ./staging/src/k8s.io/api" > "$FAKE_GO/module/go.mod"
    echo "{\\"Dir\\": \\"$FAKE_GO/module\\", \\"GoMod\\": \\"$FAKE_GO/module/go.mod\\"}" ;;
  build)
    while [ -e "$FAKE_GO/gate" ]; do sleep 0.05; done
    while [ "$1" != -o ]; do shift; done
    output=$2; shift 2
    case "$output" in
      */) for package; do make "$output$(basename "$package")"; done ;;
      *) make "$output" ;;
    esac ;;
  install) make "$GOBIN/kwok" ;;
esac
`;

describe("the build of the control plane", () => {
  const script = join(import.meta.dirname, "build-once.ts");

  /** A cache of its own, and an environment whose Go is the one above. */
  function place(): { readonly cache: string; readonly go: string; readonly env: Record<string, string> } {
    const folder = temporaryFolder({ "go/go": GO, "go/log": "" });
    const go = join(folder, "go");
    chmodSync(join(go, "go"), 0o755);
    return {
      cache: join(folder, "cache"),
      go,
      env: { FAKE_GO: go, PATH: `${go}${delimiter}${process.env["PATH"] ?? ""}` },
    };
  }

  const builds = (go: string): number =>
    readFileSync(join(go, "log"), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("build ")).length;
  const started = (go: string) => until(() => Promise.resolve(builds(go) > 0 ? true : undefined), "the compiler");

  it("is made by one process when two want it at once, and the other takes what it made", async () => {
    const { cache, go, env } = place();
    writeFileSync(join(go, "gate"), "");
    const first = execa(process.execPath, [script, cache], { env });
    await started(go);
    const second = execa(process.execPath, [script, cache], { env });
    let told = "";
    second.stdout.on("data", (chunk: Buffer) => (told += chunk.toString()));
    await until(() => Promise.resolve(told.includes("another process builds it") ? true : undefined), "its turn");
    rmSync(join(go, "gate"));
    const [one, other] = await Promise.all([first, second]);
    assert.match(one.stdout, /building Kubernetes .*\n.*building etcd .*\n.*building kwok .*\nhas them$/s);
    assert.match(other.stdout, /^control plane: another process builds it.*\nhas them$/);
    assert.equal(builds(go), 2, "Kubernetes and etcd, once each");
  });

  it("begins again after it was killed, and is there only when it is whole", async () => {
    const { cache, go, env } = place();
    writeFileSync(join(go, "gate"), "");
    const killed = execa(process.execPath, [script, cache], { env, reject: false });
    await started(go);
    killTree(killed.pid ?? assert.fail("it has no process number"));
    assert.equal((await killed).signal, "SIGKILL");
    rmSync(join(go, "gate"));
    const options = { cacheDir: cache, env: { ...process.env, ...env }, progress: () => undefined };
    const binaries = await ensureBinaries(options);
    for (const name of PROGRAMS) assert.ok(isExecutable(binaries.path(name)), name);
    assert.match(readFileSync(binaries.stages, "utf8"), /node-initialize\n\n---\nstage: node\/heartbeat/);
    assert.ok(!existsSync(join(cache, "control-plane", "work")), "what it worked with is gone");
    const before = builds(go);
    await ensureBinaries(options);
    assert.equal(builds(go), before, "what is there is taken");
  });

  it("says what is missing where there is no Go, or one that is too old", async () => {
    const { cache, go, env } = place();
    const missing = ensureBinaries({ cacheDir: cache, env: { PATH: "/nowhere" }, progress: () => undefined });
    await assert.rejects(missing, /cannot be built \(Go 1\.26\.0 or newer is not on PATH\): install Go 1\.26\.0/);
    writeFileSync(join(go, "go"), "#!/bin/sh\necho go version go1.21.0 linux/amd64\n");
    const old = ensureBinaries({ cacheDir: cache, env, progress: () => undefined });
    await assert.rejects(old, /is Go 1\.21\.0, older than 1\.26\.0/);
  });
});
