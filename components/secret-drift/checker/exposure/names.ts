/** Words that name a secret, wherever they stand in a name. */
const NAMES =
  /passw(?:or)?d|passphrase|secret|credential|api_?key|private_?key|access_?key|signing_?key|encryption_?key|(?:^|_)token(?:_|$)|(?:^|_)pwd(?:_|$)/;

/** What follows a secret's name where the value is something about the secret, and not the secret itself. */
const ABOUT =
  /_(?:files?|paths?|dir|name|names|ids?|arns?|ur[il]|urn|host|endpoint|ttl|expir\w*|lifetime|age|seconds|minutes|hours|days|length|size|count|limit|enabled|required|type|algorithm|issuer|audience|header|prefix|suffix|provider|store|backend|version|rotation|policy|ref|mode|encryption|region|namespace|rounds|authentication|bucket|key|hash|digest|checksum|resource_version)$/;

/** A key that is one, although its name ends as if it were the name of a field. */
const KEYS = /(?:api|private|access|signing|encryption|secret)_?key$/;

/** A reference, a switch, a number, the place of a file, a name of a resource: nothing that opens anything. */
const HARMLESS =
  /^(?:\$\(.*\)|\$\{.*\}|\$\w+|\{\{.*\}\}|<[^>]*>|%\w+%|\[secret\]|\*+|true|false|yes|no|on|off|null|none|[\d.]{1,5}|\.?\/[\w./-]+|arn:aws[\w-]*:.*|[\w-]+:\/\/[^\s:@]*|op:\/\/.*|ref\+.*|vault:.*|urn:pulumi:.*|changeme|x+)?$/i;

/** Words of examples. */
const PLACEHOLDER =
  /example|placeholder|change[-_ ]?me|your[-_ ]|dummy|redacted|replace[-_ ]?(?:me|with)|not[-_ ]a[-_ ]|0123456|12345678|abcdefgh/i;

/** Shorter ones are examples, or were lost long ago. */
const LEAST_LENGTH = 6;

/** Whether something is called like a secret: `PGPASSWORD`, `stripe.apiKey`, but not `PASSWORD_FILE` or `MAX_TOKENS`. */
export function namesSecret(name: string): boolean {
  const snake = name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1_$2")
    .replaceAll(/[-.]/g, "_")
    .toLowerCase();
  return NAMES.test(snake) && (KEYS.test(snake) || !ABOUT.test(snake));
}

/** A name of another object, which holds the secret. */
const REFERRED = /(?:secrets?|credentials?)$/i;
const OBJECT_NAME = /^[a-z][a-z0-9]*(?:[-./][a-z0-9]+)+$/;

/** Whether a value that is called like a secret may be one, and no reference to it nor an example. */
export function maybeSecret(name: string, value: string): boolean {
  if (REFERRED.test(name) && OBJECT_NAME.test(value)) return false;
  return value.length >= LEAST_LENGTH && !HARMLESS.test(value) && !PLACEHOLDER.test(value);
}
