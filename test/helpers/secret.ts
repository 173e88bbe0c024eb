/** How the engine's protocol marks a secret. https://github.com/pulumi/pulumi/blob/v3.200.0/sdk/go/common/resource/sig/sig.go */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Whether an input, as a provider or a mock sees it, is a secret. */
export function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as Record<string, unknown>)[SIGNATURE] === SECRET;
}

/** The value of an input, whether it is secret or not; the mocks make a whole input secret when a part of it is. */
export function revealed(value: unknown): unknown {
  return isSecret(value) ? (value as { readonly value: unknown }).value : value;
}
