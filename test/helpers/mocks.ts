import * as pulumi from "@pulumi/pulumi";

/** A resource that a program registered, with its inputs as the engine would see them. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** `<urn>::<id>` of its explicit provider; undefined when it falls back to a default one. */
  readonly provider: string | undefined;
}

/** What a type adds to its inputs as outputs; a type that is not listed makes the test fail. */
export type Outputs = Readonly<Record<string, (inputs: Record<string, unknown>, name: string) => object>>;

/** Runs a program without an engine and waits for every resource that it registers. Hides parents, protect, dependencies and transforms. */
export async function registered(
  program: () => unknown,
  outputs: Outputs,
  stack = "prod",
): Promise<readonly Registered[]> {
  const resources: Registered[] = [];
  const unknown = new Set<string>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, provider }) => {
        const own = type.startsWith("groundwork:") || type.startsWith("pulumi:") ? () => ({}) : outputs[type];
        if (own === undefined) unknown.add(type);
        resources.push({ type, name, inputs: inputs as Registered["inputs"], provider: provider || undefined });
        return {
          id: `${name}-id`,
          state: { ...(inputs as object), ...own?.(inputs as Record<string, unknown>, name) },
        };
      },
      call: ({ token, inputs }) => {
        const answer = outputs[token];
        if (answer === undefined) throw new Error(`the mocks do not know the function ${token}`);
        return answer(inputs as Record<string, unknown>, token);
      },
    },
    "groundwork",
    stack,
    false,
  );
  await pulumi.runtime.runInPulumiStack(async () => {
    await program();
    return {};
  });
  await pulumi.runtime.disconnect();
  if (unknown.size > 0) throw new Error(`the mocks do not know ${[...unknown].join(", ")}`);
  return resources;
}
