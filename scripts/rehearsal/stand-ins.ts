import { createHmac } from "node:crypto";
import { BadInput } from "@groundwork/lib/errors";
import type { StandIn } from "@groundwork/lib/rehearsal-report";
import { type Document, isMap, isScalar, isSeq, type Node } from "yaml";
import { type Project, bareKey, qualifiedKey } from "./project.ts";

/** Values that a rehearsal must put into the stack file's copy as secrets, by Pulumi's config path. */
export interface PreparedConfig {
  readonly standIns: readonly StandIn[];
  readonly secrets: Readonly<Record<string, string>>;
}

/** What a tracked stack file may hold where only the owner of an account knows the value. */
const PLACEHOLDERS: Readonly<Record<string, { readonly type: string; readonly value: (seed: Seed) => string }>> = {
  "<aws-account-id>": { type: "AWS account id", value: () => "123456789012" },
  "<cloudflare-account-id>": {
    type: "Cloudflare account id",
    value: (seed) => seed("cloudflare-account-id").slice(0, 32),
  },
  "<cloudflare-zone-id>": { type: "Cloudflare zone id", value: (seed) => seed("cloudflare-zone-id").slice(0, 32) },
  // RFC 2606 reserves example.com: a name in it can never be somebody's
  "<domain>": { type: "domain", value: () => "example.com" },
};

type Seed = (name: string) => string;

/** Settings of the owner's own secrets provider: they cannot be used without the owner's passphrase or key. */
const OWNERS_ENCRYPTION = ["encryptionsalt", "encryptedkey", "secretsprovider"];

/**
 * Makes a stack file runnable without its owner's accounts: `secure:` values, ESC imports and placeholders become
 * values of the right type that stay the same from run to run. Changes the document in place.
 * @throws BadInput for a placeholder of no known type
 */
export function prepareStackFile(document: Document, project: Project, key: string): PreparedConfig {
  const seed: Seed = (name) => createHmac("sha256", key).update(name).digest("hex");
  const standIns: StandIn[] = [];
  const secrets: Record<string, string> = {};
  // an empty file is a stack of nothing but defaults
  document.contents ??= document.createNode({});
  for (const setting of OWNERS_ENCRYPTION) document.delete(setting);

  const config = document.get("config");
  if (isMap(config)) {
    for (const pair of [...config.items]) {
      const name = String(pair.key);
      visit(pair.value as Node | null, name, (node, path) => replaceValue(node, path));
    }
    for (const path of Object.keys(secrets)) document.deleteIn(["config", ...pathParts(path)]);
  }
  if (document.has("environment")) {
    for (const missing of suppliedByEnvironment(document, project)) {
      const value = typedValue(missing.type, missing.key, seed);
      const path = qualifiedKey(project.name, missing.key);
      if (missing.secret) secrets[path] = String(value);
      else document.setIn(["config", path], value);
      standIns.push({ key: path, kind: "environment", type: missing.type });
    }
    document.delete("environment");
  }
  return { standIns, secrets };

  function replaceValue(node: Node, path: string): void {
    if (isMap(node) && node.items.length === 1 && node.has("secure")) {
      const declared = project.declared.find(
        (entry) => bareKey(project.name, entry.key) === bareKey(project.name, path),
      );
      const type = declared?.type ?? "string";
      secrets[path] = String(typedValue(type, path, seed));
      standIns.push({ key: path, kind: "secret", type });
    } else if (isScalar(node) && typeof node.value === "string" && /^<.*>$/.test(node.value)) {
      const known = PLACEHOLDERS[node.value];
      if (known === undefined) {
        const choices = Object.keys(PLACEHOLDERS).join(", ");
        throw new BadInput(
          `${path} is the placeholder ${node.value}, for which a rehearsal has no stand-in: write the value itself or one of ${choices}`,
        );
      }
      node.value = known.value(seed);
      standIns.push({ key: path, kind: "placeholder", type: known.type });
    }
  }
}

function visit(node: Node | null, path: string, action: (node: Node, path: string) => void): void {
  if (node === null) return;
  action(node, path);
  if (isMap(node) && !(node.items.length === 1 && node.has("secure"))) {
    for (const pair of node.items) visit(pair.value as Node | null, `${path}.${String(pair.key)}`, action);
  } else if (isSeq(node)) {
    node.items.forEach((item, index) => visit(item as Node | null, `${path}[${index}]`, action));
  }
}

/** An ESC environment supplies what Pulumi.yaml declares, has no default for, and the stack file leaves out. */
function suppliedByEnvironment(document: Document, project: Project): Project["declared"] {
  const config = document.get("config");
  const present = new Set(isMap(config) ? config.items.map((pair) => bareKey(project.name, String(pair.key))) : []);
  return project.declared.filter((entry) => !entry.hasDefault && !present.has(bareKey(project.name, entry.key)));
}

function typedValue(type: string, path: string, seed: Seed): string | number | boolean {
  if (type === "integer" || type === "number") return 1;
  if (type === "boolean") return false;
  const digest = seed(path).slice(0, 24);
  // what is called an address is read as one by programs that check what they are given
  return /ur[il]$/i.test(path) ? `https://example.com/stand-in-${digest}` : `stand-in-${digest}`;
}

/** Splits Pulumi's config path (`groundwork:regions[0].name`) into keys of the stack file's `config` section. */
export function pathParts(path: string): (string | number)[] {
  return [...path.matchAll(/(?<name>[^.[\]]+)|\[(?<index>\d+)\]/g)].map((match) =>
    match.groups?.["index"] !== undefined ? Number(match.groups["index"]) : (match.groups?.["name"] ?? ""),
  );
}
