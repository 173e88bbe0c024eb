import { randomBytes, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Created, Ctx, Properties, ResourceType, Rule, Table } from "../table.ts";
import {
  alternativeNames,
  certificate,
  certificateRequest,
  nameOf,
  publicKeyOf,
  readIssuer,
  readRequest,
  USES,
} from "./tls/certificate.ts";
import { algorithmOf, CURVES, generate, notationsOf, privateKeyOf } from "./tls/keys.ts";
import { atLeast, between, drawnOnce, isIp, list, oneOf, plain, text } from "./values.ts";

const docs = (page: string) => `https://registry.terraform.io/providers/hashicorp/tls/latest/docs/resources/${page}`;

const HOUR = 3600_000;

/** The write-only twin goes before nothing: the two exclude each other. */
function keyIn(inputs: Properties, name = "privateKeyPem"): KeyObject | undefined {
  return privateKeyOf(inputs[name] ?? inputs[`${name}Wo`]);
}

function readableKey(path: string): Rule[] {
  const check = (value: unknown) => (privateKeyOf(value) ? undefined : "write a private key in PEM notation");
  return [path, `${path}Wo`].map((each) => ({ path: each, check, source: docs("cert_request") }));
}

const ADDRESSES: Rule = {
  path: "ipAddresses[]",
  check: (value) => (isIp(value) ? undefined : "write an IP address"),
  source: docs("cert_request#ip_addresses-1"),
};
const USAGE = oneOf("allowedUses[]", USES, docs("self_signed_cert#allowed_uses-1"));
const VALIDITY = [
  atLeast("validityPeriodHours", 0, docs("self_signed_cert#validity_period_hours-1")),
  atLeast("earlyRenewalHours", 0, docs("self_signed_cert#early_renewal_hours-1")),
  atLeast("maxPathLength", -1, docs("self_signed_cert#max_path_length-1")),
];

const privateKey: ResourceType = {
  token: "tls:index/privateKey:PrivateKey",
  source: docs("private_key"),
  id: (ctx) => ctx.hex(40, "key"),
  rules: [
    oneOf("algorithm", ["RSA", "ECDSA", "ED25519"], docs("private_key#algorithm-1")),
    oneOf("ecdsaCurve", Object.keys(CURVES), docs("private_key#ecdsa_curve-1")),
    between("rsaBits", 1024, 16384, "https://pkg.go.dev/crypto/rsa#hdr-Minimum_key_size"),
  ],
  replaces: ["algorithm", "ecdsaCurve", "rsaBits"],
  defaults: { ecdsaCurve: "P224", rsaBits: 2048 },
  outputs: drawnOnce(({ inputs }) => notationsOf(generate(inputs.algorithm, inputs.rsaBits, inputs.ecdsaCurve))),
  secrets: ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"],
  stateOnly: true,
};

/** 128 bits, of which the first is not set: the provider's id of a certificate. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return BigInt(`0x${bytes.toString("hex")}`).toString();
}

function oneKey(name: string) {
  return ({ inputs }: Ctx) =>
    (inputs[name] === undefined) === (inputs[`${name}Wo`] === undefined)
      ? { path: name, reason: `write exactly one of ${name} and ${name}Wo`, source: docs("self_signed_cert") }
      : undefined;
}

/** Serial number, times and the settings that both kinds of certificate share. */
function settings({ id, inputs }: Created, start: Date) {
  return {
    serial: BigInt(id),
    uses: list(inputs.allowedUses).map(text),
    isAuthority: inputs.isCaCertificate === true,
    maxPathLength: inputs.maxPathLength,
    setSubjectKeyId: inputs.setSubjectKeyId === true,
    start,
    end: new Date(start.getTime() + Number(inputs.validityPeriodHours) * HOUR),
  };
}

function wholeSecond(): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000);
}

function validity({ inputs }: Created, start: Date, end: Date): Properties {
  const early = Number(inputs.earlyRenewalHours ?? 0) * HOUR;
  const at = (date: Date) => date.toISOString().replace(/\.\d+Z$/, "Z");
  return {
    readyForRenewal: Date.now() >= end.getTime() - early,
    validityStartTime: at(start),
    validityEndTime: at(end),
  };
}

const CERTIFICATE_DEFAULTS = { earlyRenewalHours: 0, isCaCertificate: false, setSubjectKeyId: false };

