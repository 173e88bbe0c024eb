import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { scanContainers, scanState } from "../../../components/secret-drift/checker/exposure/documents.ts";
import { tooCommon } from "../../../components/secret-drift/checker/exposure/encodings.ts";
import {
  type Exposure,
  ExposureRecord,
  type ManagedValues,
  type ScanOptions,
  readManaged,
  scan,
} from "../../../components/secret-drift/checker/exposure/index.ts";
import { maybeSecret, namesSecret } from "../../../components/secret-drift/checker/exposure/names.ts";
import { Needles } from "../../../components/secret-drift/checker/exposure/needles.ts";
import { RULES_VERSION, Rules } from "../../../components/secret-drift/checker/exposure/rules.ts";
import { scanBytes } from "../../../components/secret-drift/checker/exposure/text.ts";
import { InvalidMapping, parseMapping } from "../../../components/secret-drift/checker/mapping.ts";
import { FINGERPRINT_KEY } from "../../../components/secret-drift/checker/own-names.ts";
import { SecretValue } from "../../../components/secret-drift/checker/secret-value.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { leaksOf } from "../../helpers/leaks.ts";
import { Random } from "./corpus/random.ts";
import { MemoryStore } from "./memory-store.ts";

const CANARY = 'canary "with" <all> sorts/of+characters & é';
const random = new Random(7);
const TOKEN = `ghp_${random.text(36)}`;
const NOW = Date.UTC(2026, 0, 10);

