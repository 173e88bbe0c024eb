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
export const RULES_VERSION = "13.0.7/1";

const LIBRARY = "@secretlint/secretlint-rule-";
/** An exception has a reason and an end, and stands in one place; a comment has none of it. */
const LEFT_OUT = `${LIBRARY}filter-comments`;

/** Keys that the library does not know, and that open what this checker keeps. */
const OWN_PATTERNS = {
  // https://github.com/C2SP/C2SP/blob/main/age.md#the-x25519-recipient-type
  AgeIdentity: /AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{58,}/g,
  // https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
  PulumiAccessToken: /\bpul-[0-9a-f]{40}\b/g,
};

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

const MESSAGES = {
  AgeIdentity: { en: () => "an identity of age" },
  PulumiAccessToken: { en: () => "an access token of Pulumi" },
};

const ownRules: SecretLintRuleCreator = {
  messages: MESSAGES,
  meta: { id: `${LIBRARY}groundwork`, type: "scanner", recommended: true, supportedContentTypes: ["text"] },
  create: (context) => ({
    file({ content }) {
      const translate = context.createTranslator(MESSAGES);
      for (const name of ["AgeIdentity", "PulumiAccessToken"] as const)
        for (const { index, 0: found } of content.matchAll(OWN_PATTERNS[name]))
          context.report({ message: translate(name), range: [index, index + found.length] });
    },
  }),
};
