import { type Group, type Line, type Message, type Room, clipped, fit } from "./message.ts";

/** https://docs.slack.dev/reference/block-kit/blocks/header-block */
const HEADER = 150;
/** https://docs.slack.dev/reference/block-kit/blocks/section-block */
const SECTION = 3_000;
/**
 * At most 50 blocks: https://docs.slack.dev/reference/block-kit/blocks. Besides secrets there are at most 8 more. Slack also
 * refuses messages whose blocks have about 13,000 characters in all, JSON included: https://github.com/slackapi/bolt-js/issues/2509
 */
const ROOM: Room = { secrets: 20, lines: 6, group: SECTION - 100, all: 8_000 };

interface Text {
  readonly type: "plain_text" | "mrkdwn";
  readonly text: string;
  /** Whether bare addresses are left alone. https://docs.slack.dev/reference/block-kit/composition-objects/text-object */
  readonly verbatim?: true;
}

interface Block {
  readonly type: "header" | "section" | "context";
  readonly text?: Text;
  readonly elements?: readonly Text[];
}

/** What an incoming webhook takes. */
export interface SlackMessage {
  /** For notifications, and for who cannot see blocks. */
  readonly text: string;
  readonly blocks: readonly Block[];
}

export function slackMessage(message: Message): SlackMessage {
  const fitted = fit(message, ROOM, (line) => render(line).length);
  const title = clipped(fitted.title, HEADER);
  return {
    text: escaped(title),
    blocks: [
      { type: "header", text: { type: "plain_text", text: title } },
      ...lines(fitted.intro),
      ...fitted.secrets.map(section),
      ...(fitted.more === undefined ? [] : lines([[fitted.more]])),
      ...fitted.others.map(section),
      ...fitted.footer.map((line): Block => ({ type: "context", elements: [marked(render(line))] })),
    ],
  };
}

function section({ title, lines, after }: Group): Block {
  return { type: "section", text: marked([title, ...lines, ...after].map(render).join("\n")) };
}

function lines(some: readonly Line[]): Block[] {
  return some.length === 0 ? [] : [{ type: "section", text: marked(some.map(render).join("\n")) }];
}

function marked(text: string): Text {
  return { type: "mrkdwn", text, verbatim: true };
}

function render(line: Line): string {
  return line
    .map((span) => {
      if (typeof span === "string") return escaped(span);
      // nothing ends it but a backtick
      if ("code" in span) return `\`${escaped(span.code.replaceAll("`", "'")) || " "}\``;
      return `*${escaped(span.strong)}*`;
    })
    .join("");
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
