import * as cloudflare from "@pulumi/cloudflare";
import { all as allOutputs, ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output, Resource } from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { BadInput } from "@groundwork/lib/errors";

export interface OriginAuthoritiesArgs {
  /** Names of the client certificates, e.g. `["2026"]`; each has an authority of its own. */
  readonly certificates: readonly string[];
}

/** Ten years: what is trusted is the list of authorities, and an authority leaves it by a rotation. */
const AUTHORITY_HOURS = 10 * 365 * 24;
/** Two years; Cloudflare can tell 30 and 14 days before the end. https://developers.cloudflare.com/ssl/origin-configuration/authenticated-origin-pull/set-up/manage-certificates/ */
const CLIENT_HOURS = 2 * 365 * 24;
const CERTIFICATE_NAME = /^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/;

/** A client certificate and the authority that vouches for it; the authority's key signs nothing else. */
interface Issued {
  readonly name: string;
  readonly authorityPem: Output<string>;
  readonly certificatePem: Output<string>;
  readonly privateKeyPem: Output<string>;
}

/**
 * Certificates of our own, by which the balancers know that a request comes through our zone: Cloudflare's shared one
 * only says that it comes from some account of Cloudflare. ECDSA P-256; the keys are secrets of the state.
 */
export class OriginAuthorities extends ComponentResource {
  /** The certificates of all authorities in PEM notation, for the balancers' trust stores. Public. */
  readonly bundle: Output<string>;
  readonly issued: readonly Issued[];

  constructor(name: string, { certificates }: OriginAuthoritiesArgs, opts: ComponentResourceOptions = {}) {
    checkNames(certificates);
    super("groundwork:cdn:OriginAuthorities", name, {}, opts);
    this.issued = certificates.map((certificate) => issue(name, certificate, this));
    this.bundle = allOutputs(this.issued.map(({ authorityPem }) => authorityPem)).apply((authorities) =>
      authorities.map((pem) => `${pem.trim()}\n`).join(""),
    );
    this.registerOutputs({ bundle: this.bundle });
  }
}

function checkNames(names: readonly string[]): void {
  if (names.length === 0)
    throw new BadInput(`cdn: originCertificates is empty; write at least one name, e.g. "first".`);
  const odd = names.find((name) => !CERTIFICATE_NAME.test(name));
  if (odd !== undefined)
    throw new BadInput(
      `cdn: originCertificates names "${odd}"; write at most 20 lower-case letters, digits and inner hyphens, e.g. "2027".`,
    );
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new BadInput(`cdn: originCertificates names "${twice}" twice; write it once.`);
}

function issue(name: string, certificate: string, parent: ComponentResource): Issued {
  const key = (what: string) =>
    new tls.PrivateKey(`${name}-${certificate}-${what}`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent });
  const [authorityKey, clientKey] = [key("authority-key"), key("client-key")];
  const authority = new tls.SelfSignedCert(
    `${name}-${certificate}-authority`,
    {
      privateKeyPem: authorityKey.privateKeyPem,
      isCaCertificate: true,
      setSubjectKeyId: true,
      subject: { commonName: `${name} ${certificate}`, organization: "Groundwork" },
      validityPeriodHours: AUTHORITY_HOURS,
      allowedUses: ["cert_signing", "crl_signing"],
    },
    { parent },
  );
  const request = new tls.CertRequest(
    `${name}-${certificate}-request`,
    {
      privateKeyPem: clientKey.privateKeyPem,
      subject: { commonName: `Cloudflare for ${name} ${certificate}`, organization: "Groundwork" },
    },
    { parent },
  );
  const client = new tls.LocallySignedCert(
    `${name}-${certificate}-client`,
    {
      certRequestPem: request.certRequestPem,
      caPrivateKeyPem: authorityKey.privateKeyPem,
      caCertPem: authority.certPem,
      validityPeriodHours: CLIENT_HOURS,
      allowedUses: ["digital_signature", "client_auth"],
    },
    { parent },
  );
  return {
    name: certificate,
    authorityPem: authority.certPem,
    certificatePem: client.certPem,
    privateKeyPem: clientKey.privateKeyPem,
  };
}

export interface OriginPullsArgs {
  readonly zoneId: string;
  readonly authorities: OriginAuthorities;
  /** The trust stores of all balancers: they trust a certificate before Cloudflare shows it. */
  readonly trusted: readonly Resource[];
}

/**
 * Cloudflare shows the origin our client certificate, for every proxied host of the zone and for the health checks that
 * run in it. A certificate is there before the zone is told to show one, so that the shared one is never shown.
 * https://developers.cloudflare.com/ssl/origin-configuration/authenticated-origin-pull/set-up/zone-level/
 */
export class OriginPulls extends ComponentResource {
  /** What the balancers wait for before they ask for a certificate. */
  readonly ready: Resource;

  constructor(name: string, { zoneId, authorities, trusted }: OriginPullsArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:cdn:OriginPulls", name, {}, opts);
    const uploaded = authorities.issued.map(
      ({ name: certificate, certificatePem, privateKeyPem }) =>
        new cloudflare.AuthenticatedOriginPullsCertificate(
          `${name}-${certificate}`,
          { zoneId, certificate: certificatePem, privateKey: privateKeyPem },
          { parent: this, dependsOn: [...trusted], additionalSecretOutputs: ["privateKey"] },
        ),
    );
    this.ready = new cloudflare.AuthenticatedOriginPullsSettings(
      `${name}-shown`,
      { zoneId, enabled: true },
      { parent: this, dependsOn: uploaded },
    );
    this.registerOutputs({});
  }
}
