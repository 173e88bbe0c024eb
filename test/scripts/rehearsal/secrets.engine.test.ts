import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { before, describe, it } from "mocha";
import { type ExportedState, resourcesOf } from "../../../scripts/rehearsal/deployment.ts";
import { engineEnvironment } from "../../../scripts/rehearsal/engine/index.ts";
import { ensureHome } from "../../../scripts/rehearsal/home.ts";
import { loadKeys } from "../../../scripts/rehearsal/keys.ts";
import { foldersIn, groundwork, reportOf } from "../../helpers/command-line.ts";
import { fixture } from "../../helpers/fixtures.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { type Hidden, leaksOf } from "../../helpers/leaks.ts";
import { realEngine } from "../engine/tiny.ts";

/** Every character that some encoding writes in another way. */
const CANARY = `${randomBytes(16).toString("hex")} "quoted" <&> \\ %/+ü`;
const HIDDEN: readonly Hidden[] = [
  { name: "the canary", value: CANARY },
  // also where it was cut or changed around it
  { name: "the canary's digits", value: CANARY.slice(0, 32) },
];

describe("secrets of a rehearsed program", () => {
  const home = temporaryFolder();
  let project: string;
  const rehearse = async (...args: string[]) => {
    const words = ["rehearse", "--project", project, "-s", "test", ...args];
    const result = await groundwork(words, { home, env: { CANARY } });
    return { ...result, texts: { stdout: result.stdout, stderr: result.stderr } };
  };

  before(async () => {
    await realEngine();
    project = fixture("secrets");
    // all but the engine itself is looked through
    const shared = join(ensureHome(), "cache");
    mkdirSync(join(home, "cache"));
    symlinkSync(join(shared, "engine"), join(home, "cache/engine"));
    if (existsSync(join(shared, "schemas"))) {
      cpSync(join(shared, "schemas"), join(home, "cache/schemas"), { recursive: true });
    }
  });

  it("can be read nowhere after the engine was killed", async () => {
    const { exitCode, texts, ...result } = await rehearse("--json", "--fault", "power:after@*::app");
    assert.equal(exitCode, 1, result.stderr);
    assert.equal(reportOf(result).stopped?.operation, "up", result.stdout);
    assert.deepEqual(leaksOf(HIDDEN, { folders: [home], texts }), []);
  });

  it("can be read nowhere while everything is kept, nor can what was generated", async () => {
    const { exitCode, texts, ...result } = await rehearse("--keep");
    assert.equal(exitCode, 0, `${result.stderr}\n${result.stdout}`);
    assert.match(result.stdout, /secrets:token {2}\(secret: string\)/);

    const state = await decrypted();
    const generated: readonly Hidden[] = [
      { name: "the generated password", value: secretOutput(state, "password") },
      { name: "the stand-in of the secret config", value: secretOutput(state, "token") },
    ];
    assert.deepEqual(leaksOf([...HIDDEN, ...generated], { folders: [home], texts }), []);
  });

  for (const what of ["choice", "name", "mount", "object", "block"]) {
    it(`can be read nowhere when a provider complains of one (${what})`, async () => {
      const stackFile = join(project, "Pulumi.test.yaml");
      writeFileSync(stackFile, `${readFileSync(stackFile, "utf8")}  secrets:malformed: ${what}\n`);
      const { exitCode, texts, ...result } = await rehearse("--json");
      writeFileSync(stackFile, readFileSync(stackFile, "utf8").replace(/.*malformed.*\n/, ""));
      assert.equal(exitCode, 1, result.stderr);
      const { stopped } = reportOf(result);
      assert.equal(stopped?.operation, "preview");
      assert.match(stopped?.reason ?? "", new RegExp(`::${what}: .*\\[secret\\]`));
      assert.deepEqual(leaksOf(HIDDEN, { folders: [home], texts }), []);
    });
  }

  /** The state as only the holder of the passphrase can read it. */
  async function decrypted(): Promise<ExportedState> {
    const engine = await realEngine();
    const folders = foldersIn(home, project, "test");
    const env = {
      ...process.env,
      PULUMI_HOME: temporaryFolder(),
      PULUMI_BACKEND_URL: pathToFileURL(folders.backend).href,
      PULUMI_CONFIG_PASSPHRASE: loadKeys(folders.keys).passphrase,
    };
    const { stdout } = await execa(engine.pulumi, ["stack", "export", "--stack", "test", "--show-secrets"], {
      cwd: folders.copy,
      env: engineEnvironment(engine, env),
      extendEnv: false,
    });
    return JSON.parse(stdout) as ExportedState;
  }
});

function secretOutput(state: ExportedState, name: string): string {
  const stack = resourcesOf(state).find(({ type }) => type === "pulumi:pulumi:Stack");
  return JSON.parse((stack?.outputs?.[name] as { readonly plaintext: string }).plaintext) as string;
}
