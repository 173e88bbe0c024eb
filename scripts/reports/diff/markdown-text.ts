import { plain } from "./format.ts";

/** What means something to GitHub's Markdown, or to the HTML in it, as a reference that means only itself. */
const MEANINGFUL = /[&<>`|*_~[\]\\$#@]|:(?=\/\/|\w)/g;
const ZERO_WIDTH_SPACE = "&#8203;";

/**
 * Text that no value can break out of: it stays in its table cell, makes no link, picture, heading, formula or tag, and
 * calls nobody. GitHub looks for mentions and issue numbers after references are resolved, so those get a gap that is
 * not seen.
 */
export function escape(text: string): string {
  return plain(text, Number.MAX_SAFE_INTEGER)
    .replace(MEANINGFUL, (character) => `&#${character.codePointAt(0) ?? 0};`)
    .replace(/(?<sign>&#(?:64|35);)(?=\w)/g, `$<sign>${ZERO_WIDTH_SPACE}`)
    .replace(/(?<=\b(?:www|GH))(?=[.-])/gi, ZERO_WIDTH_SPACE);
}

export function code(text: string): string {
  return `<code>${escape(text)}</code>`;
}

export function bold(text: string): string {
  return `<b>${escape(text)}</b>`;
}

/** Text of a hidden comment: nothing in it can end the comment. */
export function hidden(text: string): string {
  return plain(text)
    .replaceAll(/[^\w./ -]/g, "_")
    .replaceAll("--", "-_");
}
