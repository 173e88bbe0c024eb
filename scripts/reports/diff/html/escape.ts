import { plain } from "../format.ts";

const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for an element or for an attribute in quotes. */
export function escape(text: string): string {
  return plain(text, Number.MAX_SAFE_INTEGER).replace(/[&<>"']/g, (character) => REFERENCES[character] ?? "");
}
