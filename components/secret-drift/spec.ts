import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { ContainerCheck } from "../workload/hardened.ts";
import { httpCheck } from "../workload/forms.ts";
import type { HealthCheck, Resources } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";

/** Where a secret belongs besides the source. */
export interface DriftPlace {
  /** Name of a store of the mapping. */
  readonly store: string;
  readonly scope: string;
  /** As the store knows it; Kubernetes: `secret#key`. */
  readonly name: pulumi.Input<string>;
}

export interface DriftSecret {
  /** Its name in the source. */
  readonly property: string;
  readonly places: readonly DriftPlace[];
  /** Default: that of the mapping. */
  readonly risk?: "low" | "medium" | "high";
}

/** The checker's mapping as the program knows it, before names that the engine gives are known: docs/secret-drift.md. */
export interface DriftMapping {
  /** Where the truth is. */
  readonly source: { readonly store: string; readonly scope: string };
  /** By name; what each kind takes is the checker's to say. */
  readonly stores: Readonly<Record<string, { readonly kind: string; readonly [option: string]: unknown }>>;
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Default `propose`, which writes nothing. */
  readonly healing?: { readonly mode?: "off" | "propose" | "apply" };
  readonly secrets: Readonly<Record<string, DriftSecret>>;
  /** Scopes in which there should be nothing else. */
  readonly managed?: readonly { readonly store: string; readonly scope: string; readonly except?: readonly string[] }[];
}

/** What runs the checker, whatever it runs on. */
export interface SecretDriftSpec {
  /** The system whose alerts tell of it. */
  readonly system: string;
  readonly mapping: DriftMapping;
  /** Tokens of the mapping's stores by variable, e.g. `PULUMI_ACCESS_TOKEN`; secrets, which it gets as files. Default: none. */
  readonly credentials?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Of the one process; default {@link RESOURCES}. */
  readonly resources?: Resources;
}

export const PART = "secret-drift";
/** Metrics, health and the page. */
export const PORT = 9464;
/** `node` of Node's own images. */
export const USER_ID = 1000;
export const MAPPING_FILE = "/etc/secret-drift/mapping.yaml";
/** What is remembered: history, and the encrypted files where the mapping has some. */
export const HISTORY_FOLDER = "/var/lib/secret-drift";

/** Measured with the clients of AWS and Kubernetes: 185 MiB while it starts, 157 MiB from then on; the rest is for many secrets. */
export const RESOURCES: Resources = {
  requests: { cpu: "50m", memory: "192Mi" },
  limits: { cpu: "500m", memory: "384Mi" },
};

/** It stays well while a store does not answer: that is a finding, and no reason to start it again. */
export const HEALTH: HealthCheck = {
  path: "/healthz",
  readiness: "/readyz",
  port: PORT,
  interval: 30,
  timeout: 5,
  retries: 3,
  startPeriod: 40,
};

export function containerCheck(): ContainerCheck {
  return httpCheck(HEALTH);
}

/** The mapping as the file that the checker reads. */
export function mappingText(mapping: DriftMapping): pulumi.Output<string> {
  return pulumi.output(mapping).apply((known) => stringify(known));
}

/** What `node` is started with: `monitor` stays and serves, `check` looks once and tells by its exit code. */
export function commandOf(command: "monitor" | "check" | "init"): string[] {
  const files = ["--mapping", MAPPING_FILE, "--history", `${HISTORY_FOLDER}/history.db`];
  const port = command === "monitor" ? ["--port", String(PORT)] : [];
  return ["node", "main.ts", command, ...files, ...port];
}

/** Whether it writes to the stores what is approved, or of low risk, and so needs to be allowed to. */
export function writes({ healing }: DriftMapping): boolean {
  return healing?.mode === "apply";
}

/** Where the mapping is, also for who runs a command beside the monitor; `PULUMI_ACCESS_TOKEN_FILE` says where the token is. */
export function environmentOf({ credentials = {} }: SecretDriftSpec): Record<string, string> {
  const files = Object.keys(credentials).map((name) => [`${name}_FILE`, `${SECRETS_FOLDER}/${name.toLowerCase()}`]);
  return { MAPPING: MAPPING_FILE, ...(Object.fromEntries(files) as Record<string, string>) };
}

/** Contents by the file's name in the folder of secrets. */
export function credentialFiles({ credentials = {} }: SecretDriftSpec): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    Object.entries(credentials).map(([name, value]) => [name.toLowerCase(), pulumi.secret(value)]),
  );
}

/** Whether some store of the mapping is a file, which is made where there is none yet. */
export function keepsFiles({ stores }: DriftMapping): boolean {
  return Object.values(stores).some(({ kind }) => kind === "file");
}

/** Scopes of one kind of store, each once. */
export function scopesOf({ source, stores, secrets, managed = [] }: DriftMapping, kind: string): readonly string[] {
  const places = [source, ...Object.values(secrets).flatMap((secret) => secret.places), ...managed];
  return [...new Set(places.filter(({ store }) => stores[store]?.kind === kind).map(({ scope }) => scope))].sort();
}
