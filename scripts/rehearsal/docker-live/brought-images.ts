import { existsSync, readFileSync, writeFileSync } from "node:fs";

/**
 * The images that a rehearsal has brought to the engine: a pulled image cannot be labelled, so they are written down. What
 * was there before is somebody else's and stays.
 */
export class BroughtImages {
  readonly #file: string;
  readonly #references: Set<string>;

  constructor(file: string) {
    this.#file = file;
    this.#references = new Set(existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as string[]) : []);
  }

  get all(): readonly string[] {
    return [...this.#references];
  }

  has(reference: string): boolean {
    return this.#references.has(reference);
  }

  /** Written down before it is brought: a rehearsal that is killed meanwhile must know it. */
  add(reference: string): void {
    this.#references.add(reference);
    this.#write();
  }

  remove(reference: string): void {
    if (this.#references.delete(reference)) this.#write();
  }

  #write(): void {
    writeFileSync(this.#file, JSON.stringify(this.all), { mode: 0o600 });
  }
}
