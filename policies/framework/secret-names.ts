/** Words that name a secret, wherever they stand in a name. */
const NAMES =
  /passw(?:or)?d|passphrase|secret|credential|api_?key|private_?key|access_?key|signing_?key|encryption_?key|(?:^|_)token(?:_|$)|(?:^|_)pwd(?:_|$)/;

/** What follows a secret's name where the value is something about the secret, and not the secret itself. */
const ABOUT =
  /_(?:files?|paths?|dir|name|ids?|arn|ur[il]|host|endpoint|ttl|expir\w*|lifetime|age|seconds|minutes|hours|days|length|size|count|limit|enabled|required|type|algorithm|issuer|audience|header|prefix|provider|store|backend|version|rotation|policy|ref|mode|encryption|region|namespace|rounds|authentication|bucket)$/;

/** Values that are secrets, whatever they are called: a private key, a login in an address, tokens that say what they are. */
const VALUES =
  /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s/:@]{0,64}:[^\s/@$<{]{1,128}@|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bxox[abp]-[0-9A-Za-z-]{10}/;

/** A reference to another variable, a switch, a short number, or the place of a file. */
const HARMLESS =
  /^(?:\$\(\w+\)|\$\{?\w+\}?|true|false|yes|no|on|off|\d{1,5}|\/(?:run|var\/run)\/secrets\/.*|\/[\w./-]+)?$/i;

/** Called like secrets, and none. https://etcd.io/docs/v3.6/op-guide/configuration/ */
const PUBLIC = new Set(["initial_cluster_token", "etcd_initial_cluster_token"]);

/** What looks after secrets is called by them. */
const GUARDS = /secrets?_drift/g;

/** Whether a variable is called like a secret: `PGPASSWORD`, `stripe.apiKey`, but not `PASSWORD_FILE` or `MAX_TOKENS`. */
export function namesSecret(name: string): boolean {
  const snake = name
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .replaceAll(/[-.]/g, "_")
    .toLowerCase()
    .replaceAll(GUARDS, "");
  return NAMES.test(snake) && !ABOUT.test(snake) && !PUBLIC.has(snake);
}

/** Whether a value shows by itself that it is a secret. */
export function isSecret(value: string): boolean {
  return VALUES.test(value);
}

/** Why a named value must not stand in plain text; never the value itself. `undefined`: it may. */
export function plainSecret(name: string, value: unknown): string | undefined {
  if (typeof value !== "string" || HARMLESS.test(value)) return undefined;
  if (namesSecret(name)) return "is called like a secret and has a value in plain text";
  return isSecret(value) ? "holds a key or a login in plain text" : undefined;
}

/** One word of a command line, with the name of the flag that it is the value of; `""`: it is none. */
export interface Word {
  readonly name: string;
  readonly value: unknown;
}

/** Words with their flags' names, whether written as `--name=value` or as `--name value`. */
export function wordsOf(list: readonly unknown[]): Word[] {
  return list.map((word, index) => {
    const [, name, value] = /^-{1,2}([\w.-]+)=(.*)$/s.exec(String(word)) ?? [];
    if (name !== undefined) return { name, value };
    // what looks like a flag is none's value: the one before is a switch
    const isFlag = /^--?[A-Za-z]/.test(String(word));
    const [, before] = isFlag ? [] : (/^-{1,2}([A-Za-z][\w.-]*)$/.exec(String(list[index - 1])) ?? []);
    return { name: before ?? "", value: word };
  });
}
