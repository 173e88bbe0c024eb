/** A setting of a plug-in. https://www.elastic.co/docs/reference/logstash/value-types */
export type Value = string | number | boolean | readonly string[] | { readonly [key: string]: string };

/** One plug-in with its settings. */
export interface Plugin {
  readonly plugin: string;
  readonly settings: Readonly<Record<string, Value>>;
}

/** Plug-ins that see only the events for which the condition holds. https://www.elastic.co/docs/reference/logstash/event-dependent-configuration */
export interface Branch {
  readonly when: string;
  readonly then: readonly Stage[];
}

export type Stage = Plugin | Branch;

/** https://www.elastic.co/docs/reference/logstash/configuration-file-structure */
export interface Pipeline {
  readonly input: readonly Stage[];
  readonly filter: readonly Stage[];
  readonly output: readonly Stage[];
}

export interface LogstashArgs {
  /** Port on which shippers reach it. */
  readonly beatsPort: number;
  /** URL of Elasticsearch. */
  readonly elasticsearch: string;
  readonly user: string;
  readonly password: string;
  /** Parts of the data stream's name `logs-<dataset>-<namespace>`: lower case, no `-`. */
  readonly dataset: string;
  readonly namespace: string;
}

/**
 * From the shipper to Elasticsearch. What a service writes as one JSON object a line can be searched by its fields; they
 * are kept below `structured`, so that no service can overwrite who wrote a line and when.
 */
export function logPipeline(args: LogstashArgs): Pipeline {
  return {
    input: [{ plugin: "beats", settings: { port: args.beatsPort } }],
    filter: [
      {
        when: "[message] =~ /^\\s*\\{/",
        then: [
          {
            plugin: "json",
            settings: { source: "message", target: "structured", skip_on_invalid_json: true },
          },
          {
            when: "[structured][level]",
            then: [{ plugin: "mutate", settings: { copy: { "[structured][level]": "[log][level]" } } }],
          },
        ],
      },
      {
        plugin: "mutate",
        // of the shipper, the same on every line
        settings: { remove_field: ["agent", "ecs", "input", "host", "@version"] },
      },
    ],
    output: [
      {
        plugin: "elasticsearch",
        settings: {
          hosts: [args.elasticsearch],
          user: args.user,
          password: args.password,
          data_stream: true,
          data_stream_type: "logs",
          data_stream_dataset: args.dataset,
          data_stream_namespace: args.namespace,
        },
      },
    ],
  };
}

export function renderPipeline(pipeline: Pipeline): string {
  const sections = (["input", "filter", "output"] as const).map((name) => `${name} {\n${stages(pipeline[name], 1)}}\n`);
  return sections.join("\n");
}

function stages(given: readonly Stage[], depth: number): string {
  const indent = "  ".repeat(depth);
  return given
    .map((stage) =>
      "when" in stage
        ? `${indent}if ${stage.when} {\n${stages(stage.then, depth + 1)}${indent}}\n`
        : `${indent}${stage.plugin} {\n${settings(stage.settings, depth + 1)}${indent}}\n`,
    )
    .join("");
}

function settings(given: Plugin["settings"], depth: number): string {
  const indent = "  ".repeat(depth);
  return Object.entries(given)
    .map(([name, value]) => `${indent}${name} => ${valueText(value)}\n`)
    .join("");
}

function valueText(value: Value): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${(value as readonly string[]).map(quoted).join(", ")}]`;
  const pairs = Object.entries(value as Readonly<Record<string, string>>);
  return `{ ${pairs.map(([key, text]) => `${quoted(key)} => ${quoted(text)}`).join(" ")} }`;
}

/** A string ends at the next quote of its kind: without `config.support_escapes` nothing escapes one. */
function quoted(text: string): string {
  if (!text.includes('"')) return `"${text}"`;
  if (!text.includes("'")) return `'${text}'`;
  throw new Error("a setting of Logstash cannot hold both kinds of quotes");
}

/** logstash.yml. https://www.elastic.co/docs/reference/logstash/logstash-settings-file */
export function logstashSettings(apiPort: number): Record<string, unknown> {
  return {
    // the health check asks it; it is on no published port
    "api.http.host": "127.0.0.1",
    "api.http.port": apiPort,
    "pipeline.ecs_compatibility": "v8",
    // what was taken from a shipper is on disk until Elasticsearch has it
    "queue.type": "persisted",
    "queue.max_bytes": "512mb",
    "log.level": "warn",
    "log.format": "json",
  };
}
