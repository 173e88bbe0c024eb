/**
 * Bad input from the person at the keyboard: a flag, a file, a config key. The message is one sentence that names the
 * key, the value and what to write instead. The command line prints it alone and exits with 2; nothing has been changed.
 */
export class BadInput extends Error {
  override readonly name = "BadInput";
}
