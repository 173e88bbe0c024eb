import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { pem } from "./der.ts";

export const CURVES: Readonly<Record<string, string>> = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
};

export function generate(algorithm: unknown, rsaBits: unknown, curve: unknown): KeyObject {
  if (algorithm === "ED25519") return generateKeyPairSync("ed25519").privateKey;
  // The documented defaults: 2048 bits, P224
  if (algorithm === "RSA") {
    return generateKeyPairSync("rsa", { modulusLength: typeof rsaBits === "number" ? rsaBits : 2048 }).privateKey;
  }
  const namedCurve = CURVES[typeof curve === "string" ? curve : "P224"] ?? "secp224r1";
  return generateKeyPairSync("ec", { namedCurve }).privateKey;
}

/** The key in a PEM block; `undefined` where there is none that can be read. */
export function privateKeyOf(armoured: unknown): KeyObject | undefined {
  try {
    return typeof armoured === "string" ? createPrivateKey(armoured) : undefined;
  } catch {
    return undefined;
  }
}

export function algorithmOf(key: KeyObject): "ECDSA" | "ED25519" | "RSA" {
  if (key.asymmetricKeyType === "rsa") return "RSA";
  return key.asymmetricKeyType === "ed25519" ? "ED25519" : "ECDSA";
}

/** PKCS#1 for RSA, SEC1 for elliptic curves, PKCS#8 for Ed25519, as upstream writes them. */
export function privatePem(key: KeyObject): string {
  const type = ({ RSA: "pkcs1", ECDSA: "sec1", ED25519: "pkcs8" } as const)[algorithmOf(key)];
  return key.export({ format: "pem", type }) as string;
}

/** An SSH string: its length, then its bytes. https://www.rfc-editor.org/rfc/rfc4251#section-5 */
function field(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A positive number without needless zeros in front, with one where the first bit would read as a sign. */
function number(base64: string | undefined): Buffer {
  let bytes = Buffer.from(base64 ?? "", "base64url");
  while (bytes.length > 1 && bytes[0] === 0 && ((bytes[1] ?? 0) & 0x80) === 0) bytes = bytes.subarray(1);
  return field(((bytes[0] ?? 0) & 0x80) === 0 ? bytes : Buffer.concat([Buffer.from([0]), bytes]));
}

interface Ssh {
  readonly type: string;
  /** The public key's wire format. */
  readonly blob: Buffer;
  /** The private part of OpenSSH's own format. */
  readonly secret: Buffer;
}

const NISTP: Readonly<Record<string, string>> = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };

/** SSH knows no P-224: such a key has no OpenSSH form, and upstream leaves those outputs empty. */
function ssh(key: KeyObject): Ssh | undefined {
  if (key.asymmetricKeyDetails?.namedCurve === "secp224r1") return undefined;
  const jwk = key.export({ format: "jwk" });
  if (jwk.kty === "RSA") {
    const type = "ssh-rsa";
    const blob = Buffer.concat([field(type), number(jwk.e), number(jwk.n)]);
    const secret = [jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map(number);
    return { type, blob, secret: Buffer.concat([field(type), ...secret]) };
  }
  if (jwk.kty === "OKP") {
    const type = "ssh-ed25519";
    const point = Buffer.from(jwk.x ?? "", "base64url");
    const seed = Buffer.from(jwk.d ?? "", "base64url");
    const secret = [field(type), field(point), field(Buffer.concat([seed, point]))];
    return { type, blob: Buffer.concat([field(type), field(point)]), secret: Buffer.concat(secret) };
  }
  const curve = NISTP[jwk.crv ?? ""];
  if (curve === undefined) return undefined;
  const type = `ecdsa-sha2-${curve}`;
  const point = Buffer.concat([
    Buffer.from([4]),
    ...[jwk.x, jwk.y].map((part) => Buffer.from(part ?? "", "base64url")),
  ]);
  const blob = Buffer.concat([field(type), field(curve), field(point)]);
  return { type, blob, secret: Buffer.concat([blob, number(jwk.d)]) };
}

/** https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function opensshPrivate({ blob, secret }: Ssh): string {
  const check = randomBytes(4);
  const body = Buffer.concat([check, check, secret, field("")]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const one = Buffer.from([0, 0, 0, 1]);
  const content = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    one,
    field(blob),
    field(Buffer.concat([body, padding])),
  ]);
  return pem("OPENSSH PRIVATE KEY", content);
}

/** Every notation of a key pair that the resource offers. */
export function notationsOf(key: KeyObject): Readonly<Record<string, string>> {
  const own = ssh(key);
  const md5 = own && createHash("md5").update(own.blob).digest("hex").match(/../g)?.join(":");
  const sha256 = own && createHash("sha256").update(own.blob).digest("base64").replace(/=+$/, "");
  return {
    privateKeyPem: privatePem(key),
    privateKeyPemPkcs8: key.export({ format: "pem", type: "pkcs8" }) as string,
    privateKeyOpenssh: own ? opensshPrivate(own) : "",
    publicKeyPem: createPublicKey(key).export({ format: "pem", type: "spki" }) as string,
    publicKeyOpenssh: own ? `${own.type} ${own.blob.toString("base64")}\n` : "",
    publicKeyFingerprintMd5: md5 ?? "",
    publicKeyFingerprintSha256: sha256 === undefined ? "" : `SHA256:${sha256}`,
  };
}
