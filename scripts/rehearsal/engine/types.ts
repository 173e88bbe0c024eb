/** Where an engine was found. */
export type EngineSource = "PATH" | "cache" | "official release" | "built from the Go module";

/** A Pulumi CLI that can run Node programs and policy packs on this machine. */
export interface Engine {
  /** Version of the CLI without a leading `v`, such as `3.200.0`. */
  readonly version: string;
  readonly source: EngineSource;
  /** Folder to put first on PATH: has `pulumi`, `pulumi-language-nodejs`, `pulumi-analyzer-policy` and the `node` they run. */
  readonly binDir: string;
  /** Absolute path of the CLI. */
  readonly pulumi: string;
  /** Whether its Node language host is ours, which may also be served in one's own process and attached to. */
  readonly hasOwnHost: boolean;
  /** Environment that it needs besides PATH. */
  readonly env: Readonly<Record<string, string>>;
}

/** `base` with everything that this engine needs, its folder first on PATH. */
export function engineEnvironment(engine: Engine, base: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept = Object.entries(base).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const path = [engine.binDir, base["PATH"]].filter((part) => part !== undefined && part !== "").join(":");
  return { ...Object.fromEntries(kept), ...engine.env, PATH: path };
}
