import type { ServerResponse } from "node:http";
import { type Asked, type FakeServer, serve } from "./server.ts";

interface SlackText {
  readonly type: string;
  readonly text: string;
  readonly verbatim?: boolean;
}

export interface SlackBlock {
  readonly type: string;
  readonly text?: SlackText;
  readonly elements?: readonly SlackText[];
}

export interface SlackPost {
  readonly text?: string;
  readonly blocks?: readonly SlackBlock[];
}

export interface FakeSlack extends FakeServer {
  /** Every message that has come into the channel. */
  readonly posts: SlackPost[];
  /** Whether an admin has archived the channel. */
  archived: boolean;
  /** Messages that each webhook takes in one second; more than one is a burst. Default: no limit */
  perSecond: number;
  /** The address of a new webhook; its path is the secret. */
  webhook(): string;
  /** What an admin does. */
  revoke(address: string): void;
}

/**
 * Incoming webhooks as Slack describes them: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, their
 * errors https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks, their limit
 * https://docs.slack.dev/apis/web-api/rate-limits and what blocks may hold https://docs.slack.dev/reference/block-kit/blocks
 */
export async function fakeSlack(): Promise<FakeSlack> {
  const paths = new Set<string>();
  const lately = new Map<string, number[]>();
  const server = await serve((asked, response) => {
    const [status, text, headers] = answerOf(fake, paths, lately, asked);
    plain(response, status, text, headers);
  });
  const fake: FakeSlack = Object.assign(server, {
    posts: [],
    archived: false,
    perSecond: Infinity,
    webhook: () => {
      const path = `/services/T0000000/B${paths.size}/${Math.random().toString(36).slice(2, 14)}canary`;
      paths.add(path);
      return `${server.url}${path}`;
    },
    revoke: (address: string) => void paths.delete(new URL(address).pathname),
  });
  return fake;
}

type Answer = readonly [status: number, text: string, headers?: Record<string, string>];

function answerOf(fake: FakeSlack, paths: ReadonlySet<string>, lately: Map<string, number[]>, asked: Asked): Answer {
  if (asked.method !== "POST") return [400, "invalid_payload"];
  if (!paths.has(asked.path)) return [404, "no_service"];
  if (fake.archived) return [410, "channel_is_archived"];
  const now = performance.now();
  const within = lately.get(asked.path)?.filter((at) => now - at < 1_000) ?? [];
  if (within.length >= fake.perSecond)
    return [429, JSON.stringify({ ok: false, error: "rate_limited" }), { "retry-after": "1" }];
  const post = payload(asked);
  if (post === undefined) return [400, "invalid_payload"];
  const problem = problemOf(post);
  if (problem !== undefined) return [400, problem];
  lately.set(asked.path, [...within, now]);
  fake.posts.push(post);
  return [200, "ok"];
}

function payload({ headers, body }: Asked): SlackPost | undefined {
  if (!String(headers["content-type"]).startsWith("application/json")) return undefined;
  try {
    return JSON.parse(body) as SlackPost;
  } catch {
    return undefined;
  }
}

/** The whole of the blocks is limited too: https://github.com/slackapi/bolt-js/issues/2509 */
function problemOf({ text, blocks }: SlackPost): string | undefined {
  if (blocks === undefined) return text === undefined || text === "" ? "no_text" : undefined;
  if (blocks.length > 50) return "invalid_blocks";
  if (JSON.stringify(blocks).length > 13_000) return "msg_blocks_too_long";
  return blocks.every(isBlock) ? undefined : "invalid_blocks";
}

function isBlock({ type, text, elements }: SlackBlock): boolean {
  if (type === "header") return text?.type === "plain_text" && isLong(text, 150);
  if (type === "section") return text !== undefined && isLong(text, 3_000);
  return (
    type === "context" &&
    elements !== undefined &&
    elements.length <= 10 &&
    elements.every((each) => isLong(each, 3_000))
  );
}

function isLong({ text }: SlackText, most: number): boolean {
  return text.length >= 1 && text.length <= most;
}

function plain(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "text/html", ...headers }).end(text);
}
