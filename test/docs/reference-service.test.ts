import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { readConfiguration } from "../../components/reference/service/configuration.ts";
import { createMetrics } from "../../components/reference/service/metrics.ts";

const ROOT = join(import.meta.dirname, "../..");
const SERVICE = join(ROOT, "components/reference/service");
const PAGE = readFileSync(join(ROOT, "docs/reference-service.md"), "utf8");

/** Every way in which the service reads a variable: the methods of `Environment`, and the helper for seconds. */
const READS = [
  /\b(?:environment|settings)\.\w+\(\s*"(?<name>[A-Z][A-Z0-9_]*)"(?:,\s*(?<fallback>[\d_.]+),)?/g,
  /\bseconds\(\s*environment,\s*"(?<name>[A-Z][A-Z0-9_]*)"(?:,\s*(?<fallback>[\d_.]+),)?/g,
];

describe("docs/reference-service.md", () => {
  const rows = new Map(
    [...PAGE.matchAll(/^\| `(?<name>[A-Z][A-Z0-9_]*)` +\|(?<unit>[^|]*)\|(?<fallback>[^|]*)\|/gm)].map(
      ({ groups = {} }) => [groups["name"] ?? "", (groups["fallback"] ?? "").trim()] as const,
    ),
  );
  const read = readsOf(sources());

  it("has every variable that the service reads", () => {
    const missing = [...read.keys()].filter((name) => !rows.has(name));
    assert.deepEqual(missing, []);
  });

  it("has no variable that the service does not read", () => {
    const text = sources().join("\n");
    const strangers = [...rows.keys()].filter((name) => !text.includes(`"${name}"`));
    assert.deepEqual(strangers, []);
  });

  it("has the defaults that are numbers in the source", () => {
    const wrong = [...read].filter(([name, fallback]) => {
      const written = Number(rows.get(name)?.replaceAll(",", ""));
      return fallback !== undefined && Number.isFinite(written) && written !== fallback;
    });
    assert.deepEqual(wrong, []);
  });

  it("has what is really asked for when the configuration is read", () => {
    const asked = new Set<string>();
    const given: Record<string, string> = { PGHOST: "db", PGUSER: "me", REDIS_HOST: "r", RABBITMQ_HOST: "q" };
    const variables = new Proxy<NodeJS.ProcessEnv>(
      { ...given, RABBITMQ_USER: "me", MONGODB_HOST: "m", OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318" },
      {
        get(target, name) {
          if (typeof name === "string") asked.add(name.replace(/_FILE$/, ""));
          return Reflect.get(target, name) as unknown;
        },
      },
    );
    readConfiguration(variables);
    assert.ok(asked.size > 30, `${asked.size} variables were asked for`);
    assert.deepEqual(
      [...asked].filter((name) => !rows.has(name)),
      [],
    );
  });

  it("has every metric of the service, and no other", async () => {
    const own = (await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name);
    const plugins = sources().flatMap((text) =>
      [...text.matchAll(/name: "((?:cache|chat)_[a-z_]+)"/g)].map(([, name]) => name),
    );
    const known = [...own, ...plugins].filter((name) => !/^(process|nodejs)_/.test(String(name)));
    const written = [...PAGE.matchAll(/^\| `([a-z_]+)` +\| (?:histogram|gauge|counter)/gm)].map(([, name]) => name);
    assert.deepEqual(written.toSorted(), known.toSorted());
  });
});

function sources(): string[] {
  const files = globSync("**/*.ts", { cwd: SERVICE, exclude: ["node_modules/**"] });
  return files.map((file) => readFileSync(join(SERVICE, file), "utf8"));
}

/** Each variable with its default, where that is a number. */
function readsOf(texts: readonly string[]): ReadonlyMap<string, number | undefined> {
  const found = texts.flatMap((text) => READS.flatMap((pattern) => [...text.matchAll(pattern)]));
  return new Map(
    found.map(({ groups = {} }) => {
      const fallback = groups["fallback"]?.replaceAll("_", "");
      return [groups["name"] ?? "", fallback === undefined ? undefined : Number(fallback)] as const;
    }),
  );
}
