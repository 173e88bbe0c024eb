import { isBareOwnName } from "../own-names.ts";
import { type Asked, type ProblemKind, answered, refused } from "../store.ts";

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
const CLIENT = {
  maxAttempts: 4,
  retryMode: "standard",
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;

interface ClientConfiguration extends Writable<typeof CLIENT> {
  readonly region: string;
  readonly endpoint?: string;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** One client of a service for each region, made when it is asked for. */
export class Regional<Client> {
  readonly #make: new (configuration: ClientConfiguration) => Client;
  readonly #endpoint: string | undefined;
  readonly #clients = new Map<string, Client>();

  constructor(make: new (configuration: ClientConfiguration) => Client, endpoint: string | undefined) {
    this.#make = make;
    this.#endpoint = endpoint;
  }

  of(region: string): Client {
    const known = this.#clients.get(region);
    if (known !== undefined) return known;
    const endpoint = this.#endpoint === undefined ? {} : { endpoint: this.#endpoint };
    const client = new this.#make({ region, ...CLIENT, ...endpoint });
    this.#clients.set(region, client);
    return client;
  }
}

export function awsScope(scope: string): AwsScope {
  const cut = scope.indexOf(":");
  return cut < 0 ? { region: scope, prefix: "" } : { region: scope.slice(0, cut), prefix: scope.slice(cut + 1) };
}

/** A name as the service knows it: where only names that begin alike are ours, what the checker keeps for itself is one of them. */
export function nameIn(scope: string, name: string): string {
  return isBareOwnName(name) ? awsScope(scope).prefix + name : name;
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

/** What a service answers, or why it does not. */
export async function awsAnswer<T>(service: string, ask: () => Promise<T>): Promise<Asked<T>> {
  try {
    return answered(await ask());
  } catch (error) {
    return awsProblem(service, error instanceof Error ? error.name : "");
  }
}

/** Our own words, by the error's name: AWS quotes what it was sent. */
export function awsProblem<T>(service: string, name: string): Asked<T> {
  const known = KINDS.find(([pattern]) => pattern.test(name));
  if (known !== undefined) return refused(known[1], `${service} ${known[2]} (${name})`);
  return refused("unavailable", `${service} does not answer${/^\w{1,60}$/.test(name) ? ` (${name})` : ""}`);
}
