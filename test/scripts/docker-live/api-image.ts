import type Docker from "dockerode";
import tar from "tar-stream";
import { NODE } from "../../images/reference.ts";
import type { Engine } from "../../images/running.ts";

/**
 * Answers what it is and how many bytes it was sent, a tenth of it after a second. When it is told to end it still takes
 * what comes for as long as names are remembered, and keeps no connection: as a service behind a balancer has to.
 */
const SERVER = `
const isWell = process.env.WELL === "yes";
let isEnding = false;
const server = require("node:http").createServer((request, response) => {
  if (request.url === "/health") return void response.writeHead(isWell ? 200 : 503).end();
  let bytes = 0;
  request.on("data", (chunk) => (bytes += chunk.length));
  request.on("end", () => {
    const body = JSON.stringify({ release: process.env.RELEASE, bytes });
    const status = request.method === "POST" ? 201 : 200;
    setTimeout(() => {
      if (isEnding) response.setHeader("connection", "close");
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    }, Math.random() < 0.1 ? 1000 : 3);
  });
});
server.listen(Number(process.env.PORT));
process.on("SIGTERM", () => {
  isEnding = true;
  setTimeout(() => server.close(() => process.exit()), 6000);
});
`;

/** A release of a service as an image on the engine; `isWell` is what its health path says of it. */
export async function apiImage(engine: Engine, reference: string, isWell = true): Promise<void> {
  const archive = tar.pack();
  const dockerfile = [
    `FROM ${await engine.image(NODE)}`,
    "COPY server.js /",
    `ENV RELEASE=${reference} WELL=${isWell ? "yes" : "no"}`,
    "USER 1000:1000",
    'CMD ["node", "/server.js"]',
  ].join("\n");
  archive.entry({ name: "Dockerfile" }, dockerfile);
  archive.entry({ name: "server.js" }, SERVER);
  archive.finalize();
  const output = await engine.docker.buildImage(archive, { t: reference, labels: engine.labels });
  await followed(engine.docker, output);
}

function followed(docker: Docker, output: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(output, (error: Error | null, lines: readonly { readonly error?: string }[]) => {
      const refused = error?.message ?? lines.find((line) => line.error !== undefined)?.error;
      if (refused === undefined) resolve();
      else reject(new Error(refused));
    });
  });
}
