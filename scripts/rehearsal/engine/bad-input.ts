import type { Diagnostic } from "./events.ts";

/** With this a program begins the message of a `RunError` that tells its user about their own input. */
export const BAD_INPUT_PREFIX = "bad input: ";

/**
 * What the CLI says about input that it refuses before any program runs. Each pattern is taken from a real run of 3.200.0
 * (test/scripts/engine); the sentence names what was wrong and what to write instead.
 */
const refusals: readonly {
  readonly pattern: RegExp;
  readonly sentence: (match: RegExpExecArray, cwd: string) => string;
}[] = [
  {
    pattern: /Stack '([^']*)' is missing configuration value '([^']*)'/,
    sentence: ([, stack, key]) =>
      `stack ${stack} has no value for the configuration key ${key}: add it to Pulumi.${stack}.yaml under \`config:\``,
  },
  {
    pattern: /Stack '([^']*)' is missing configuration values ([^\n]*)/,
    sentence: ([, stack, keys = ""]) =>
      `stack ${stack} has no value for the configuration keys ${keys.replaceAll("'", "").trim()}: add them to Pulumi.${stack}.yaml under \`config:\``,
  },
  {
    pattern: /Stack '([^']*)' with configuration key '([^']*)' (must be of type '[^']*')/,
    sentence: ([, stack, key, rule]) => `configuration key ${key} in Pulumi.${stack}.yaml ${rule}`,
  },
  {
    pattern: /Missing required configuration variable '([^']*)'/,
    sentence: ([, key]) => `the configuration key ${key} has no value: add it to the stack file under \`config:\``,
  },
  {
    pattern: /no stack named '([^']*)' found/,
    sentence: ([, stack]) =>
      `there is no stack ${stack} in this backend: \`pulumi stack ls\` lists those that exist, \`pulumi stack init ${stack}\` makes it`,
  },
  {
    pattern: /invalid YAML file: (.*)/,
    sentence: ([, reason]) => `the stack file is not valid YAML: ${reason}`,
  },
  {
    pattern: /failed to decrypt configuration key '([^']*)'/,
    sentence: ([, key]) =>
      `the secret configuration value ${key} cannot be decrypted: set it again with \`pulumi config set --secret ${key}\``,
  },
  {
    pattern: /incorrect passphrase/,
    sentence: () =>
      "PULUMI_CONFIG_PASSPHRASE is not the passphrase that this stack was made with: set it to the right one",
  },
  {
    pattern: /passphrase must be set with PULUMI_CONFIG_PASSPHRASE/,
    sentence: () =>
      "PULUMI_CONFIG_PASSPHRASE is not set: set it to the passphrase of this stack (PULUMI_CONFIG_PASSPHRASE_FILE works as well)",
  },
  {
    pattern: /PULUMI_ACCESS_TOKEN must be set for login/,
    sentence: () =>
      "there is no Pulumi backend to store the stack in: run `pulumi login` (`pulumi login --local` for this machine) or set PULUMI_BACKEND_URL",
  },
  {
    pattern: /no Pulumi\.yaml project file found|if you're using the --stack flag, pass the fully qualified name/,
    sentence: (_match, cwd) =>
      `there is no Pulumi.yaml in ${cwd} or above it: run this in a Pulumi project or name its folder with --cwd`,
  },
  {
    pattern: /validating policy config: (\S+) \S+\s+([^\n]+)/,
    sentence: ([, pack, reason]) =>
      `policy-config.json does not fit the policy pack ${pack}: ${reason}; correct that value`,
  },
  {
    pattern: /no space left on device|ENOSPC/,
    sentence: () => "the disk is full: free some space and run the command again",
  },
];

/** The sentence about the user's own input, when that is what stopped the operation. */
export function recogniseBadInput(diagnostics: readonly Diagnostic[], stderr: string, cwd: string): string | undefined {
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  const own = errors.find((message) => message.startsWith(BAD_INPUT_PREFIX));
  if (own !== undefined) return own.slice(BAD_INPUT_PREFIX.length).trim();
  for (const text of [stderr, ...errors]) {
    for (const { pattern, sentence } of refusals) {
      const match = pattern.exec(text);
      if (match !== null) return sentence(match, cwd);
    }
  }
  return undefined;
}
