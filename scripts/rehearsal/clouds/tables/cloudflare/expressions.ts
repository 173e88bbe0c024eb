import { DOCS } from "./rules.ts";

/** What is wrong with a rule's expression, as far as its words tell; its types are not looked at. */
export interface ExpressionProblem {
  readonly reason: string;
  readonly source: string;
}

/** What an expression talks of. */
export interface Vocabulary {
  readonly fields: ReadonlySet<string>;
  /** Lists of the account by name, without `$`. */
  readonly lists: ReadonlySet<string>;
  /** Whether it uses a regular expression. */
  readonly hasPattern: boolean;
}

const LANGUAGE = `${DOCS}/ruleset-engine/rules-language`;

const TOKEN =
  /\s+|r(#*)"[\s\S]*?"\1|"(?:\\.|[^"\\])*"|\$[a-z0-9_.]+|\d+(?:\.\d+)?(?:[.:][\da-f.:]+)?(?:\/\d+)?|[a-f\d]*:[a-f\d:]+(?:\/\d+)?|[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*|==|!=|<=|>=|&&|\|\||\^\^|\.\.|[<>~!()[\]{},*]/iy;

/** https://developers.cloudflare.com/ruleset-engine/rules-language/operators/ */
const OPERATORS = new Set([
  ...["eq", "ne", "lt", "le", "gt", "ge", "contains", "matches", "in", "wildcard", "strict"],
  ...["and", "or", "xor", "not", "true", "false"],
]);

/** https://developers.cloudflare.com/ruleset-engine/rules-language/functions/ */
const FUNCTIONS = new Set([
  ...["all", "any", "cidr", "cidr6", "concat", "decode_base64", "encode_base64", "ends_with", "has_key", "has_value"],
  ...["is_timed_hmac_valid_v0", "join", "len", "lookup_json_integer", "lookup_json_string", "lower", "regex_replace"],
  ...["remove_bytes", "remove_query_args", "sha256", "split", "starts_with", "substring", "to_string", "upper"],
  ...["url_decode", "uuidv4", "wildcard_replace"],
]);

/** https://developers.cloudflare.com/ruleset-engine/rules-language/fields/reference/ */
const FIELDS = new Set([
  ...["http.cookie", "http.host", "http.referer", "http.user_agent", "http.x_forwarded_for", "http.request.version"],
  ...["http.request.method", "http.request.uri", "http.request.uri.path", "http.request.uri.path.basename"],
  ...["http.request.uri.path.extension", "http.request.uri.query", "http.request.uri.args"],
  ...["http.request.uri.args.names", "http.request.uri.args.values", "http.request.full_uri", "http.request.cookies"],
  ...["http.request.accepted_languages", "http.request.headers", "http.request.headers.names"],
  ...["http.request.headers.values", "http.request.headers.truncated", "http.request.timestamp.sec"],
  ...["http.request.timestamp.msec", "http.request.body.raw", "http.request.body.size", "http.request.body.truncated"],
  ...["http.request.body.mime", "http.request.body.form", "http.request.jwt.claims.iat.sec"],
  ...["http.response.code", "http.response.headers", "http.response.headers.names", "http.response.headers.values"],
  ...["http.response.content_type.media_type", "http.response.1xxx_code"],
  ...["ip.src", "ip.src.asnum", "ip.src.city", "ip.src.continent", "ip.src.country", "ip.src.is_in_european_union"],
  ...["ip.src.lat", "ip.src.lon", "ip.src.metro_code", "ip.src.postal_code", "ip.src.region", "ip.src.region_code"],
  ...["ip.src.timezone.name", "ip.geoip.asnum", "ip.geoip.continent", "ip.geoip.country", "ssl"],
  ...["raw.http.request.full_uri", "raw.http.request.uri", "raw.http.request.uri.path", "raw.http.request.uri.query"],
  ...["cf.client.bot", "cf.colo.id", "cf.colo.name", "cf.colo.region", "cf.edge.server_ip", "cf.edge.server_port"],
  ...["cf.bot_management.score", "cf.bot_management.verified_bot", "cf.bot_management.static_resource"],
  ...["cf.bot_management.ja3_hash", "cf.bot_management.ja4", "cf.bot_management.corporate_proxy"],
  ...["cf.metal.id", "cf.random_seed", "cf.ray_id", "cf.threat_score", "cf.tls_cipher", "cf.tls_version"],
  ...["cf.tls_client_auth.cert_presented", "cf.tls_client_auth.cert_verified", "cf.unique_visitor_id"],
  ...["cf.verified_bot_category", "cf.waf.score", "cf.waf.score.class", "cf.worker.upstream_zone", "cf.zone.name"],
]);

const OPENERS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** What the expression's words are, or what is wrong with it. */
export function readExpression(written: string): Vocabulary | ExpressionProblem {
  if (written.trim() === "")
    return { reason: 'write an expression, or "true" for everything', source: `${LANGUAGE}/expressions/` };
  const tokens = tokensOf(written);
  if (tokens === undefined)
    return { reason: "a quotation mark or bracket is not closed", source: `${LANGUAGE}/expressions/` };
  const fields = new Set<string>();
  for (const [index, token] of tokens.entries()) {
    if (!/^[a-z_]/i.test(token) || /^r#*"/.test(token)) continue;
    const problem = wordProblem(token, tokens[index + 1]);
    if (problem !== undefined) return problem;
    if (FIELDS.has(token)) fields.add(token);
  }
  const lists = tokens.filter((token) => token.startsWith("$")).map((token) => token.slice(1));
  return {
    fields,
    // `$cf.` lists are Cloudflare's own
    lists: new Set(lists.filter((name) => !name.startsWith("cf."))),
    hasPattern: tokens.some((token) => token === "matches" || token === "~" || token === "regex_replace"),
  };
}

function wordProblem(word: string, next: string | undefined): ExpressionProblem | undefined {
  if (OPERATORS.has(word)) return undefined;
  if (next === "(")
    return FUNCTIONS.has(word)
      ? undefined
      : { reason: `${word} is no function of the rules language`, source: `${LANGUAGE}/functions/` };
  return FIELDS.has(word)
    ? undefined
    : { reason: `${word} is no field of the rules language`, source: `${LANGUAGE}/fields/reference/` };
}

/** Undefined where something is not closed, or is no word of the language. */
function tokensOf(written: string): string[] | undefined {
  const tokens: string[] = [];
  const open: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < written.length) {
    const token = TOKEN.exec(written)?.[0];
    if (token === undefined) return undefined;
    if (/^\s/.test(token)) continue;
    if ("([{".includes(token)) open.push(token);
    if (OPENERS[token] !== undefined && open.pop() !== OPENERS[token]) return undefined;
    tokens.push(token);
  }
  return open.length === 0 ? tokens : undefined;
}