const selfSigned: ResourceType = {
  token: "tls:index/selfSignedCert:SelfSignedCert",
  source: docs("self_signed_cert"),
  id: serialNumber,
  rules: [...readableKey("privateKeyPem"), ADDRESSES, USAGE, ...VALIDITY],
  check: oneKey("privateKeyPem"),
  replaces: [
    ...["allowedUses", "dnsNames", "ipAddresses", "isCaCertificate", "maxPathLength", "privateKeyPem"],
    ...["privateKeyPemWoVersion", "setAuthorityKeyId", "setSubjectKeyId", "subject", "uris", "validityPeriodHours"],
  ],
  updates: ["earlyRenewalHours", "privateKeyPemWo"],
  defaults: { ...CERTIFICATE_DEFAULTS, setAuthorityKeyId: false },
  outputs: drawnOnce((ctx) => {
    const key = keyIn(ctx.inputs);
    if (!key) return {};
    const [start, subject, publicKey] = [wholeSecond(), nameOf(plain(ctx.inputs.subject)), publicKeyOf(key)];
    const common = settings(ctx, start);
    const names = alternativeNames(ctx.inputs);
    const setAuthorityKeyId = ctx.inputs.setAuthorityKeyId === true;
    const certPem = certificate(
      { ...common, subject, publicKey, names, setAuthorityKeyId },
      { name: subject, publicKey, key },
    );
    return { certPem, keyAlgorithm: algorithmOf(key), ...validity(ctx, start, common.end) };
  }),
  secrets: ["privateKeyPem", "privateKeyPemWo"],
  stateOnly: true,
};

const request: ResourceType = {
  token: "tls:index/certRequest:CertRequest",
  source: docs("cert_request"),
  id: (ctx) => ctx.hex(40, "request"),
  rules: [...readableKey("privateKeyPem"), ADDRESSES],
  check: oneKey("privateKeyPem"),
  replaces: ["dnsNames", "ipAddresses", "privateKeyPem", "privateKeyPemWoVersion", "subject", "uris"],
  updates: ["privateKeyPemWo"],
  outputs: drawnOnce(({ inputs }) => {
    const key = keyIn(inputs);
    if (!key) return {};
    return { certRequestPem: certificateRequest(inputs, key, plain(inputs.subject)), keyAlgorithm: algorithmOf(key) };
  }),
  secrets: ["privateKeyPem", "privateKeyPemWo"],
  stateOnly: true,
};

function authorityMatches(ctx: Ctx) {
  const missing = oneKey("caPrivateKeyPem")(ctx);
  if (missing) return missing;
  const key = keyIn(ctx.inputs, "caPrivateKeyPem");
  if (key && new X509Certificate(text(ctx.inputs.caCertPem)).checkPrivateKey(key)) return undefined;
  const reason = "provided PrivateKey doesn't match parent's PublicKey; write the key of caCertPem";
  return { path: "caPrivateKeyPem", reason, source: "https://pkg.go.dev/crypto/x509#CreateCertificate" };
}

function isCertificate(value: unknown): boolean {
  try {
    return new X509Certificate(text(value)).subject !== undefined;
  } catch {
    return false;
  }
}

const locallySigned: ResourceType = {
  token: "tls:index/locallySignedCert:LocallySignedCert",
  source: docs("locally_signed_cert"),
  id: serialNumber,
  rules: [
    ...readableKey("caPrivateKeyPem"),
    USAGE,
    ...VALIDITY,
    {
      path: "caCertPem",
      check: (value) => (isCertificate(value) ? undefined : "write a certificate in PEM notation"),
      source: docs("locally_signed_cert#ca_cert_pem-1"),
    },
    {
      path: "certRequestPem",
      check: (value) => (readRequest(text(value)) ? undefined : "write a certificate request in PEM notation"),
      source: docs("locally_signed_cert#cert_request_pem-1"),
    },
  ],
  check: authorityMatches,
  replaces: [
    ...["allowedUses", "caCertPem", "caPrivateKeyPem", "caPrivateKeyPemWoVersion", "certRequestPem"],
    ...["isCaCertificate", "maxPathLength", "setSubjectKeyId", "validityPeriodHours"],
  ],
  updates: ["earlyRenewalHours", "caPrivateKeyPemWo"],
  defaults: CERTIFICATE_DEFAULTS,
  outputs: drawnOnce((ctx) => {
    const key = keyIn(ctx.inputs, "caPrivateKeyPem");
    const issuer = key && readIssuer(text(ctx.inputs.caCertPem), key);
    const wanted = readRequest(text(ctx.inputs.certRequestPem));
    if (!issuer || !wanted) return {};
    const start = wholeSecond();
    const common = settings(ctx, start);
    const certPem = certificate({ ...common, ...wanted, setAuthorityKeyId: true }, issuer);
    return { certPem, caKeyAlgorithm: algorithmOf(issuer.key), ...validity(ctx, start, common.end) };
  }),
  secrets: ["caPrivateKeyPem", "caPrivateKeyPemWo"],
  stateOnly: true,
};

/** Needs no cloud: keys are real keys, and certificates verify. */
export const table: Table = { package: "tls", types: [privateKey, selfSigned, request, locallySigned] };
