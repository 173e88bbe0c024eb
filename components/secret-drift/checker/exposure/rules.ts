import { bitsOf } from "./encodings.ts";
import { maybeSecret, namesSecret } from "./names.ts";
import type { lintSource } from "@secretlint/core";
import type { SecretLintCoreConfig, SecretLintRuleCreator } from "@secretlint/types";

/** What a rule has found; the text itself stays where it was. */
export interface RuleMatch {
  /** Such as `github/GITHUB_TOKEN`. */
  readonly rule: string;
  /** Its first character, and the one after the last. */
  readonly start: number;
  readonly end: number;
  /** From 0. */
  readonly line: number;
}

/** Raised with every change of what the rules find: what was searched with the former ones has to be searched again. */
export const RULES_VERSION = "13.0.7/2";

const LIBRARY = "@secretlint/secretlint-rule-";
/** An exception has a reason and an end, and stands in one place; a comment has none of it. */
const LEFT_OUT = `${LIBRARY}filter-comments`;

/** What opens this checker's own stores, and keys that the library does not know. */
const OWN_PATTERNS = {
  // https://github.com/C2SP/C2SP/blob/main/age.md#the-x25519-recipient-type
  AgeIdentity: /AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{58,}/g,
  // https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
  PulumiAccessToken: /\bpul-[0-9a-f]{40}\b/g,
  // https://cloud.google.com/docs/authentication/api-keys
  GoogleApiKey: /\bAIza[\w-]{35}(?![\w-])/g,
  // https://docs.digitalocean.com/reference/api/create-personal-access-token/
  DigitalOceanToken: /\bdo[opr]_v1_[0-9a-f]{64}\b/g,
  // https://docs.pypi.org/api/secrets/
  PyPiToken: /\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}/g,
  // https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string
  AzureStorageKey: /\bAccountKey=[A-Za-z0-9+/]{86}==/g,
};
type OwnPattern = keyof typeof OWN_PATTERNS;

/** A line of a settings file, with the name of a secret and what it is set to. */
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+|-[ \t]+)?["']?([A-Za-z_][\w.-]{0,80})["']?[ \t]*[:=][ \t]*["']?([^\s"'`$<>{}()[\],;]{12,200})["']?,?[ \t]*\r?$/gm;
/** In bits for each character: what is made by chance has more, what is made of words less. */
const LEAST_ENTROPY = 3.2;

/** The rules of secretlint, of which nothing is taken but what they are called and where they apply. */
export class Rules {
  readonly #lint: typeof lintSource;
  readonly #config: SecretLintCoreConfig;

  private constructor(lint: typeof lintSource, config: SecretLintCoreConfig) {
    this.#lint = lint;
    this.#config = config;
  }

  static async load(): Promise<Rules> {
    const [core, { creator }] = await Promise.all([
      import("@secretlint/core"),
      import("@secretlint/secretlint-rule-preset-recommend"),
    ]);
    const wanted = [...(creator.rules ?? []), ownRules].filter(({ meta }) => meta.id !== LEFT_OUT);
    return new Rules(core.lintSource, { rules: wanted.map((rule) => ({ id: rule.meta.id, rule, options: {} })) });
  }

  async find(text: string): Promise<RuleMatch[]> {
    const { messages } = await this.#lint({
      source: { content: text, filePath: "text", ext: ".txt", contentType: "text" },
      options: { config: this.#config, noPhysicFilePath: true, maskSecrets: true },
    });
    return messages.map(({ ruleId, messageId, range: [start, end], loc }) => ({
      rule: `${ruleId.replace(LIBRARY, "")}/${messageId}`,
      start,
      end,
      line: loc.start.line - 1,
    }));
  }
}

const ASSIGNED = "AssignedSecret";
/** The rule that goes by what a line of a file calls its value. */
export const ASSIGNED_SECRET = `groundwork/${ASSIGNED}`;
const NAMES = Object.keys(OWN_PATTERNS) as OwnPattern[];
const MESSAGES = Object.fromEntries([...NAMES, ASSIGNED].map((name) => [name, { en: () => name }]));

const ownRules: SecretLintRuleCreator = {
  messages: MESSAGES,
  meta: { id: `${LIBRARY}groundwork`, type: "scanner", recommended: true, supportedContentTypes: ["text"] },
  create: (context) => ({
    file({ content }) {
      const translate = context.createTranslator(MESSAGES);
      for (const name of NAMES)
        for (const { index, 0: found } of content.matchAll(OWN_PATTERNS[name]))
          context.report({ message: translate(name), range: [index, index + found.length] });
      for (const { index, 0: line, 1: name = "", 2: value = "" } of content.matchAll(ASSIGNMENT)) {
        if (!namesSecret(name) || !maybeSecret(name, value) || !isByChance(value)) continue;
        const start = index + line.lastIndexOf(value);
        context.report({ message: translate(ASSIGNED), range: [start, start + value.length] });
      }
    },
  }),
};

/** Letters and digits mixed, as nobody would write a name: not `database-password`, not `config.v1.token`. */
function isByChance(value: string): boolean {
  const isMixed = /\d/.test(value) && /[A-Za-z]/.test(value) && !/^[a-z\d]+(?:[-_./:][a-z\d]+)+$/i.test(value);
  return isMixed && bitsOf(value) / value.length >= LEAST_ENTROPY;
}
