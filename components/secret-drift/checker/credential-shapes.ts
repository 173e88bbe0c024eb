/**
 * How credentials begin that somebody may paste where a name or a path belongs, with enough behind it that no name of a
 * store or a repository is taken for one.
 */
const SHAPES: readonly RegExp[] = [
  // https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
  /gh[pousr]_[A-Za-z0-9]{8}/,
  /github_pat_\w{8}/,
  // https://www.pulumi.com/docs/administration/access-identity/access-tokens/
  /\bpul-[A-Za-z0-9]{12}/,
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  /\bA(?:KIA|SIA)[A-Z0-9]{8}/,
  // https://docs.slack.dev/authentication/tokens/
  /\bx(?:ox[a-z]|app)-[\w-]{8}/,
  /hooks\.slack\.com\/services\//,
  /AGE-SECRET-KEY-/i,
  /-----BEGIN/,
  // a password in an address
  /:\/\/[^\s/@]*:[^\s/@]+@/,
];
/** https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
/** So long without a break, and with a digit: a name that somebody has thought of has words. */
const RANDOM = /^(?=.*\d)[^_]{20,}$/;

export function isLikeCredential(text: string): boolean {
  return SHAPES.some((shape) => shape.test(text));
}

/** Whether it can be the name of an environment variable, and not what somebody should have put into one. */
export function isVariableName(value: unknown): value is string {
  return typeof value === "string" && VARIABLE.test(value) && !RANDOM.test(value) && !isLikeCredential(value);
}

/**
 * Where in a document the first such text is, as a path whose parts are no such text either; nothing where there is none.
 */
export function credentialIn(
  value: unknown,
  path: readonly string[] = [],
  seen = new Set<object>(),
): string | undefined {
  if (typeof value === "string") return isLikeCredential(value) ? path.join(".") : undefined;
  // an anchor may be below itself
  if (typeof value !== "object" || value === null || seen.has(value)) return undefined;
  seen.add(value);
  for (const [key, below] of Object.entries(value)) {
    if (isLikeCredential(key)) return [...path, "[hidden]"].join(".");
    const found = credentialIn(below, [...path, key], seen);
    if (found !== undefined) return found;
  }
  return undefined;
}
