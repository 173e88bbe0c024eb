import type { Asked, ProblemKind } from "../store.ts";
import { refused } from "../store.ts";

export interface AwsStoreOptions {
  readonly name: string;
  /** Instead of AWS's own address of the service. */
  readonly endpoint?: string;
}

/** `us-west-2`, or `us-west-2:prod/` for the names that begin with `prod/` only. */
export interface AwsScope {
  readonly region: string;
  readonly prefix: string;
}

const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

/** What every client is made with: a store that hangs must not hang the round. */
export const CLIENT = {
  maxAttempts: 4,
  retryMode: "standard",
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;

export function awsScope(scope: string): AwsScope {
  const cut = scope.indexOf(":");
  return cut < 0 ? { region: scope, prefix: "" } : { region: scope.slice(0, cut), prefix: scope.slice(cut + 1) };
}

export function wrongAwsScope(scope: string): string | undefined {
  if (REGION.test(awsScope(scope).region)) return undefined;
  return "write an AWS region such as us-west-2, or us-west-2:prod/ for names that begin with prod/";
}

/** By AWS's own names of errors, most of which all services share. https://docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html */
const KINDS: readonly (readonly [RegExp, ProblemKind, string])[] = [
  [/^(?:AccessDenied|NotAuthorized|OptInRequired|KMSAccessDenied)/, "forbidden", "does not let us"],
  [
    /^(?:UnrecognizedClient|ExpiredToken|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|MissingAuthentication|IncompleteSignature|CredentialsProviderError|InvalidAccessKeyId)/,
    "unauthorized",
    "does not take our credential",
  ],
  [/^(?:Throttling|TooManyRequests|RequestLimitExceeded|SlowDown)/, "rate-limited", "has been asked too often"],
  [
    /^(?:ResourceExists|Conflict|TooManyUpdates|ParameterAlreadyExists)/,
    "conflict",
    "is being written by somebody else",
  ],
  [
    /^(?:InvalidRequest|InvalidParameter|Validation|InvalidKeyId|ParameterMaxVersion|ParameterPatternMismatch|HierarchyLevel|EncryptionFailure|DecryptionFailure|LimitExceeded|UnsupportedParameter|HierarchyTypeMismatch)/,
    "rejected",
    "refuses what was asked",
  ],
];

/** Our own words: AWS quotes what it was sent. */
export function awsProblem<T>(service: string, error: unknown): Asked<T> {
  const name = error instanceof Error ? error.name : "";
  const known = KINDS.find(([pattern]) => pattern.test(name));
  if (known !== undefined) return refused(known[1], `${service} ${known[2]} (${name})`);
  return refused("unavailable", `${service} does not answer${/^\w{1,60}$/.test(name) ? ` (${name})` : ""}`);
}
