import { createHash, createPublicKey, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import ipaddr from "ipaddr.js";
import type { Properties } from "../../table.ts";
import { list, text as textOf } from "../values.ts";
import {
  at,
  bits,
  boolean,
  der,
  explicit,
  fromPem,
  implicit,
  integer,
  objectIdentifier,
  octets,
  pem,
  read,
  sequence,
  set,
  text,
  time,
} from "./der.ts";

// Object identifiers: https://www.rfc-editor.org/rfc/rfc5280#appendix-A
const NAME_PARTS = [
  ["country", "2.5.4.6"],
  ["organization", "2.5.4.10"],
  ["organizationalUnit", "2.5.4.11"],
  ["locality", "2.5.4.7"],
  ["province", "2.5.4.8"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["commonName", "2.5.4.3"],
  ["serialNumber", "2.5.4.5"],
  ["emailAddress", "1.2.840.113549.1.9.1"],
] as const;
const SUBJECT_KEY_ID = "2.5.29.14";
const KEY_USAGE = "2.5.29.15";
const ALTERNATIVE_NAMES = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
const AUTHORITY_KEY_ID = "2.5.29.35";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

/** In the order of their bits. https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3 */
const KEY_USAGES = [
  ...["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"],
  ...["cert_signing", "crl_signing", "encipher_only", "decipher_only"],
];
/** https://www.iana.org/assignments/smi-numbers/smi-numbers.xhtml#smi-numbers-1.3.6.1.5.5.7.3 */
const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
  microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
  netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
  microsoft_commercial_code_signing: "1.3.6.1.4.1.311.2.1.22",
  microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
};

/** https://registry.terraform.io/providers/hashicorp/tls/latest/docs/resources/self_signed_cert#allowed_uses-1 */
export const USES = [...KEY_USAGES, ...Object.keys(EXTENDED_USAGES)];

/** A distinguished name from the `subject` of a resource. */
export function nameOf(subject: Properties): Buffer {
  const parts = NAME_PARTS.flatMap(([property, oid]) => {
    const value = subject[property];
    const values = Array.isArray(value) ? list(value).map(textOf) : textOf(value) === "" ? [] : [textOf(value)];
    const encoded = (each: string) => (property === "emailAddress" ? der(0x16, Buffer.from(each)) : text(each));
    return values.map((each) => set(sequence(objectIdentifier(oid), encoded(each))));
  });
  return sequence(...parts);
}

function extension(oid: string, value: Uint8Array, critical = false): Buffer {
  return sequence(objectIdentifier(oid), ...(critical ? [boolean(true)] : []), octets(value));
}

/** DNS names, addresses and URIs; `undefined` where there are none. */
export function alternativeNames(inputs: Properties): Buffer | undefined {
  const ia5 = (tag: number, values: unknown) => list(values).map((value) => implicit(tag, Buffer.from(textOf(value))));
  const addresses = list(inputs.ipAddresses).map((value) =>
    implicit(7, Buffer.from(ipaddr.parse(textOf(value)).toByteArray())),
  );
  const names = [...ia5(2, inputs.dnsNames), ...addresses, ...ia5(6, inputs.uris)];
  return names.length === 0 ? undefined : extension(ALTERNATIVE_NAMES, sequence(...names));
}

function keyUsage(uses: readonly string[]): Buffer[] {
  const numbers = KEY_USAGES.flatMap((use, index) => (uses.includes(use) ? [index] : []));
  if (numbers.length === 0) return [];
  const highest = Math.max(...numbers);
  const bytes = Buffer.alloc(Math.floor(highest / 8) + 1);
  for (const index of numbers) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (0x80 >> (index & 7));
  return [extension(KEY_USAGE, bits(bytes, 7 - (highest & 7)), true)];
}

function extendedKeyUsage(uses: readonly string[]): Buffer[] {
  const oids = uses.flatMap((use) => EXTENDED_USAGES[use] ?? []);
  return oids.length === 0 ? [] : [extension(EXTENDED_KEY_USAGE, sequence(...oids.map(objectIdentifier)))];
}

function basicConstraints(isAuthority: boolean, maxPathLength: unknown): Buffer {
  const limited = isAuthority && typeof maxPathLength === "number" && maxPathLength >= 0;
  const path = limited ? [integer(BigInt(maxPathLength))] : [];
  return extension(BASIC_CONSTRAINTS, isAuthority ? sequence(boolean(true), ...path) : sequence(), true);
}

/** SHA-1 over the bits of the public key. https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.2 */
function keyId(publicKey: Buffer): Buffer {
  const content = at(publicKey, 1)?.content.subarray(1) ?? Buffer.alloc(0);
  return createHash("sha1").update(content).digest();
}

export function publicKeyOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: "der", type: "spki" });
}

