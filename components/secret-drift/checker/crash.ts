/** Of a command that stopped on an error of its own: neither drift nor bad input. https://man.openbsd.org/sysexits (EX_SOFTWARE) */
export const EXIT_CRASHED = 70;

const FRAME = /^ {4}at (?:[^()]+ \()?(?:file:\/\/|node:|\/)[^\s()]+:\d+:\d+\)?$/;
const CLASS = /^\w{1,60}$/;
const CODE = /^[A-Z][A-Z0-9_]{1,60}$/;

let isHidden = false;

/**
 * From now on an error that nobody has thought of ends the process without its text, which may quote a value: a parser's, for
 * one, quotes what it could not parse. Reports that Node writes, if it is told to, tell no environment, which has credentials.
 * https://nodejs.org/api/report.html
 */
export function hideCrashes(): void {
  if (isHidden) return;
  isHidden = true;
  // its types do not know it yet
  Object.assign(process.report, { excludeEnv: true });
  const isAsked = process.report.reportOnUncaughtException;
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${describeCrash(error)}\n`);
    if (isAsked) process.report.writeReport(harmless(error));
    process.exit(EXIT_CRASHED);
  });
}

/** What an error is and where it comes from, and nothing that it says. */
export function describeCrash(error: unknown): string {
  const { name, code, file, frames } = partsOf(error);
  const kind = [name, code, file].filter((part) => part !== undefined).join(" ");
  const told = `the checker stopped on an error that it does not know (${kind}), whose text is not shown, as it may quote a value`;
  return [told, ...frames].join("\n");
}

function harmless(error: unknown): Error {
  const { name, frames } = partsOf(error);
  const shown = new Error("its text is not shown, as it may quote a value");
  shown.name = name;
  shown.stack = [`${name}: ${shown.message}`, ...frames].join("\n");
  return shown;
}

interface Parts {
  readonly name: string;
  readonly code?: string;
  /** Which the system has refused: it is no value, and says what to do. */
  readonly file?: string;
  readonly frames: readonly string[];
}

function partsOf(error: unknown): Parts {
  if (!(error instanceof Error)) return { name: typeof error, frames: [] };
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  const { name } = error.constructor;
  return {
    name: CLASS.test(name) ? name : "Error",
    ...(typeof code === "string" && CODE.test(code) && { code }),
    ...(typeof syscall === "string" && typeof path === "string" && { file: JSON.stringify(path) }),
    frames: framesOf(error),
  };
}

/** The last lines that are frames: what stands before them is the text, which may have such lines as well. */
function framesOf({ stack = "", message }: Error): string[] {
  const after = message === "" ? stack : stack.slice(stack.lastIndexOf(message) + message.length);
  const lines = (stack.includes(message) ? after : "").split("\n");
  return lines.slice(lines.findLastIndex((line) => !FRAME.test(line)) + 1);
}
