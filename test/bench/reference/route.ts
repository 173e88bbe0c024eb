import autocannon from "autocannon";
import type { Contestant } from "./contest.ts";

/** As many as the route works on at once, so that nobody is turned away. */
const CONNECTIONS = 50;
const QUESTIONS = 100;

export interface Load {
  readonly name: string;
  readonly url: string;
  /** Share of the questions that were asked before. */
  readonly repeated: number;
  readonly seconds: number;
}

/** `POST /chat` by fifty callers; answers a second. */
export function route({ name, url, repeated, seconds }: Load): Contestant {
  let asked = 0;
  const nextQuestion = (): string => {
    asked += 1;
    // spread evenly: of five requests with a share of 0.8 each fifth is new
    const isNew = Math.floor(asked * (1 - repeated)) > Math.floor((asked - 1) * (1 - repeated));
    return isNew ? `why is worker ${process.pid} ${asked} slow` : `how do I scale queue ${asked % QUESTIONS}`;
  };
  return {
    name,
    unit: "answers/s",
    async run() {
      const result = await autocannon({
        url: `${url}/chat`,
        connections: CONNECTIONS,
        duration: seconds,
        requests: [
          {
            method: "POST",
            headers: { "content-type": "application/json" },
            setupRequest: (request) => ({ ...request, body: JSON.stringify({ query: nextQuestion() }) }),
          },
        ],
      });
      const failed = result.non2xx + result.errors + result.timeouts;
      if (failed > 0) throw new Error(`${name}: ${failed} of ${result.requests.total} requests failed`);
      return result.requests.average;
    },
  };
}
