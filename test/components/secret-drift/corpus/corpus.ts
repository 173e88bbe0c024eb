import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { Random } from "./random.ts";
import { BLOCKS, ENCODERS, type ManagedSecret, TOKENS, decoy, managedSecrets, shellQuoted } from "./values.ts";

/** What was put somewhere, and must be found there. */
export interface Plant {
  /** Id of a managed secret; absent where only a rule can know it. */
  readonly secret?: string;
  /** How it was written, or which service's token it is. */
  readonly kind: string;
  readonly where: string;
  readonly path: string;
  /** Between which lines it stands; absent where there are none. */
  readonly lines?: readonly [from: number, to: number];
  readonly property?: string;
}

export interface Corpus {
  readonly secrets: readonly ManagedSecret[];
  readonly plants: readonly Plant[];
  readonly decoys: number;
  /** What was planted and must not be read anywhere. */
  readonly tokens: readonly string[];
  readonly repository: string;
  readonly manifests: string;
  readonly state: string;
  readonly containers: string;
  readonly logs: readonly string[];
}

const DAY = 24 * 60 * 60 * 1_000;

/** Makes a repository with history, manifests, a state, containers and logs, the same for the same seed. */
export function makeCorpus(folder: string, seed: number): Corpus {
  return new Maker(folder, new Random(seed)).make();
}

class Maker {
  readonly #folder: string;
  readonly #random: Random;
  readonly #secrets: readonly ManagedSecret[];
  readonly #plants: Plant[] = [];
  readonly #tokens: string[] = [];
  #decoys = 0;
  #commits = 0;

  constructor(folder: string, random: Random) {
    this.#folder = folder;
    this.#random = random;
    this.#secrets = managedSecrets(random);
  }

