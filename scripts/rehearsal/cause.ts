import type { OperationResult } from "./engine/index.ts";

/** What the engine says at last, after it has told what failed. */
const NO_CAUSE = /^(preview|update|refresh|destroy) failed$/;

/** Why an operation that did not end well did not, a line for each thing that failed. */
export function causeOf(result: Pick<OperationResult, "diagnostics" | "signal" | "stderr">): string {
  const errors = result.diagnostics.filter(({ severity }) => severity === "error").map(describeError);
  const causes = errors.filter((error) => !NO_CAUSE.test(error));
  if (errors.length > 0) return [...new Set(causes.length > 0 ? causes : errors)].join("\n");
  return result.signal === undefined ? result.stderr : `the engine was stopped by ${result.signal}`;
}

function describeError({ urn, message }: OperationResult["diagnostics"][number]): string {
  return urn === undefined ? message.trim() : `${urn}: ${message.trim()}`;
}
