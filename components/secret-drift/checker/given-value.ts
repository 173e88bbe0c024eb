import { buffer } from "node:stream/consumers";
import { InvalidMapping } from "./reader.ts";
import { SecretValue } from "./secret-value.ts";

/**
 * A value from standard input, as it is.
 * @throws InvalidMapping where somebody would type it for all to see, or it is no text
 */
export async function givenValue(input: NodeJS.ReadStream): Promise<SecretValue> {
  if (input.isTTY)
    throw new InvalidMapping(
      'standard input is a terminal, which would show the value: write `printf %s "$VALUE" |` before the command',
    );
  const bytes = await buffer(input);
  try {
    return new SecretValue(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new InvalidMapping("the value on standard input is no text in UTF-8: encode it first, such as by `base64`");
  }
}