  make(): Corpus {
    const repository = this.#repository();
    const manifests = this.#manifests();
    const state = this.#write("export.json", JSON.stringify(this.#state()));
    const containers = this.#write("inspect.json", JSON.stringify(this.#containers()));
    const logs = this.#logs();
    const { plants, secrets, decoys, tokens } = { ...this.#made(), secrets: this.#secrets };
    return { secrets, plants, decoys, tokens, repository, manifests, state, containers, logs };
  }

  #made() {
    return { plants: this.#plants, decoys: this.#decoys, tokens: this.#tokens };
  }

  #repository(): string {
    const root = join(this.#folder, "repository");
    mkdirSync(root);
    this.#git("init", "-q", "-b", "main");
    this.#write("repository/.gitignore", "ignored/\n");
    this.#write("repository/ignored/.env", `PASSWORD=${this.#secrets[0]?.value ?? ""}\n`);
    this.#encodings();
    this.#commit("The files as they are");
    this.#past();
    this.#write("repository/blob.bin", Buffer.concat([Buffer.alloc(64), Buffer.from(this.#value(2)), Buffer.alloc(9)]));
    this.#planted({ kind: "in a binary", where: "work-tree", path: "blob.bin", secret: "secret-02" });
    const named = `keys/${this.#value(8)}.txt`;
    this.#write(`repository/${named}`, "nothing\n");
    this.#planted({ kind: "name of a file", where: "work-tree", path: "keys/[secret].txt", secret: "secret-08" });
    this.#commit(`Rotates\n\nthe old one was ${this.#value(0)}, do not use it`);
    this.#planted({
      kind: "message",
      where: "commit-message",
      path: "commit message",
      lines: [3, 3],
      secret: "secret-00",
    });
    this.#write("repository/untracked.env", `A=1\nB=${this.#value(1)}\n`);
    this.#planted({ kind: "untracked", where: "work-tree", path: "untracked.env", lines: [2, 2], secret: "secret-01" });
    const wide = Buffer.from(`\ufeffA\nB=${this.#value(5)}\n`, "utf16le");
    this.#write("repository/wide.txt", wide);
    this.#planted({
      kind: "wide characters",
      where: "work-tree",
      path: "wide.txt",
      lines: [2, 2],
      secret: "secret-05",
    });
    return root;
  }

  /** Each value in each encoding, each token plain and in base64, between decoys. */
  #encodings(): void {
    const quoted = shellQuoted(this.#secrets.map(({ value }) => value));
    for (const [index, { id, value }] of this.#secrets.entries()) {
      const lines = value.includes("\n") ? undefined : ENCODERS;
      const path = `src/${id}.txt`;
      const texts = Object.entries(lines ?? {}).map(([kind, encode]) => ({ kind, text: encode(value, this.#random) }));
      const shell = { kind: "shell, by printf %q", text: quoted[index] ?? "" };
      // bash writes what is not ASCII, and ends of lines, in octal numbers
      const isOctal = shell.text.startsWith("$'");
      const inLines = Object.entries(ENCODERS)
        .filter(([kind]) => lines === undefined && kind !== "YAML, in quotes" && kind !== "base64 of wide characters")
        .map(([kind, encode]) => ({ kind, text: encode(value, this.#random) }));
      const blocks = Object.entries(BLOCKS).map(([kind, encode]) => ({ kind, text: encode(value, this.#random) }));
      const all = [...texts, ...inLines, ...(isOctal ? [] : [shell]), ...blocks];
      this.#file(path, all, { secret: id });
    }
    const tokens = Object.entries(TOKENS).map(([kind, make]) => ({ kind, text: this.#token(make(this.#random)) }));
    this.#file("src/tokens.txt", tokens, {});
    const encoded = Object.entries(TOKENS).map(([kind, make]) => {
      const token = this.#token(make(this.#random));
      return { kind: `${kind}, base64`, text: `v: ${Buffer.from(token).toString("base64")}` };
    });
    this.#file("src/encoded.txt", encoded, {});
    const keys = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"];
    this.#file(
      "src/keys.txt",
      keys.map((kind) => ({ kind, text: this.#random.privateKey(kind) })),
      {},
    );
    for (let index = 0; index < 40; index++) this.#file(`docs/decoys-${index}.md`, [], {});
  }

  /** Files that are no longer there, and one that still is but does not have it any more. */
  #past(): void {
    for (const index of [3, 4, 6, 7, 9]) {
      const { id, value } = this.#secrets[index] ?? { id: "", value: "" };
      const path = `old/${id}.env`;
      this.#write(`repository/${path}`, `A=1\nB=${value}\n`);
      this.#planted({ kind: "earlier version", where: "history", path, lines: [2, 3], secret: id });
    }
    const token = this.#token(`ghp_${this.#random.text(36)}`);
    this.#write("repository/old/token.ts", `export const token = "${token}";\n`);
    this.#planted({ kind: "github, earlier version", where: "history", path: "old/token.ts", lines: [1, 1] });
    this.#commit("Some that will go");
    rmSync(join(this.#folder, "repository/old"), { recursive: true });
    this.#write("repository/old/token.ts", "export const token = process.env.TOKEN;\n");
    this.#commit("They are gone");
  }

  #manifests(): string {
    const documents = this.#secrets.slice(0, 9).map(({ id, value }) => {
      const data = { apiVersion: "v1", kind: "Secret", metadata: { name: id, namespace: "app" } };
      this.#planted({ kind: "Secret", where: "manifest", path: `rendered/${id}.yaml`, lines: [6, 6], secret: id });
      const head = `apiVersion: ${data.apiVersion}\nkind: Secret\nmetadata: { name: ${id}, namespace: app }\ntype: Opaque\ndata:\n`;
      return [`rendered/${id}.yaml`, `${head}  value: ${Buffer.from(value).toString("base64")}\n`] as const;
    });
    for (const [path, text] of documents) this.#write(path, text);
    const password = this.#token(this.#random.text(20));
    const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  template:
    spec:
      containers:
        - name: app
          env:
            - name: DB_PASSWORD
              value: ${password}
            - name: CACHE_PASSWORD
              valueFrom: { secretKeyRef: { name: cache, key: password } }
            - { name: TOKEN_FILE, value: /run/secrets/token }
            - { name: DB_SECRET_NAME, value: app-database }
`;
    this.#write("rendered/deployment.yaml", deployment);
    this.#planted({
      kind: "variable of a manifest",
      where: "manifest",
      path: "rendered/deployment.yaml",
      lines: [11, 11],
    });
    this.#write("rendered/broken.yaml", "a: [1\n  - {{ .Values.x }}\n");
    return join(this.#folder, "rendered");
  }

  #state(): object {
    const sealed = (length: number) => ({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      ciphertext: `v1:${this.#random.bytes(9).toString("base64")}:${this.#random.bytes(length).toString("base64")}`,
    });
    const urn = (type: string, name: string) => `urn:pulumi:prod::shop::${type}::${name}`;
    const resources: object[] = this.#secrets.slice(0, 9).map(({ id, value }) => {
      this.#planted({
        kind: "state",
        where: "state",
        path: "export.json",
        property: "inputs.triggers.value",
        secret: id,
      });
      return {
        urn: urn("null:index:Resource", id),
        inputs: { triggers: { value } },
        outputs: { password: sealed(30) },
      };
    });
    const plain = (property: string, kind: string) => {
      this.#planted({ kind, where: "state", path: "export.json", property });
      return this.#token(this.#random.text(20));
    };
    resources.push(
      {
        urn: urn("aws:rds/instance:Instance", "db"),
        inputs: { password: plain("inputs.password", "plain property"), passwordLength: "24", username: "app" },
      },
      {
        urn: urn("random:index/randomPassword:RandomPassword", "generated"),
        outputs: { length: 24, result: plain("outputs.result", "secret output in plain text") },
        additionalSecretOutputs: ["result"],
      },
      {
        urn: urn("custom:index:Thing", "leaky"),
        inputs: { passphrase: sealed(20) },
        outputs: { passphrase: plain("outputs.passphrase", "secret input, plain output") },
      },
      {
        urn: urn("aws:ecs/taskDefinition:TaskDefinition", "task"),
        inputs: {
          containerDefinitions: JSON.stringify([
            {
              environment: [
                {
                  name: "API_TOKEN",
                  value: plain("inputs.containerDefinitions[0].environment[0].value", "JSON in a state"),
                },
              ],
            },
            { secrets: [{ name: "PASSWORD", valueFrom: "arn:aws:ssm:us-west-2:123456789012:parameter/db" }] },
          ]),
        },
      },
    );
    return { version: 3, deployment: { resources } };
  }

  #containers(): object[] {
    const variable = (name: string, kind: string, secret?: string) => {
      this.#planted({ kind, where: "container", path: "inspect.json", property: name, ...(secret && { secret }) });
      return name;
    };
    const own = this.#secrets.slice(0, 9).map(({ id, value }, index) => {
      const name = variable(`VALUE_${index}`, "variable", id);
      return {
        Id: this.#random.hex(64),
        Name: `/app-${index}`,
        Config: { Env: ["PATH=/usr/bin", `${name}=${value}`] },
      };
    });
    const password = this.#token(this.#random.text(20));
    const url = this.#token(`postgres://app:${this.#random.text(16)}@db:5432/app`);
    const Env = [
      `${variable("POSTGRES_PASSWORD", "called like a secret")}=${password}`,
      `${variable("DATABASE_URL", "login in an address")}=${url}`,
      "POSTGRES_PASSWORD_FILE=/run/secrets/password",
      "REDIS_PASSWORD=$(cat /run/secrets/redis)",
      "MAX_TOKENS=4096",
    ];
    return [
      ...own,
      { Id: this.#random.hex(64), Name: "/db", Config: { Env, Image: `sha256:${this.#random.hex(64)}` } },
    ];
  }

  #logs(): string[] {
    return ["app.log", "app.log.gz"].map((name) => {
      const lines = this.#secrets
        .filter(({ value }) => !value.includes("\n"))
        .map(({ id, value }) => ({ secret: id, text: `msg=${JSON.stringify(`sent ${value}`)}` }));
      const all: string[] = [];
      for (const { secret, text } of lines) {
        for (let index = 0; index < 20; index++) all.push(this.#logLine());
        all.push(`2026-01-01T00:00:00Z ERROR ${text}`);
        this.#planted({ kind: "log", where: "log", path: name, lines: [all.length, all.length], secret });
      }
      const text = `${all.join("\n")}\n`;
      return this.#write(name, name.endsWith(".gz") ? gzipSync(text) : text);
    });
  }

  #logLine(): string {
    this.#decoys += 1;
    return `2026-01-01T00:00:00Z INFO request=${this.#random.hex(32)} ${decoy(this.#random, this.#secrets)}`;
  }

  /** Writes texts between decoys, and notes between which lines each stands. */
  #file(path: string, texts: readonly { kind: string; text: string }[], of: { readonly secret?: string }): void {
    const lines: string[] = [];
    const filler = (count: number) => {
      for (let index = 0; index < count; index++) lines.push(decoy(this.#random, this.#secrets));
      this.#decoys += count;
    };
    for (const { kind, text } of texts) {
      filler(1 + this.#random.below(4));
      const from = lines.length + 1;
      lines.push(...text.split("\n"));
      this.#planted({ ...of, kind, where: "work-tree", path, lines: [from, lines.length] });
      // apart, so that two of one value are not told as one
      lines.push("", "");
    }
    filler(10);
    this.#write(`repository/${path}`, `${lines.join("\n")}\n`);
  }

  #planted(plant: Plant): void {
    this.#plants.push(plant);
  }

  #token(token: string): string {
    this.#tokens.push(token);
    return token;
  }

  #value(index: number): string {
    return this.#secrets[index]?.value ?? "";
  }

  #write(path: string, content: string | Buffer): string {
    const at = join(this.#folder, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, content);
    return at;
  }

  #commit(message: string): void {
    const date = new Date(Date.UTC(2026, 0, 1) + this.#commits++ * DAY).toISOString();
    this.#git("add", "--all");
    this.#git("commit", "-q", "-m", message, `--date=${date}`);
  }

  #git(...args: readonly string[]): void {
    const who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false"];
    execFileSync("git", ["-C", join(this.#folder, "repository"), ...who, ...args], { stdio: "ignore" });
  }
}
