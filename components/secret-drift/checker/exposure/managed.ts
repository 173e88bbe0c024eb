import { SourceUnreachable } from "../checker.ts";
import { Fingerprints } from "../fingerprint.ts";
import type { Mapping } from "../mapping.ts";
import { FINGERPRINT_KEY } from "../own-names.ts";
import { InvalidMapping } from "../reader.ts";
import { SecretValue } from "../secret-value.ts";
import { MISSING, type Store } from "../store.ts";
import { FORMS_VERSION, tooCommon } from "./encodings.ts";
import { Needles } from "./needles.ts";

/** A secret whose value is not looked for, and why. */
export interface NotSearched {
  readonly secret: string;
  readonly reason: string;
  /** The source could not be asked for it: nothing is known of where it is. */
  readonly unasked: boolean;
}

/** The values that are looked for; they are in memory alone. */
export interface ManagedValues {
  readonly needles: Needles;
  readonly fingerprints: Fingerprints;
  /** Changes with any of the values and their forms. */
  readonly version: string;
  /** How many secrets are looked for. */
  readonly count: number;
  readonly notSearched: readonly NotSearched[];
}

/**
 * Asks the source for every value.
 * @throws SourceUnreachable where it gives none
 */
export async function readManaged(mapping: Mapping, source: Store): Promise<ManagedValues> {
  const { scope, store } = mapping.source;
  const key = { id: FINGERPRINT_KEY, property: FINGERPRINT_KEY, minimumLength: 1 };
  const wanted = [key, ...mapping.secrets];
  const read = await source.read(scope, [...new Set(wanted.map(({ property }) => property))]);
  if (!read.ok) throw new SourceUnreachable(read.problem.message);
  const values: { secret: string; value: SecretValue }[] = [];
  const notSearched: NotSearched[] = [];
  for (const { id, property, minimumLength } of wanted) {
    const answer = read.value.get(property);
    if (answer?.ok === false) notSearched.push({ secret: id, reason: answer.problem.message, unasked: true });
    else if (answer === undefined || answer.value === MISSING)
      notSearched.push({ secret: id, reason: `${store} does not have it`, unasked: false });
    else {
      const reason = tooCommon(answer.value.reveal(), minimumLength);
      if (reason === undefined) values.push({ secret: id, value: answer.value });
      else notSearched.push({ secret: id, reason, unasked: false });
    }
  }
  const fingerprints = keyed(values, store);
  const all = values.map(({ secret, value }) => [secret, fingerprints.of(value)]);
  const version = fingerprints.of(new SecretValue(JSON.stringify([FORMS_VERSION, all])));
  return { needles: new Needles(values), fingerprints, version, count: values.length - 1, notSearched };
}

function keyed(values: readonly { secret: string; value: SecretValue }[], store: string): Fingerprints {
  const key = values.find(({ secret }) => secret === FINGERPRINT_KEY)?.value;
  if (key === undefined)
    throw new InvalidMapping(
      `the source ${store} has no ${FINGERPRINT_KEY}, with which findings are told apart: run \`groundwork secrets init\` once`,
    );
  return new Fingerprints(Buffer.from(key.reveal(), "base64"));
}