describe("the exposure scan", function () {
  this.timeout(60_000);

  describe("of text", () => {
    it("finds values that begin and end alike, wherever they stand, and no others", () => {
      const values = Array.from({ length: 2_000 }, (_, index) => `prefix-${random.text(12)}-${index}-suffix`);
      const needles = new Needles(
        values.map((text, index) => ({ secret: String(index), value: new SecretValue(text) })),
      );
      const others = values.map((text) => text.replace("-", "_"));
      const text = Buffer.from([...others, ...values, ...others].join("|"));
      const found = needles
        .search(text)
        .map(({ secrets, start, end }) => [secrets[0], text.toString("utf8", start, end)]);
      assert.deepEqual(
        found,
        values.map((value, index) => [String(index), value]),
      );
      assert.equal(needles.mask(`a ${values[0]} b ${values[1]}`), "a [secret] b [secret]");
    });

    it("tells every secret that has a value", () => {
      const value = new SecretValue(CANARY);
      const [match] = new Needles([
        { secret: "a", value },
        { secret: "b", value },
      ]).search(Buffer.from(CANARY));
      assert.deepEqual(match?.secrets, ["a", "b"]);
    });

    it("finds what is cut by the pieces in which it is read, once, on its line", async () => {
      const line = `${"x".repeat(99)}\n`;
      const before = 1024 * 1024 - 16 * 1024 - 40;
      for (const compress of [false, true]) {
        const parts: string[] = [];
        for (let length = 0; length < 3 * 1024 * 1024; length += line.length) parts.push(line);
        const text = parts.join("");
        const planted = `${text.slice(0, before)}${CANARY}\n${TOKEN} ${text.slice(before)}${CANARY}`;
        const bytes = compress ? gzipSync(planted) : Buffer.from(planted);
        const { sightings, bytes: length } = await scanBytes(pieces(bytes, 1_000), await finders());
        const at = planted.slice(0, before).split("\n").length;
        assert.deepEqual(
          sightings.map(({ rule, line: found }) => [rule, found]),
          [
            ["managed-value", at],
            ["github/GITHUB_TOKEN", at + 1],
            ["managed-value", planted.split("\n").length],
          ],
        );
        assert.equal(length, Buffer.byteLength(planted));
      }
    });

    it("looks only for values in what is no text, and as far as something broken goes", async () => {
      const binary = Buffer.concat([Buffer.alloc(3), Buffer.from(`${TOKEN} ${CANARY}`)]);
      const { sightings, binary: isBinary } = await scanBytes(pieces(binary, 9), await finders());
      assert.deepEqual([sightings.map(({ rule }) => rule), isBinary], [["managed-value"], true]);
      const cut = gzipSync(`${CANARY}\n${random.text(9_000)}`).subarray(0, 5_000);
      assert.equal((await scanBytes(pieces(cut, 100), await finders())).sightings.length, 1);
      assert.deepEqual((await scanBytes(pieces(Buffer.alloc(0), 1), await finders())).sightings, []);
    });

    it("keeps its memory, whatever the size", async () => {
      const piece = Buffer.from(`${random.text(70)}\n`.repeat(1_000));
      async function* stream() {
        for (let index = 0; index < 2_000; index++) yield await Promise.resolve(piece);
      }
      const before = process.memoryUsage().arrayBuffers;
      const { needles } = await finders();
      const { bytes } = await scanBytes(stream(), { mark: String, ...(needles && { needles }) });
      assert.equal(bytes, 2_000 * piece.length);
      const grown = process.memoryUsage().arrayBuffers - before;
      assert.ok(grown < 64 * 1024 * 1024, `${grown} bytes more`);
    });

    it("does not let a comment switch a rule off", async () => {
      const rules = await Rules.load();
      const found = await rules.find(`// secretlint-disable\n// secretlint-disable-next-line\n${TOKEN}\n`);
      assert.deepEqual(
        found.map(({ rule, line }) => [rule, line]),
        [["github/GITHUB_TOKEN", 2]],
      );
    });

    it("knows which rules it has", () => {
      const manifest = join(groundworkRoot, "node_modules/@secretlint/secretlint-rule-preset-recommend/package.json");
      const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
      assert.equal(
        RULES_VERSION.split("/")[0],
        version,
        "raise RULES_VERSION: what was searched has to be searched again",
      );
    });

    it("does not look for what stands in any text, and says so", async () => {
      assert.match(tooCommon("true", 1) ?? "", /shorter than 8/);
      assert.match(tooCommon("postgres", 8) ?? "", /too regular/);
      assert.match(tooCommon("aaaaaaaaaaaaaaaaaaaaaaaa", 8) ?? "", /too regular/);
      assert.match(tooCommon("3fq9Lm2Zx8", 12) ?? "", /shorter than 12/);
      assert.equal(tooCommon("3fq9Lm2Zx8", 8), undefined);
      const { notSearched, count } = await managed({ short: "postgres", fine: CANARY });
      assert.deepEqual(notSearched, [
        { secret: "short", reason: "it is shorter than 12 characters", unasked: false },
        { secret: "absent", reason: "source does not have it", unasked: false },
      ]);
      assert.equal(count, 1);
    });

    it("knows what is called like a secret", () => {
      const yes = [
        "password",
        "PGPASSWORD",
        "stripe.apiKey",
        "secretAccessKey",
        "db_token",
        "privateKeyPem",
        "SECRET_KEY",
      ];
      const no = ["PASSWORD_FILE", "maxTokens", "secretName", "passwordLength", "secretArn", "tokenUrl", "author"];
      assert.deepEqual(yes.filter(namesSecret), yes);
      assert.deepEqual(no.filter(namesSecret), []);
      const values = [
        "${PASSWORD}",
        "$(cat /x)",
        "<token>",
        "/run/secrets/a",
        "your-password-here",
        "changeme",
        "true",
        "",
      ];
      assert.deepEqual(
        values.filter((value) => maybeSecret("password", value)),
        [],
      );
      assert.equal(maybeSecret("existingSecret", "app-database"), false);
      assert.equal(maybeSecret("password", "app-database"), true);
    });
  });

  describe("of documents", () => {
    it("reads states of backends too, and refuses what is no state", async () => {
      const resource = { urn: "urn:x", inputs: { password: random.text(16) } };
      const checkpoint = JSON.stringify({ version: 3, checkpoint: { latest: { resources: [resource] } } });
      const [found] = await scanState(checkpoint, "s.json", await finders());
      assert.deepEqual([found?.rule, found?.property], ["groundwork/PlainSecret", "inputs.password"]);
      const sig = "4dabf18193072939515e22adb298388d";
      const shown = { [sig]: "1b47061264138c4ac30d75fd1eb44270", plaintext: '"shown to everybody"' };
      const exported = JSON.stringify({ deployment: { resources: [{ urn: "urn:y", outputs: { a: [shown] } }] } });
      const [decrypted] = await scanState(exported, "s.json", await finders());
      assert.deepEqual([decrypted?.rule, decrypted?.property], ["groundwork/DecryptedSecret", "outputs.a[0]"]);
      await assert.rejects(scanState("{}", "s.json", await finders()), refusal("s.json holds no state"));
      await assert.rejects(scanState("{", "s.json", await finders()), refusal("s.json is not valid JSON"));
      await assert.rejects(scanContainers("[1]", "c.json", await finders()), refusal("c.json describes no container"));
    });

    it("reads services as well as containers", async () => {
      const TaskTemplate = { ContainerSpec: { Env: [`A=${CANARY}`], Args: ["--token", "x"] } };
      const service = JSON.stringify([{ ID: "1", Spec: { Name: "web", TaskTemplate } }]);
      const [found, ...others] = await scanContainers(service, "c.json", await finders());
      assert.deepEqual([found?.secret, found?.resource, found?.property, others.length], ["fine", "web", "A", 0]);
    });
  });

  describe("of a repository", () => {
    it("looks at each version once, and again only for what is new", async () => {
      const folder = repositoryWith({ "a.txt": `${CANARY}\n`, "b.txt": "nothing\n", "c.txt": `${TOKEN}\n` });
      const record = new ExposureRecord(new DatabaseSync(":memory:"));
      const first = await scan({ ...(await options(folder)), record });
      assert.deepEqual([first.counts.files, first.counts.remembered, first.counts.commits], [3, 0, 1]);
      const second = await scan({ ...(await options(folder)), record });
      assert.deepEqual([second.counts.remembered, second.counts.bytes], [3, 0]);
      assert.deepEqual(second.exposures, first.exposures);
      writeFileSync(join(folder, "b.txt"), `x\ny ${CANARY}\n`);
      const third = await scan({ ...(await options(folder)), record });
      assert.deepEqual([third.counts.files, third.counts.remembered], [4, 3]);
      assert.deepEqual(third.exposures.map(shown), ["a.txt:1 fine", "b.txt:2 fine", "c.txt:1 github/GITHUB_TOKEN"]);
      const changed = await scan({ ...(await options(folder, { fine: `${CANARY}, changed` })), record });
      assert.equal(changed.counts.remembered, 0, "the rules' part is remembered, that of the values is not");
      assert.deepEqual(changed.exposures.map(shown), ["c.txt:1 github/GITHUB_TOKEN"]);
    });

    it("remembers what it has found until it is gone", async () => {
      const folder = repositoryWith({ "c.txt": `${TOKEN}\n` });
      writeFileSync(join(folder, "a.txt"), `${CANARY}\n`);
      const record = new ExposureRecord(new DatabaseSync(":memory:"));
      await scan({ ...(await options(folder)), record });
      await scan({ ...(await options(folder)), record, now: NOW + 1 });
      assert.deepEqual(
        record
          .open()
          .map(({ firstSeen, lastSeen, ...each }) => [shown(each), lastSeen - firstSeen])
          .sort(),
        [
          ["a.txt:1 fine", 1],
          ["c.txt:1 github/GITHUB_TOKEN", 1],
        ],
      );
      rmSync(join(folder, "a.txt"));
      // without the values, or without the history, nobody knows
      const { managed: _, ...withoutValues } = await options(folder);
      await scan({ ...withoutValues, record, now: NOW + 2 });
      await scan({ ...(await options(folder)), targets: { repository: folder, history: false }, record, now: NOW + 3 });
      assert.ok(record.open().some(({ secret }) => secret === "fine"));
      await scan({ ...(await options(folder)), record, now: NOW + 4 });
      assert.ok(!record.open().some(({ secret }) => secret === "fine"));
      assert.equal(record.since(0).find(({ secret }) => secret === "fine")?.resolvedAt, NOW + 4);
      assert.equal(record.lastScan(), NOW + 4);
      record.forget(NOW + 5);
      assert.ok(!record.since(0).some(({ secret }) => secret === "fine"));
    });

    it("leaves alone what an exception names, until its day is over", async () => {
      const folder = repositoryWith({ "test/a.txt": `${CANARY}\n`, "test/c.txt": `${TOKEN}\n` });
      const github = { path: "test/**", rule: "github", reason: "an example", until: "2026-01-10" };
      const unused = { path: "docs/**", rule: "slack", reason: "an example" };
      const during = await scan({ ...(await options(folder)), exceptions: [github, unused] });
      assert.deepEqual(during.exposures.map(shown), ["test/a.txt:1 fine"]);
      assert.deepEqual([during.excepted, during.expired, during.unused], [1, [], [unused]]);
      const after = await scan({ ...(await options(folder)), exceptions: [github], now: NOW + 24 * 3_600_000 });
      assert.deepEqual([after.exposures.length, after.excepted, after.expired], [2, 0, [github]]);
    });

    it("refuses exceptions without a reason, and what is no repository", async () => {
      const parse = (text: string) =>
        parseMapping(`source: { store: a, scope: b }\nstores: { a: { kind: file } }\nsecrets: {}\n${text}`, "m.yaml");
      const refused = (text: string, message: string) => assert.throws(() => parse(text), refusal(message));
      refused("exposure: { ignored: [] }", "m.yaml has the unknown key exposure.ignored: write one of ignore");
      refused("exposure: { ignore: [{ path: a, rule: b }] }", "m.yaml has exposure.ignore[0].reason as nothing");
      refused(
        "exposure: { ignore: [{ path: a, rule: b, reason: c, until: '2026-02-30' }] }",
        'm.yaml has exposure.ignore[0].until as "2026-02-30": write a day of the calendar, YYYY-MM-DD',
      );
      await assert.rejects(scan(await options(temporaryFolder())), refusal("is no git repository"));
      const missing = { targets: { files: ["/nowhere/at/all"] } };
      await assert.rejects(scan(missing), refusal("/nowhere/at/all cannot be read (ENOENT)"));
    });

    it("does not start what a repository's own settings name, nor fetch what it lacks", async () => {
      const folder = repositoryWith({ "a.txt": `${CANARY}\n` });
      const trap = join(folder, "started");
      execFileSync("git", ["-C", folder, "config", "core.fsmonitor", `touch ${trap}; false`]);
      const { exposures } = await scan(await options(folder));
      assert.equal(exposures.length, 1);
      assert.throws(() => readFileSync(trap), /ENOENT/);
    });

    it("tells that a clone is shallow, and reads one without a work tree", async () => {
      const folder = repositoryWith({ "a.txt": `${CANARY}\n` });
      rmSync(join(folder, "a.txt"));
      commit(folder, "gone");
      const clones = temporaryFolder();
      const clone = (...args: readonly string[]) =>
        execFileSync("git", ["clone", "-q", ...args, `file://${folder}`, join(clones, args[0] ?? "")], {
          stdio: "ignore",
        });
      clone("--depth=1");
      const shallow = await scan(await options(join(clones, "--depth=1")));
      assert.deepEqual([shallow.exposures, shallow.notes.length], [[], 1]);
      assert.match(shallow.notes[0] ?? "", /shallow clone/);
      clone("--bare");
      const bare = await scan(await options(join(clones, "--bare")));
      assert.deepEqual(bare.exposures.map(shown), ["a.txt:1 fine"]);
    });

    it("is none the worse for a kill in the middle", async () => {
      const files = Object.fromEntries(
        Array.from({ length: 1_500 }, (_, index) => [
          `f${index}.txt`,
          `${random.text(2_000)}\n${index % 9 === 0 ? CANARY : ""}\n`,
        ]),
      );
      const folder = repositoryWith(files);
      const database = join(temporaryFolder(), "record.db");
      await killedAfterSome(folder, database);
      const record = new ExposureRecord(new DatabaseSync(database));
      const { exposures, counts } = await scan({ ...(await options(folder)), record });
      assert.equal(exposures.length, Math.ceil(1_500 / 9));
      assert.equal(counts.files, 1_500);
      assert.ok(counts.remembered > 0 && counts.remembered < 1_500, `${counts.remembered} remembered`);
    });

    it("writes no value down", async () => {
      const folder = repositoryWith({ "a.txt": `${CANARY} ${TOKEN}\n`, [`keys/${TOKEN}.txt`]: "x\n" });
      const database = join(temporaryFolder(), "record.db");
      const handle = new DatabaseSync(database);
      const report = await scan({ ...(await options(folder)), record: new ExposureRecord(handle) });
      handle.close();
      const hidden = [CANARY, TOKEN].map((value) => ({ name: value, value }));
      const texts = { report: JSON.stringify(report), database: readFileSync(database, "latin1") };
      assert.equal(report.exposures.length, 3);
      assert.deepEqual(leaksOf(hidden, { folders: [], texts }), []);
    });
  });
});

