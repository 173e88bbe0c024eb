/** Plain properties, as deep as they go. Secrets are the text `[secret]`; what is not known yet is left out. */
export type Plain = Readonly<Record<string, unknown>>;

/** What stands for a secret value, as in the engine's own event log. */
export const SECRET = "[secret]";

/** What one stack is going to be: every resource of it as the engine sees it, whatever program made it. */
export interface DesiredState {
  readonly stack: string;
  /** The value of the project's `target` key, if it has one. */
  readonly target: string | null;
  /** In the order of their URNs; components, providers and the stack itself too. */
  readonly resources: readonly DesiredResource[];
}

export interface DesiredResource {
  readonly urn: string;
  readonly type: string;
  /** The logical name in the URN. */
  readonly name: string;
  /** False for components and the stack. */
  readonly custom: boolean;
  readonly inputs: Plain;
  /** What the provider told; empty for what is only planned. */
  readonly outputs: Plain;
  /** Inputs that are not known before the update, as paths such as `spec.replicas`. */
  readonly unknown: readonly string[];
  /** URN of the component that it belongs to. */
  readonly parent?: string;
  /** URN of the provider that makes it. */
  readonly provider?: string;
  /** AWS region of the default provider, which is itself no resource here; absent where a provider of the program makes it. */
  readonly region?: string;
  /** URNs of what it is made from. */
  readonly dependencies: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
}