interface Scheme {
  readonly algorithm: Buffer;
  readonly hash: string | null;
}

/** The algorithm that Go's x509 picks for a key, which upstream is built on. */
function schemeOf(key: KeyObject): Scheme {
  if (key.asymmetricKeyType === "rsa") {
    return { algorithm: sequence(objectIdentifier("1.2.840.113549.1.1.11"), der(0x05)), hash: "sha256" };
  }
  if (key.asymmetricKeyType === "ed25519") return { algorithm: sequence(objectIdentifier("1.3.101.112")), hash: null };
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const ecdsa = (n: number, hash: string) => ({
    algorithm: sequence(objectIdentifier(`1.2.840.10045.4.3.${n}`)),
    hash,
  });
  if (curve === "secp384r1") return ecdsa(3, "sha384");
  return curve === "secp521r1" ? ecdsa(4, "sha512") : ecdsa(2, "sha256");
}

function signed(content: Buffer, key: KeyObject): Buffer {
  const { algorithm, hash } = schemeOf(key);
  return sequence(content, algorithm, bits(sign(hash, content, key)));
}

export function certificateRequest(inputs: Properties, key: KeyObject, subject: Properties): string {
  const names = alternativeNames(inputs);
  const wanted = names ? [sequence(objectIdentifier(EXTENSION_REQUEST), set(sequence(names)))] : [];
  const info = sequence(integer(0n), nameOf(subject), publicKeyOf(key), explicit(0, ...wanted));
  return pem("CERTIFICATE REQUEST", signed(info, key));
}

export interface Requested {
  readonly subject: Buffer;
  readonly publicKey: Buffer;
  readonly names: Buffer | undefined;
}

export function readRequest(armoured: string): Requested | undefined {
  const content = fromPem("CERTIFICATE REQUEST", armoured);
  const info = content && at(content, 0);
  if (!info) return undefined;
  const [, subject, publicKey, attributes] = read(info.content);
  if (!subject || !publicKey) return undefined;
  const request =
    attributes && read(attributes.content).find((node) => node.content.includes(objectIdentifier(EXTENSION_REQUEST)));
  const extensions = request ? read(at(request.whole, 1, 0)?.content ?? Buffer.alloc(0)) : [];
  const names = extensions.find((node) => node.content.includes(objectIdentifier(ALTERNATIVE_NAMES)));
  return { subject: subject.whole, publicKey: publicKey.whole, names: names?.whole };
}

export interface Issuer {
  readonly name: Buffer;
  readonly publicKey: Buffer;
  readonly key: KeyObject;
}

export function readIssuer(certificate: string, key: KeyObject): Issuer | undefined {
  const content = fromPem("CERTIFICATE", certificate);
  const body = content && at(content, 0);
  if (!body) return undefined;
  // An explicit version stands first in every certificate of version 3
  const [, , , , , name, publicKey] = read(body.content);
  return name && publicKey ? { name: name.whole, publicKey: publicKey.whole, key } : undefined;
}

export interface Wanted {
  readonly serial: bigint;
  readonly subject: Buffer;
  readonly publicKey: Buffer;
  readonly names: Buffer | undefined;
  readonly uses: readonly string[];
  readonly isAuthority: boolean;
  readonly maxPathLength: unknown;
  readonly setSubjectKeyId: boolean;
  readonly setAuthorityKeyId: boolean;
  readonly start: Date;
  readonly end: Date;
}

export function certificate(wanted: Wanted, issuer: Issuer): string {
  const subjectId =
    wanted.setSubjectKeyId || wanted.isAuthority ? [extension(SUBJECT_KEY_ID, octets(keyId(wanted.publicKey)))] : [];
  const authorityId = wanted.setAuthorityKeyId
    ? [extension(AUTHORITY_KEY_ID, sequence(implicit(0, keyId(issuer.publicKey))))]
    : [];
  const extensions = [
    ...keyUsage(wanted.uses),
    ...extendedKeyUsage(wanted.uses),
    basicConstraints(wanted.isAuthority, wanted.maxPathLength),
    ...subjectId,
    ...authorityId,
    ...(wanted.names ? [wanted.names] : []),
  ];
  const body = sequence(
    explicit(0, integer(2n)),
    integer(wanted.serial),
    schemeOf(issuer.key).algorithm,
    issuer.name,
    sequence(time(wanted.start), time(wanted.end)),
    wanted.subject,
    wanted.publicKey,
    explicit(3, sequence(...extensions)),
  );
  return pem("CERTIFICATE", signed(body, issuer.key));
}