function shown({ path, lines, secret, rule }: Pick<Exposure, "path" | "lines" | "secret" | "rule">): string {
  return `${path}:${lines.join()} ${secret ?? rule}`;
}

function refusal(message: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof InvalidMapping, String(error));
    assert.ok(error.message.includes(message), error.message);
    return true;
  };
}

function pieces(bytes: Buffer, length: number): AsyncIterable<Uint8Array> {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += length) parts.push(bytes.subarray(at, at + length));
  return Readable.from(parts);
}

async function managed(values: Readonly<Record<string, string>>): Promise<ManagedValues> {
  const source = new MemoryStore("source");
  source.set("prod", FINGERPRINT_KEY, Buffer.alloc(32, 7).toString("base64"));
  for (const [id, value] of Object.entries(values)) source.set("prod", id, value);
  const entries = [...Object.keys(values), "absent"].map(
    (id) => `  ${id}: { property: ${id}, places: [{ store: copy, scope: c, name: ${id} }] }`,
  );
  const stores = "stores: { source: { kind: file }, copy: { kind: file } }";
  const text = `source: { store: source, scope: prod }\n${stores}\nsecrets:\n${entries.join("\n")}\n`;
  return readManaged(parseMapping(text, "secrets.yaml"), source);
}

async function finders() {
  const { needles } = await managed({ fine: CANARY });
  return { needles, rules: await Rules.load(), mark: (text: string) => String(text.length) };
}

