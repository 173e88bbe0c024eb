/** One JSON object a line on standard output, where the log pipeline reads it. */
export type Log = (event: string, details?: Readonly<Record<string, unknown>>) => void;

/** A library may quote a whole query or answer in its message. */
const REASON_LIMIT = 500;

/** A log that replaces the known secrets, wherever a library's message may carry one. */
export function createLog(
  service: Readonly<Record<string, string>>,
  secrets: readonly string[],
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Log {
  // as JSON writes it, since that is the form in which it would appear
  const hidden = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return (event, details = {}) => {
    const line = JSON.stringify({ at: new Date().toISOString(), event, ...service, ...details });
    write(`${hidden.reduce((text, secret) => text.replaceAll(secret, "[secret]"), line)}\n`);
  };
}

/** What may be shown of an error: clients put addresses and codes into it, and a stack helps nobody who reads logs. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const text = error.message === "" ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
  return (error.cause === undefined ? text : `${text}: ${reason(error.cause)}`).slice(0, REASON_LIMIT);
}
