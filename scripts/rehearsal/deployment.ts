import { readFileSync } from "node:fs";

/** The parts of Pulumi's exported deployment (`pulumi stack export`, version 3) that are read or edited here. */
export interface ExportedState {
  readonly version: number;
  readonly deployment: Deployment;
}

export interface Deployment {
  readonly resources?: readonly StateResource[];
  readonly pending_operations?: readonly PendingOperation[];
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom?: boolean;
  readonly id?: string;
  readonly parent?: string;
  readonly provider?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** URNs of what was made before it and goes after it. */
  readonly dependencies?: readonly string[];
  /** The engine refuses to delete or replace it. */
  readonly protect?: boolean;
  /** Its replacement exists; the engine deletes it at the next update. */
  readonly delete?: boolean;
  /** Deleted already; the engine creates its replacement at the next update. */
  readonly pendingReplacement?: boolean;
  /** Never deleted by the engine; what is dropped from the state stays in the cloud by design. */
  readonly retainOnDelete?: boolean;
}

export interface PendingOperation {
  readonly type: "creating" | "updating" | "deleting" | "reading" | "importing";
  readonly resource: StateResource;
}

export function readState(path: string): ExportedState {
  return JSON.parse(readFileSync(path, "utf8")) as ExportedState;
}

export function resourcesOf(state: ExportedState): readonly StateResource[] {
  return state.deployment.resources ?? [];
}

/** Resources that a provider manages: neither components nor providers themselves. */
export function isManaged(resource: StateResource): boolean {
  return resource.custom === true && !resource.type.startsWith("pulumi:");
}

export function countByType(resources: readonly StateResource[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of resources) counts[type] = (counts[type] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)));
}

/** What the engine counts too: providers that it made up itself, because a program names none, are not. */
export function isCounted({ type, urn }: StateResource): boolean {
  return !(type.startsWith("pulumi:providers:") && /::default(_[^:]*)?$/.test(urn));
}

/** `aws:ec2/vpc:Vpc` comes from `aws`. */
export function packageOf(type: string): string {
  return type.split(":")[0] ?? type;
}
