import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { parse } from "yaml";
import { InvalidMapping, parseMapping } from "../components/secret-drift/checker/mapping.ts";
import type { DriftMapping } from "../components/secret-drift/spec.ts";
import type { SecretDriftConfig } from "./config/secret-drift.ts";

/** Variable of the token that a store of these kinds takes, where it names none itself. */
const TOKENS: Readonly<Record<string, string>> = { github: "GITHUB_TOKEN", "pulumi-esc": "PULUMI_ACCESS_TOKEN" };

/** The team's own mapping, checked as the checker will, before anything is made. */
export function ownMapping(path: string, { tokens }: SecretDriftConfig): DriftMapping {
  const text = read(path);
  const key = `${pulumi.getProject()}:secretDrift`;
  try {
    for (const { name, kind, options } of parseMapping(text, path).stores) {
      const variable = options["tokenVariable"] ?? TOKENS[kind];
      if (typeof variable === "string" && !tokens.includes(variable))
        throw new BadInput(
          `${path} has the store ${name}, whose token ${variable} is not given; set it with \`pulumi config set --secret --path secretDriftTokens.${variable}\`.`,
        );
    }
  } catch (error) {
    if (error instanceof InvalidMapping) throw new BadInput(`${key}.mapping cannot be used: ${error.message}.`);
    throw error;
  }
  return parse(text) as DriftMapping;
}

/** The tokens by variable, as the secrets that they are. */
export function tokensOf(variables: readonly string[]): Readonly<Record<string, pulumi.Output<string>>> {
  if (variables.length === 0) return {};
  const given = new pulumi.Config().requireSecretObject<Readonly<Record<string, string>>>("secretDriftTokens");
  return Object.fromEntries(variables.map((name) => [name, given.apply((all) => all[name] ?? "")]));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    throw new BadInput(
      `${pulumi.getProject()}:secretDrift.mapping is "${path}", which cannot be read (${code}); write the path of a mapping, seen from Pulumi.yaml.`,
    );
  }
}
