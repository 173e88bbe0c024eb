import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { connect } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import type { NginxConfig } from "../../../components/gateway/nginx.ts";
import { GATEWAY_HEALTH } from "../../../components/gateway/nginx.ts";
import { SECURITY_HEADERS } from "../../../components/gateway/protection.ts";
import type { NginxTls } from "../../../components/gateway/tls.ts";
import { freePort } from "../../helpers/server.ts";
import type { Backend } from "./backends.ts";
import { ask, backend } from "./backends.ts";
import type { Files } from "./certificates.ts";
import { issuerWithOcsp, pem, selfSigned } from "./certificates.ts";
import { runningNginx, verdict } from "./debian.ts";

type Secure = NginxConfig & { readonly tls: NginxTls };

async function secured(
  { port }: Pick<Backend, "port">,
  { certificate, key }: Files,
  more: Partial<NginxTls> = {},
): Promise<Secure> {
  const [listen, secure] = [await freePort(), await freePort()];
  return {
    listen,
    workers: 1,
    upstreams: { api: { host: "127.0.0.1", port } },
    routes: [{ path: "/", upstream: "api" }],
    headers: SECURITY_HEADERS,
    tls: { listen: secure, port: secure, certificate, key, ...more },
  };
}

async function handshake({ tls }: Secure, authority: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({
    host: "127.0.0.1",
    port: tls.listen,
    servername: "localhost",
    ca: pem(authority),
    ...options,
  });
  await once(socket, "secureConnect");
  return socket;
}

/** What nginx staples to a handshake; null where it staples nothing. */
async function stapled(config: Secure, authority: string): Promise<Buffer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>();
  const options = {
    host: "127.0.0.1",
    port: config.tls.listen,
    servername: "localhost",
    ca: pem(authority),
    requestOCSP: true,
  };
  const socket = connect(options);
  socket.once("OCSPResponse", (response: Buffer | null) => resolve(response));
  socket.once("error", reject);
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

describe("TLS of a real nginx", () => {
  const files = selfSigned();

  it("shakes hands with an ECC certificate, in TLS 1.3 and 1.2 and nothing older", async () => {
    await using service = await backend((_, response) => response.end("ok"));
    const config = await secured(service, files);
    await using _nginx = await runningNginx(config);
    for (const [version, suite] of [
      ["TLSv1.3", /^TLS_AES/],
      ["TLSv1.2", /^ECDHE-ECDSA-/],
    ] as const) {
      const socket = await handshake(config, files.certificate, { maxVersion: version });
      assert.equal(socket.getProtocol(), version);
      assert.equal(socket.getPeerCertificate().asn1Curve, "prime256v1");
      assert.match(socket.getCipher().name, suite);
      socket.destroy();
    }
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
    await assert.rejects(handshake(config, files.certificate, old), /alert protocol version/);
  });

  it("resumes a session, which saves a client the second handshake", async () => {
    await using service = await backend((_, response) => response.end("ok"));
    const config = await secured(service, files);
    await using _nginx = await runningNginx(config);
    const first = await handshake(config, files.certificate, { maxVersion: "TLSv1.2" });
    const session = first.getSession();
    first.destroy();
    assert.ok(session !== undefined);
    const second = await handshake(config, files.certificate, { maxVersion: "TLSv1.2", session });
    assert.equal(second.isSessionReused(), true);
    second.destroy();
  });

  it("speaks HTTP/2 with clients and HTTP/1.1 with those who do not, with HSTS", async () => {
    await using service = await backend((request, response) => {
      response.end(`${request.httpVersion} ${request.headers["x-forwarded-proto"] as string}`);
    });
    const config = await secured(service, files);
    await using _nginx = await runningNginx(config);
    const client = connectHttp2(`https://localhost:${config.tls.listen}`, { ca: pem(files.certificate) });
    await once(client, "connect");
    assert.equal(client.alpnProtocol, "h2");
    const request = client.request({ ":path": "/" });
    const [headers] = (await once(request, "response")) as [Record<string, string | number>];
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += String(chunk);
    client.close();
    assert.equal(headers[":status"], 200);
    assert.equal(headers["strict-transport-security"], "max-age=63072000");
    assert.equal(headers["x-frame-options"], "DENY");
    assert.equal(body, "1.1 https");
    const socket = await handshake(config, files.certificate, { ALPNProtocols: ["http/1.1"] });
    assert.equal(socket.alpnProtocol, "http/1.1");
    socket.destroy();
  });

  it("speaks HTTP/2 without TLS too where it is asked to", async () => {
    await using service = await backend((_, response) => response.end("ok"));
    const { tls: _, ...plain } = await secured(service, files);
    await using _nginx = await runningNginx({ ...plain, http2: true });
    const client = connectHttp2(`http://127.0.0.1:${plain.listen}`);
    const request = client.request({ ":path": "/" });
    const [headers] = (await once(request, "response")) as [Record<string, string | number>];
    client.destroy();
    assert.equal(headers[":status"], 200);
    assert.equal(headers["strict-transport-security"], undefined);
  });

  it("sends plain requests to HTTPS with their path, and answers the health check in plain", async () => {
    await using service = await backend((_, response) => response.end("ok"));
    const config = await secured(service, files);
    await using _nginx = await runningNginx(config);
    const answer = await ask(config.listen, "/a/b?c=d", { host: "example.com" });
    assert.equal(answer.status, 308);
    assert.equal(answer.headers.location, `https://example.com:${config.tls.port}/a/b?c=d`);
    assert.equal(
      answer.headers["strict-transport-security"],
      undefined,
      "a promise of TLS that came without it counts for nothing",
    );
    assert.equal((await ask(config.listen, GATEWAY_HEALTH)).status, 200);
  });

  it("staples the answer of an issuer that offers OCSP", async () => {
    const { responder, issuer, ...server } = await issuerWithOcsp(await freePort());
    await using _responder = responder;
    await using service = await backend((_, response) => response.end("ok"));
    const config = await secured(service, server, { stapling: issuer });
    assert.doesNotMatch(verdict(config), /warn|emerg/);
    await using _nginx = await runningNginx(config);
    // the first handshake makes nginx ask the issuer, and does not wait for the answer
    let answer: Buffer | null = null;
    for (let attempt = 0; attempt < 200 && answer === null; attempt++) {
      answer = await stapled(config, issuer);
      if (answer === null) await sleep(25);
    }
    assert.ok(answer !== null && answer.length > 0, "nothing was stapled");
  });

  it("warns where stapling is asked of a certificate whose issuer has no OCSP, which is why it is off by default", async () => {
    const config = await secured({ port: 1 }, files, { stapling: files.certificate });
    assert.match(verdict(config), /"ssl_stapling" ignored/);
  });
});
