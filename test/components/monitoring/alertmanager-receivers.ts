import { createServer as createHttp } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcp } from "node:net";
import { setTimeout } from "node:timers/promises";

/** Stands for whoever receives messages; leaving the `await using` block closes it. */
export interface Receiver extends AsyncDisposable {
  readonly port: number;
  /** What has come so far. */
  readonly messages: readonly string[];
}

/** A webhook or Slack: keeps every body. */
export async function httpReceiver(): Promise<Receiver> {
  const messages: string[] = [];
  const server = createHttp((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      messages.push(body);
      response.end("ok");
    });
  });
  return receiver(server, messages, () => server.closeAllConnections());
}

/** A mail server that asks for a login (PLAIN) and keeps every letter, with the password that came with it on top. */
export async function mailReceiver(): Promise<Receiver> {
  const messages: string[] = [];
  const server = createTcp((socket) => {
    let letter: string | undefined;
    let login = "";
    let rest = "";
    const say = (line: string) => void socket.write(`${line}\r\n`);
    const hear = (line: string): void => {
      if (letter !== undefined && line !== ".") letter += `${line}\n`;
      else if (letter !== undefined) {
        messages.push(`${login}\n${letter}`);
        letter = undefined;
        say("250 kept");
      } else if (/^EHLO/i.test(line)) say("250-localhost\r\n250 AUTH PLAIN");
      else if (/^AUTH PLAIN /i.test(line)) {
        login = Buffer.from(line.slice("AUTH PLAIN ".length), "base64").toString().replaceAll("\0", " ").trim();
        say("235 welcome");
      } else if (/^DATA/i.test(line)) {
        letter = "";
        say("354 go on");
      } else if (/^QUIT/i.test(line)) {
        say("221 bye");
        socket.end();
      } else say("250 ok");
    };
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      const lines = (rest + chunk.toString()).split("\r\n");
      rest = lines.pop() ?? "";
      lines.forEach(hear);
    });
    say("220 localhost");
  });
  return receiver(server, messages, () => undefined);
}

async function receiver(
  server: ReturnType<typeof createTcp>,
  messages: readonly string[],
  cut: () => void,
): Promise<Receiver> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Looks again and again until there is something; an error that says what was awaited when it does not come. */
export async function eventually<T>(what: string, look: () => T | Promise<T>, tries = 600): Promise<NonNullable<T>> {
  const found = await look();
  if (found) return found;
  if (tries === 0) throw new Error(`never came: ${what}`);
  await setTimeout(100);
  return eventually(what, look, tries - 1);
}
