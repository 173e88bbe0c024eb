import { type Group, type Line, type Message, type Room, clipped, fit } from "./message.ts";

/** A mail is read at leisure, and still by a person. */
const ROOM: Room = { secrets: 100, lines: 50, group: 20_000, all: 200_000 };
/** What programs show of a subject; a line may have 78 characters. https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1 */
const SUBJECT = 120;

export interface MailMessage {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export function mailMessage(message: Message): MailMessage {
  const fitted = fit(message, ROOM, (line) => plain(line).length);
  const groups = [...fitted.secrets, ...(fitted.more === undefined ? [] : [note(fitted.more)]), ...fitted.others];
  const title = clipped(fitted.title, SUBJECT);
  return {
    subject: `[groundwork secrets] ${title}`,
    text: `${[title, ...paragraphs(fitted.intro), ...groups.map(plainGroup), ...paragraphs(fitted.footer)].join("\n\n")}\n`,
    html: page(title, [
      ...fitted.intro.map((line) => `<p>${rich(line)}</p>`),
      ...groups.map(richGroup),
      ...fitted.footer.map((line) => `<p style="color:#666">${rich(line)}</p>`),
    ]),
  };
}

function note(text: string): Group {
  return { title: [text], lines: [], after: [], noun: "" };
}

function paragraphs(lines: readonly Line[]): string[] {
  return lines.length === 0 ? [] : [lines.map(plain).join("\n")];
}

function plainGroup({ title, lines, after }: Group): string {
  return [plain(title), ...lines.map((line) => `  - ${plain(line)}`), ...after.map((line) => `  ${plain(line)}`)].join(
    "\n",
  );
}

function plain(line: Line): string {
  return line.map((span) => (typeof span === "string" ? span : "code" in span ? span.code : span.strong)).join("");
}

function richGroup({ title, lines, after }: Group): string {
  const list = lines.length === 0 ? "" : `<ul>${lines.map((line) => `<li>${rich(line)}</li>`).join("")}</ul>`;
  return `<div style="margin:16px 0"><div>${rich(title)}</div>${list}${after.map((line) => `<div>${rich(line)}</div>`).join("")}</div>`;
}

function rich(line: Line): string {
  return line
    .map((span) => {
      if (typeof span === "string") return escaped(span);
      if ("code" in span) return `<code style="background:#f2f2f2">${escaped(span.code)}</code>`;
      return `<strong>${escaped(span.strong)}</strong>`;
    })
    .join("");
}

function page(title: string, parts: readonly string[]): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>',
    '<body style="font:14px/1.5 sans-serif;color:#222">',
    `<h2 style="font-size:18px">${escaped(title)}</h2>`,
    ...parts,
    "</body></html>",
  ].join("\n");
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
