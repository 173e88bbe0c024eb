import type { Line } from "./syntax.ts";
import { refuseUnless, refuseUnlessOpenPort, refuseUnlessPort, section } from "./syntax.ts";

/** HTTPS, and HTTP/2 on top of it: browsers speak HTTP/2 over TLS only. */
export interface NginxTls {
  /** Port inside the container; above 1023, because nginx is not root. */
  readonly listen: number;
  /** Port that clients use: where plain requests are sent to. */
  readonly port: number;
  /** Path of the certificate and its chain, PEM. */
  readonly certificate: string;
  /** Path of the key, PEM: ECDSA, whose handshakes cost the server a fraction of RSA's at the same strength. */
  readonly key: string;
  /**
   * Path of the issuers' certificates, PEM: nginx then fetches the issuer's OCSP answer and staples it to handshakes.
   * Default: none, because an issuer without OCSP leaves nothing to staple and makes nginx warn at each start: Let's
   * Encrypt ended its OCSP service in August 2025 (https://letsencrypt.org/2025/08/06/ocsp-service-has-reached-end-of-life).
   * Certificates of an issuer that still offers it name the address under "OCSP - URI" in `openssl x509 -text`. Needs
   * `resolver` unless that address is numeric.
   */
  readonly stapling?: string;
  /** Seconds for which browsers refuse plain HTTP. Default two years, what https://hstspreload.org recommends; 0: no HSTS. */
  readonly hsts?: number;
}

const TWO_YEARS = 63_072_000;

/**
 * Mozilla's intermediate profile without its RSA and DHE suites, which an ECDSA key cannot use.
 * https://wiki.mozilla.org/Security/Server_Side_TLS#Intermediate_compatibility_(recommended)
 */
export const ECDSA_SUITES = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
] as const;

/**
 * Directives: https://nginx.org/en/docs/http/ngx_http_ssl_module.html, https://nginx.org/en/docs/http/ngx_http_v2_module.html
 * (`http2` as a directive needs 1.25.1). Key exchange groups stay OpenSSL's own list (`ssl_ecdh_curve auto`), which grows
 * by the post-quantum ones where the library has them; a list here would take them away.
 */
export function tlsLines({ listen, certificate, key, stapling }: NginxTls): string[] {
  return [
    `listen ${listen} ssl;`,
    "http2 on;",
    `ssl_certificate ${certificate};`,
    `ssl_certificate_key ${key};`,
    "ssl_protocols TLSv1.2 TLSv1.3;",
    `ssl_ciphers ${ECDSA_SUITES.join(":")};`,
    // the client knows whether it has AES in hardware
    "ssl_prefer_server_ciphers off;",
    // one megabyte holds about 4000 sessions
    "ssl_session_cache shared:tls:10m;",
    "ssl_session_timeout 1d;",
    "ssl_session_tickets off;",
    ...(stapling === undefined
      ? []
      : ["ssl_stapling on;", "ssl_stapling_verify on;", `ssl_trusted_certificate ${stapling};`]),
  ];
}

/** What the plain port answers where there is TLS; 308 keeps the method and the body, which 301 does not. */
export function redirectLines({ port }: NginxTls): Line[] {
  const suffix = port === 443 ? "" : `:${port}`;
  return section("location /", [`return 308 https://$host${suffix}$request_uri;`]);
}

/** HSTS holds for every port of a host name, so it is never sent without TLS. https://www.rfc-editor.org/rfc/rfc6797#section-7.2 */
export function hstsHeader(tls: Pick<NginxTls, "hsts"> | undefined): Readonly<Record<string, string>> {
  const seconds = tls === undefined ? 0 : (tls.hsts ?? TWO_YEARS);
  return seconds === 0 ? {} : { "Strict-Transport-Security": `max-age=${seconds}` };
}

export function checkTls({ listen, port, certificate, key, stapling, hsts = 0 }: NginxTls, plain: number): void {
  refuseUnlessOpenPort("tls.listen", listen);
  refuseUnless(listen !== plain, "tls.listen", listen, "another port than listen");
  refuseUnlessPort("tls.port", port);
  for (const [name, path] of Object.entries({ certificate, key, stapling })) {
    refuseUnless(
      path === undefined || /^\/[\w./-]+$/.test(path),
      `tls.${name}`,
      path,
      "an absolute path of letters, digits, / . _ and -",
    );
  }
  refuseUnless(Number.isInteger(hsts) && hsts >= 0, "tls.hsts", hsts, "whole seconds, or 0 for none");
}
