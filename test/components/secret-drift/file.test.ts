import assert from "node:assert/strict";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { InvalidMapping } from "../../../components/secret-drift/checker/reader.ts";
import { SecretValue } from "../../../components/secret-drift/checker/secret-value.ts";
import { type Asked, MISSING } from "../../../components/secret-drift/checker/store.ts";
import { FileStore } from "../../../components/secret-drift/checker/stores/file.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { describeStore } from "./store-contract.ts";

const CHECKER = join(import.meta.dirname, "../../../components/secret-drift/checker");
const CANARY = "canary-that-must-not-be-lost";

function ok<T>(asked: Asked<T>): T {
  assert.ok(asked.ok, asked.ok ? "" : asked.problem.message);
  return asked.value;
}

async function encryptedFile() {
  const folder = temporaryFolder();
  const [scope, identityFile] = [join(folder, "s.age"), join(folder, "identity.txt")];
  const store = new FileStore({ name: "local", identityFile });
  await store.create(scope);
  const held = async (name: string) => {
    const answer = ok(await store.read(scope, [name])).get(name);
    return answer?.ok === true && answer.value !== MISSING ? answer.value.reveal() : undefined;
  };
  const put = async (name: string, value: string) => void ok(await store.write(scope, name, new SecretValue(value)));
  return { folder, store, scope, identityFile, held, put };
}

describe("a file that age has encrypted", function () {
  this.timeout(60_000);
  describeStore(encryptedFile);

  it("is well only where it can be opened", async () => {
    const { store, scope } = await encryptedFile();
    const kind = async () => {
      const health = await store.health(scope);
      return health.ok ? "ok" : health.problem.kind;
    };
    assert.equal(await kind(), "ok");
    writeFileSync(scope, "junk");
    assert.equal(await kind(), "unauthorized");
    rmSync(scope);
    assert.equal(await kind(), "no-such-scope");
    assert.notEqual(store.service(scope), store.service(`${scope}.other`), "each file is asked for itself");
  });

  it("is not made where it cannot be: one sentence says where", async () => {
    const folder = temporaryFolder();
    const store = (identityFile: string) => new FileStore({ name: "local", identityFile });
    const identity = join(folder, "identity.txt");
    await store(identity).create(join(folder, "s.age"));
    const instead = "name another file in stores.local, or as a scope of it";
    for (const [made, file] of [
      [store("/proc/x/y/identity.txt").create(join(folder, "t.age")), "/proc/x/y/identity.txt"],
      [store(identity).create("/proc/x/y/s.age"), "/proc/x/y/s.age"],
    ] as const)
      await assert.rejects(
        made,
        (error) =>
          error instanceof InvalidMapping &&
          error.message === `the folder /proc/x of ${file} cannot be made (ENOENT): ${instead}`,
      );
    await assert.rejects(
      store("/proc/identity.txt").create(join(folder, "t.age")),
      /^InvalidMapping: \/proc\/identity\.txt cannot be written \(E\w+\)$/,
    );
  });

  it("stays as it was when the disk takes only a part of the new one", async () => {
    const { folder, scope, identityFile, held, put } = await encryptedFile();
    await put("OLD", CANARY);
    const before = readFileSync(scope, "utf8");
    // a limit of the size of files cuts a write short as a full disk does: a part is written, without an error
    const script = `
      import { FileStore } from ${JSON.stringify(join(CHECKER, "stores/file.ts"))};
      import { SecretValue } from ${JSON.stringify(join(CHECKER, "secret-value.ts"))};
      process.on("SIGXFSZ", () => undefined);
      const store = new FileStore({ name: "local", identityFile: ${JSON.stringify(identityFile)} });
      console.log(JSON.stringify(await store.write(${JSON.stringify(scope)}, "NEW", new SecretValue("y".repeat(6_000)))));
    `;
    const node = [process.execPath, "--input-type=module", "--eval", script];
    const { stdout } = await execa("bash", ["-c", 'ulimit -f 4 && exec "$@"', "bash", ...node]);
    assert.deepEqual(JSON.parse(stdout), {
      ok: false,
      problem: { kind: "unavailable", message: `${scope} cannot be written (EFBIG)` },
    });
    assert.equal(readFileSync(scope, "utf8"), before);
    assert.equal(await held("OLD"), CANARY);
    assert.deepEqual(readdirSync(folder).sort(), ["identity.txt", "s.age"]);
  });
});
