/** How a message begins that says: what it hangs on is not known in preview, and is decided at `up`. */
export const UNDECIDED = "Undecided until up: ";

/** How a message begins that says: this is wrong, and an exception in the policy config bears it until a date. */
export const EXCEPTED = "Excepted until ";

/** How a message begins that says: the policy's part of the config file is not what it has to be. */
export const MISCONFIGURED = "The policy config ";

/** What a policy's message is; a report shows each kind in a place of its own. */
export function kindOfFinding(message: string): "finding" | "undecided" | "excepted" {
  if (message.startsWith(UNDECIDED)) return "undecided";
  return message.startsWith(EXCEPTED) ? "excepted" : "finding";
}
