import type { RoundListener } from "../monitor/report.ts";
import { DOCUMENTS } from "./api.ts";
import { Board, type Shown } from "./board.ts";
import { Metrics } from "./metrics.ts";
import { PAGE_POLICY, page } from "./page/index.ts";
import { WrongRequest } from "./query.ts";
import { type Reply, json, listen, text } from "./server.ts";

export interface WebOptions {
  readonly checker: Shown;
  /** 0 takes a free one. */
  readonly port: number;
  /** The address that it listens at. There is no log-in: who reaches it reads it. Default: 127.0.0.1. */
  readonly host?: string;
  /**
   * Names by which it may be asked where another server passes requests on to it, beside those of the loopback interface.
   * Default: none; where it listens at another address than loopback, and none is given, any name.
   */
  readonly names?: readonly string[];
  /** From one round to the next, in milliseconds. Default: what the mapping says. */
  readonly interval?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Told what could not be answered. Default: a line on standard error. */
  readonly complain?: (sentence: string) => void;
}

export interface Web {
  /** Where it is, without a slash at its end. */
  readonly url: string;
  /** To be told of each round. */
  readonly listener: RoundListener;
  close(): Promise<void>;
}

const MINUTE = 60_000;

/** Serves the page, the API and the metrics. Heavy enough to be loaded by who starts it only. */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { checker, port, host = "127.0.0.1", names = [], now = Date.now } = options;
  const interval = options.interval ?? checker.mapping.monitor.everyMinutes * MINUTE;
  const board = new Board({ checker, interval, now });
  const metrics = new Metrics(board);
  const server = await listen({
    port,
    host,
    names,
    policy: PAGE_POLICY,
    answer: (asked) => answer(asked, board, metrics),
    complain: options.complain ?? ((sentence) => void process.stderr.write(`${sentence}\n`)),
  });
  const listener: RoundListener = {
    heard: (report) => {
      board.hear(report);
      metrics.hear(report);
      return Promise.resolve();
    },
    close: () => server.close(),
  };
  return { url: server.url, listener, close: () => server.close() };
}

async function answer({ pathname, searchParams }: URL, board: Board, metrics: Metrics): Promise<Reply> {
  const document = DOCUMENTS.get(pathname);
  try {
    if (document !== undefined) return json(document(board, searchParams));
    switch (pathname) {
      case "/":
        return page(board, searchParams);
      case "/metrics":
        return { type: metrics.contentType, body: await metrics.text() };
      case "/healthz":
        return board.isAlive ? text(200, "rounds come") : text(503, "no round has ended for two intervals");
      case "/readyz":
        return board.snapshot().checkedAt === undefined ? text(503, "no round has compared yet") : text(200, "ready");
      default:
        return missing(pathname);
    }
  } catch (error) {
    if (!(error instanceof WrongRequest)) throw error;
    return pathname === "/" ? text(400, error.message) : json({ error: error.message }, 400);
  }
}

function missing(pathname: string): Reply {
  const paths = ["/", "/metrics", "/healthz", "/readyz", ...DOCUMENTS.keys()];
  const error = `there is no such path: ask for one of ${paths.join(", ")}`;
  return pathname.startsWith("/api/") ? json({ error }, 404) : text(404, error);
}
