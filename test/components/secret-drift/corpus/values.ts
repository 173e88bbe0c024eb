import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import type { Random } from "./random.ts";

export interface ManagedSecret {
  readonly id: string;
  readonly value: string;
}

const SPECIAL = `ABCdef0123456789!"#$%&'()*+,-./:;<=>?@[]^_{|}~ \\`;
const WIDE = "äöüßéñçøλж漢字🔑abcDEF0123456789";

/** Values as people and programs make them. */
export function managedSecrets(random: Random): ManagedSecret[] {
  const kinds: ((index: number) => string)[] = [
    () => random.text(24),
    () => random.bytes(32).toString("base64"),
    () => random.hex(40),
    () => `${random.text(8, "abcdefgh0123456789'\"&<>+/ %")}${random.text(16, SPECIAL)}x`,
    () => [...random.bytes(20)].map((byte) => [...WIDE][byte % [...WIDE].length]).join("") + random.text(8),
    (index) => `prod-shared-prefix-${index}-${random.text(20)}`,
    () => `postgresql+ssl:app/${random.text(18)}?pool=5&name=a b`,
    () => JSON.stringify({ user: "app", password: random.text(20), hosts: ["a", "b"] }),
    () => random.text(12),
    () => random.privateKey(),
  ];
  return Array.from({ length: 3 * kinds.length }, (_, index) => ({
    id: `secret-${String(index).padStart(2, "0")}`,
    value: kinds[index % kinds.length]?.(index) ?? "",
  }));
}

