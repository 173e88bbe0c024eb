import type { Message } from "./message.ts";

/** What came of sending a message. */
export type Outcome =
  | {
      readonly result: "delivered";
      /** What was not as it should be, all the same. */
      readonly note?: string;
    }
  | {
      /** Whether it certainly was not delivered, or nobody can know: then it may come twice. */
      readonly result: "refused" | "unknown";
      /** One sentence of ours without its full stop; never what a server has said. */
      readonly reason: string;
      /** Seconds until the server wants to be asked again, where it has told. */
      readonly retryAfter?: number;
    };

/** Sends messages to one receiver. Throws nothing. */
export interface Sender {
  /** Its name in the mapping. */
  readonly name: string;
  readonly messagesPerHour: number;
  send(message: Message): Promise<Outcome>;
}