async function options(repository: string, values = { fine: CANARY }): Promise<ScanOptions> {
  return { targets: { repository }, managed: await managed(values), now: NOW };
}

function repositoryWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(files);
  execFileSync("git", ["-C", folder, "init", "-q"]);
  commit(folder, "first");
  return folder;
}

function commit(folder: string, message: string): void {
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false"];
  execFileSync("git", ["-C", folder, "add", "--all"]);
  execFileSync("git", ["-C", folder, ...who, "commit", "-q", "-m", message]);
}

/** A scan of its own process that is killed once it has written something down. */
async function killedAfterSome(folder: string, database: string): Promise<void> {
  const module = (path: string) => JSON.stringify(join(groundworkRoot, "components/secret-drift/checker", path));
  const script = `
    import { DatabaseSync } from "node:sqlite";
    import { ExposureRecord, readManaged, scan } from ${module("exposure/index.ts")};
    import { Needles } from ${module("exposure/needles.ts")};
    import { Fingerprints } from ${module("fingerprint.ts")};
    import { SecretValue } from ${module("secret-value.ts")};
    const record = new ExposureRecord(new DatabaseSync(${JSON.stringify(database)}));
    const memory = record.memory.bind(record);
    record.memory = (...args) => {
      const each = memory(...args);
      let count = 0;
      return { ...each, put(...put) { each.put(...put); if (++count === 700) process.kill(process.pid, "SIGKILL"); } };
    };
    const fingerprints = new Fingerprints(Buffer.alloc(32, 7));
    const [version] = process.argv.slice(1);
    const needles = new Needles([{ secret: "fine", value: new SecretValue(${JSON.stringify(CANARY)}) }]);
    const managed = { needles, fingerprints, version, count: 1, notSearched: [] };
    await scan({ targets: { repository: ${JSON.stringify(folder)} }, managed, record, now: ${NOW} });
  `;
  const { version } = await managed({ fine: CANARY });
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script, version], {
    stdio: "inherit",
  });
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals | null>();
  child.once("close", (_, signal) => resolve(signal));
  assert.equal(await promise, "SIGKILL");
}