/** How programs write a value into a line of text; each by the program's own means, where there is one. */
export const ENCODERS: Readonly<Record<string, (value: string, random: Random) => string>> = {
  plain: (value) => `PASSWORD=${value}`,
  "inside of a word": (value, random) => `${random.text(5)}${value}${random.text(5)}`,
  base64: (value) => `data: ${base64(value)}`,
  "base64 with a line end": (value) => `data: ${base64(`${value}\n`)}`,
  "base64, begun a byte earlier": (value) => base64(`:${value}`),
  "base64, begun two bytes earlier": (value) => `Authorization: Basic ${base64(`ab${value}`)}`,
  "base64, begun somewhere": (value, random) => `x="${base64(`${random.text(7 + random.below(9))}${value}/tail`)}"`,
  "base64 for URLs": (value) => `token=${Buffer.from(value).toString("base64url")}&x=1`,
  "base64 for URLs, begun somewhere": (value) => Buffer.from(`user:${value}:`).toString("base64url"),
  "base64 in a URL": (value) => `?t=${encodeURIComponent(base64(value))}`,
  "base64 of JSON": (value) => base64(JSON.stringify({ auths: { "r.example": { password: value } } })),
  "base64 of base64": (value) => `release: ${base64(base64(value))}`,
  "base64 of something compressed": (value) => base64(gzipSync(`{"name":"app","values":"${value}"}`)),
  "base64 of wide characters": (value) => `powershell -enc ${Buffer.from(value, "utf16le").toString("base64")}`,
  URL: (value) => `https://api.example/v1?key=${encodeURIComponent(value)}&page=2`,
  "URL, whole": (value) => `https://api.example/${encodeURI(value)}`,
  "URL, by RFC 3986": (value) =>
    encodeURIComponent(value).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`),
  form: (value) => `a=b&${new URLSearchParams({ password: value }).toString()}`,
  JSON: (value) => JSON.stringify({ level: "info", password: value }),
  "JSON in JSON": (value) => JSON.stringify({ body: JSON.stringify({ password: value }) }),
  "JSON in ASCII": (value) =>
    JSON.stringify({ v: value }).replace(
      /[^\0-\x7f]/g,
      (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  "JSON of Go": (value) =>
    JSON.stringify({ v: value }).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
  "JSON of PHP": (value) => JSON.stringify({ v: value }).replaceAll("/", "\\/"),
  hex: (value) => `0x${Buffer.from(value).toString("hex")}`,
  "hex in capitals": (value) => Buffer.from(value).toString("hex").toUpperCase(),
  XML: (value) =>
    `<p>${value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")}</p>`,
  "shell, in quotes": (value) => `export X='${value.replaceAll("'", "'\\''")}'`,
  "YAML, in quotes": (value) => stringify({ key: value }, { singleQuote: true, lineWidth: 0 }).trimEnd(),
};

/** Several lines each: what wraps and indents. */
export const BLOCKS: Readonly<Record<string, (value: string, random: Random) => string>> = {
  "base64, wrapped": (value, random) => wrapped(base64(`${random.text(200)}${value}${random.text(60)}`)),
  "base64, wrapped and indented": (value) =>
    wrapped(base64(`{"before":"${"x ".repeat(40)}","v":${JSON.stringify(value)}}`), "    "),
  "YAML, as a block": (value) => stringify({ spec: { key: value } }, { lineWidth: 0, blockQuote: "literal" }).trimEnd(),
};

/** `printf %q` of bash itself, of all values at once. */
export function shellQuoted(values: readonly string[]): string[] {
  const quoted = execFileSync("bash", ["-c", `for each in "$@"; do printf '%q\\0' "$each"; done`, "bash", ...values]);
  return quoted.toString().split("\0").slice(0, -1);
}

function base64(value: string | Buffer): string {
  return Buffer.from(value as string).toString("base64");
}

function wrapped(text: string, indent = ""): string {
  return (text.match(/.{1,76}/g) ?? []).map((line) => `${indent}${line}`).join("\n");
}

/** Tokens of services, by the rule that should know them; made of chance, so that none of them opens anything. */
export const TOKENS: Readonly<Record<string, (random: Random) => string>> = {
  "github, classic": (random) => `ghp_${random.text(36)}`,
  "github, fine-grained": (random) => `github_pat_${random.text(82)}`,
  gitlab: (random) => `glpat-${random.text(20)}`,
  "slack, bot": (random) => `xoxb-${random.text(11, "0123456789")}-${random.text(12, "0123456789")}-${random.text(24)}`,
  "slack, webhook": (random) =>
    `https://hooks.slack.com/services/T${random.text(8)}/B${random.text(8)}/${random.text(24)}`,
  "aws, secret key": (random) => `aws_secret_access_key = ${random.text(40)}`,
  npm: (random) => `//registry.npmjs.org/:_authToken=npm_${random.text(36)}`,
  stripe: (random) => `sk_live_${random.text(24)}`,
  sendgrid: (random) => `SG.${random.text(22)}.${random.text(43)}`,
  shopify: (random) => `shpat_${random.hex(32)}`,
  openai: (random) => `sk-proj-${random.text(74)}T3BlbkFJ${random.text(74)}`,
  anthropic: (random) => `sk-ant-api03-${random.text(93)}AA`,
  huggingface: (random) => `hf_${random.text(34, "abcdefghijklmnopqrstuvwxyzABCDEFGH")}`,
  vault: (random) => `hvs.${random.text(95)}`,
  docker: (random) => `dckr_pat_${random.text(27)}`,
  databricks: (random) => `dapi${random.hex(32)}`,
  grafana: (random) => `glsa_${random.text(32)}_${random.hex(8)}`,
  tailscale: (random) => `tskey-auth-${random.text(12)}-${random.text(32)}`,
  "postgresql URL": (random) => `postgres://app:${random.text(16)}@db.internal:5432/app`,
  "mongodb URL": (random) => `mongodb+srv://app:${random.text(16)}@cluster0.abcde.mongodb.net/app`,
  "basic authentication": (random) => `https://deploy:${random.text(16)}@git.example.com/repo.git`,
  "age identity": (random) => `AGE-SECRET-KEY-1${random.text(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")}`,
  pulumi: (random) => `PULUMI_ACCESS_TOKEN=pul-${random.hex(40)}`,
  google: (random) => `AIza${random.text(35)}`,
  digitalocean: (random) => `dop_v1_${random.hex(64)}`,
  pypi: (random) => `pypi-AgEIcHlwaS5vcmc${random.text(120)}`,
  "azure storage": (random) =>
    `DefaultEndpointsProtocol=https;AccountName=app;AccountKey=${random.bytes(64).toString("base64")}`,
  // no prefix tells these: they are in the corpus so that what rules cannot see is counted
  "password in a .env": (random) => `DB_PASSWORD=${random.text(20)}`,
  twilio: (random) => `TWILIO=SK${random.hex(32)}`,
  JWT: (random) => `eyJ${random.text(33)}.eyJ${random.text(60)}.${random.text(43)}`,
};

/** Lines that look like secrets, and are none. */
export function decoy(random: Random, secrets: readonly ManagedSecret[]): string {
  return random.pick(DECOYS)(random, secrets);
}

const DECOYS: readonly ((random: Random, secrets: readonly ManagedSecret[]) => string)[] = [
  (random) => `commit ${random.hex(40)}`,
  (random) => `"integrity": "sha512-${random.bytes(64).toString("base64")}",`,
  (random) => `sha256:${random.hex(64)}`,
  (random) => `id: ${[8, 4, 4, 4, 12].map((length) => random.hex(length)).join("-")}`,
  (random) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${random.bytes(32).toString("base64")} deploy@host`,
  (random) => `age1${random.text(58, "qpzry9x8gf2tvdw0s3jn54khce6mua7l")}`,
  (random) => `-----BEGIN CERTIFICATE----- ${random.bytes(300).toString("base64")} -----END CERTIFICATE-----`,
  (random) => `-----BEGIN PUBLIC KEY----- ${random.bytes(90).toString("base64")} -----END PUBLIC KEY-----`,
  () => "PASSWORD=${PASSWORD}",
  () => "password: $(DB_PASSWORD)",
  () => "token: <your-token>",
  () => "url: postgres://app:${DB_PASSWORD}@db:5432/app",
  () => `aws_access_key_id = ${["AKIA", "IOSFODNN7", "EXAMPLE"].join("")}`,
  () => `aws_secret_access_key = ${["wJalrXUtnFEMI", "K7MDENG", "bPxRfiCYEXAMPLEKEY"].join("/")}`,
  (random) => `data:image/png;base64,iVBORw0KGgo${random.bytes(90).toString("base64")}`,
  (random) => `secretName: app-${random.pick(["database", "tls", "registry"])}-credentials`,
  (random) => `arn:aws:secretsmanager:us-west-2:123456789012:secret:prod/db-${random.text(6)}`,
  (random) => `ENC[AES256_GCM,data:${random.bytes(30).toString("base64")},type:str]`,
  () => "The quick brown fox keeps its password in a manager, and so should every secretkeeper.",
  // what differs from a value in one character, or ends before it does, is another value
  (random, secrets) => `nearly=${changed(random.pick(secrets).value.split("\n")[0] ?? "", random)}`,
  (random, secrets) => {
    const { value } = random.pick(secrets.filter((each) => !each.value.includes("\n")));
    return `half=${value.slice(0, Math.floor(value.length / 2))}`;
  },
  (random, secrets) => `turned=${[...random.pick(secrets).value.slice(0, 60).replaceAll("\n", "")].reverse().join("")}`,
];

function changed(value: string, random: Random): string {
  const at = Math.floor(value.length / 2) - 2 + random.below(3);
  return `${value.slice(0, at)}${value[at] === "#" ? "*" : "#"}${value.slice(at + 1)}`;
}
