import { stripVTControlCharacters } from "node:util";

const DEFAULT_COLUMNS = 80;

/** Progress on standard error: lines that stay, and in a terminal one status line below them that is rewritten. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #quiet: boolean;
  readonly #status = new Map<string, string>();
  #shown = false;

  constructor(options: { readonly quiet: boolean; readonly stream?: NodeJS.WriteStream }) {
    this.#quiet = options.quiet;
    this.#stream = options.stream ?? process.stderr;
  }

  /** Something that stays to be read. What the subject did until then is over. */
  line(subject: string, text: string): void {
    if (this.#quiet) return;
    this.#clear();
    this.#status.delete(subject);
    this.#stream.write(`${subject}: ${text}\n`);
    this.#draw();
  }

  /** What a subject does at this moment; only a terminal shows it. */
  status(subject: string, text: string): void {
    this.#status.set(subject, text);
    this.#clear();
    this.#draw();
  }

  end(): void {
    this.#clear();
    this.#status.clear();
  }

  #clear(): void {
    if (this.#shown) this.#stream.write("\r\u001b[2K");
    this.#shown = false;
  }

  #draw(): void {
    if (this.#quiet || !this.#stream.isTTY || this.#status.size === 0) return;
    const sorted = [...this.#status].sort(([a], [b]) => a.localeCompare(b));
    const text = sorted.map(([subject, doing]) => `${subject}: ${doing}`).join("  |  ");
    // some terminals do not tell how wide they are
    const width = this.#stream.columns > 0 ? this.#stream.columns : DEFAULT_COLUMNS;
    this.#stream.write(stripVTControlCharacters(text).slice(0, width - 1));
    this.#shown = true;
  }
}
