import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, createPrivateKey, createPublicKey, sign, verify, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { at, fromPem, read } from "../../../../scripts/rehearsal/clouds/tables/tls/der.ts";
import { table } from "../../../../scripts/rehearsal/clouds/tables/tls.ts";
import { FakeCloud } from "../fake-cloud.ts";

const KEY = "tls:index/privateKey:PrivateKey";
const SELF_SIGNED = "tls:index/selfSignedCert:SelfSignedCert";
const REQUEST = "tls:index/certRequest:CertRequest";
const LOCALLY_SIGNED = "tls:index/locallySignedCert:LocallySignedCert";

type Texts = Record<string, string>;
const cloud = new FakeCloud(table);
let count = 0;
const make = (token: string, inputs: Record<string, unknown>) =>
  cloud.create(token, inputs, `it-${count++}`).properties as Texts;
const key = (inputs: Record<string, unknown> = { algorithm: "ECDSA", ecdsaCurve: "P256" }) => make(KEY, inputs);
const said = (token: string, inputs: Record<string, unknown>) => cloud.refusals(token, inputs).join("; ");

const ALGORITHMS = [
  { algorithm: "RSA" },
  { algorithm: "ECDSA", ecdsaCurve: "P256" },
  { algorithm: "ECDSA", ecdsaCurve: "P384" },
  { algorithm: "ECDSA", ecdsaCurve: "P521" },
  { algorithm: "ED25519" },
];

describe("simulated tls: keys", () => {
  for (const inputs of ALGORITHMS) {
    it(`are real in every notation: ${Object.values(inputs).join(" ")}`, () => {
      const made = key(inputs);
      const message = Buffer.from("message");
      const hash = inputs.algorithm === "ED25519" ? null : "sha256";
      for (const notation of ["privateKeyPem", "privateKeyPemPkcs8"]) {
        const signature = sign(hash, message, createPrivateKey(made[notation] ?? ""));
        assert.ok(verify(hash, message, createPublicKey(made.publicKeyPem ?? ""), signature));
      }
      const blob = Buffer.from((made.publicKeyOpenssh ?? "").split(" ")[1] ?? "", "base64");
      const digest = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
      assert.equal(made.publicKeyFingerprintSha256, `SHA256:${digest}`);
      assert.match(made.publicKeyFingerprintMd5 ?? "", /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    });

    it(`are understood by OpenSSH: ${Object.values(inputs).join(" ")}`, function () {
      const folder = mkdtempSync(join(tmpdir(), "groundwork-key-"));
      try {
        const file = join(folder, "key");
        const made = key(inputs);
        writeFileSync(file, made.privateKeyOpenssh ?? "", { mode: 0o600 });
        assert.equal(publicHalf(file, made.privateKeyOpenssh ?? ""), (made.publicKeyOpenssh ?? "").trim());
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it("of P224, the default curve, have no OpenSSH form", () => {
    const made = key({ algorithm: "ECDSA" });
    assert.equal(made.ecdsaCurve, "P224");
    assert.equal(made.publicKeyOpenssh, "");
    assert.match(made.privateKeyPem ?? "", /^-----BEGIN EC PRIVATE KEY-----/);
  });

  it("differ each time, are secret, and refuse what does not exist", () => {
    assert.notEqual(key().privateKeyPem, key().privateKeyPem);
    assert.deepEqual(cloud.type(KEY).secrets, ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"]);
    assert.match(said(KEY, { algorithm: "DSA" }), /algorithm: write one of RSA, ECDSA, ED25519/);
    assert.match(said(KEY, { algorithm: "ECDSA", ecdsaCurve: "P255" }), /P224, P256/);
    assert.match(said(KEY, { algorithm: "RSA", rsaBits: 512 }), /from 1024/);
  });
});

/** The public half as ssh-keygen reads it, or, where it is not installed, as the unencrypted format holds it. */
function publicHalf(file: string, armoured: string): string {
  try {
    return execFileSync("ssh-keygen", ["-y", "-f", file], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const content = Buffer.from(armoured.replace(/-----[^-]+-----|\s/g, ""), "base64");
  // after the magic come cipher "none", kdf "none", no options, and the number of keys
  const start = "openssh-key-v1\0".length + 4 + 4 + 4 + 4 + 4 + 4;
  const blob = content.subarray(start + 4, start + 4 + content.readUInt32BE(start));
  return `${blob.subarray(4, 4 + blob.readUInt32BE(0)).toString()} ${blob.toString("base64")}`;
}

const authorityInputs = (privateKeyPem: string) => ({
  privateKeyPem,
  subject: {
    commonName: "Groundwork Root",
    organization: "Example, Inc.",
    country: "DE",
    streetAddresses: ["Hauptstraße 1"],
  },
  isCaCertificate: true,
  maxPathLength: 1,
  setSubjectKeyId: true,
  setAuthorityKeyId: true,
  validityPeriodHours: 87600 * 3,
  allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
});

describe("simulated tls: certificates", () => {
  for (const inputs of ALGORITHMS) {
    it(`verify, from root to leaf: ${Object.values(inputs).join(" ")}`, () => {
      const rootKey = key(inputs);
      const root = make(SELF_SIGNED, authorityInputs(rootKey.privateKeyPem ?? ""));
      const leafKey = key(inputs);
      const names = {
        dnsNames: ["api.example.com", "*.example.com"],
        ipAddresses: ["10.0.0.1", "2001:db8::1"],
        uris: ["spiffe://example.com/api"],
      };
      const request = make(REQUEST, {
        privateKeyPem: leafKey.privateKeyPem,
        subject: { commonName: "api.example.com" },
        ...names,
      });
      const leaf = make(LOCALLY_SIGNED, {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: rootKey.privateKeyPem,
        caCertPem: root.certPem,
        validityPeriodHours: 24,
        earlyRenewalHours: 12,
        allowedUses: ["key_encipherment", "digital_signature", "server_auth", "client_auth"],
      });
      const [authority, certificate] = [
        new X509Certificate(root.certPem ?? ""),
        new X509Certificate(leaf.certPem ?? ""),
      ];
      assert.ok(authority.ca && !certificate.ca);
      assert.ok(certificate.verify(createPublicKey(rootKey.publicKeyPem ?? "")));
      assert.ok(authority.verify(createPublicKey(rootKey.publicKeyPem ?? "")));
      assert.ok(certificate.checkIssued(authority));
      assert.ok(certificate.checkPrivateKey(createPrivateKey(leafKey.privateKeyPem ?? "")));
      assert.equal(certificate.checkHost("api.example.com"), "api.example.com");
      assert.equal(certificate.checkHost("other.example.com"), "*.example.com");
      assert.equal(certificate.checkHost("example.org"), undefined);
      assert.equal(certificate.checkIP("10.0.0.1"), "10.0.0.1");
      assert.match(certificate.subjectAltName ?? "", /URI:spiffe:\/\/example.com\/api/);
      assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
      assert.equal(BigInt(`0x${certificate.serialNumber}`).toString(), leaf.id);
      assert.equal(leaf.caKeyAlgorithm, inputs.algorithm);
    });
  }

  it("carry the subject and the times that were asked for", () => {
    const { certPem, validityStartTime, validityEndTime, readyForRenewal } = make(
      SELF_SIGNED,
      authorityInputs(key().privateKeyPem ?? ""),
    );
    const certificate = new X509Certificate(certPem ?? "");
    assert.match(certificate.subject, /C=DE\nO=Example.*Inc\.\nstreet=Hauptstra/);
    assert.match(certificate.subject, /CN=Groundwork Root/);
    assert.equal(new Date(certificate.validFrom).toISOString(), new Date(validityStartTime ?? "").toISOString());
    assert.equal(new Date(certificate.validTo).getTime(), new Date(validityEndTime ?? "").getTime());
    assert.equal(
      new Date(validityEndTime ?? "").getTime() - new Date(validityStartTime ?? "").getTime(),
      87600 * 3 * 3600_000,
    );
    assert.equal(readyForRenewal, false);
  });

  it("come from requests that are signed with their own key", () => {
    const own = key();
    const { certRequestPem } = make(REQUEST, {
      privateKeyPem: own.privateKeyPem,
      subject: { commonName: "a.example.com" },
    });
    const [info, , signature] = read(
      at(fromPem("CERTIFICATE REQUEST", certRequestPem ?? "") ?? Buffer.alloc(0))?.content ?? Buffer.alloc(0),
    );
    assert.ok(info && signature);
    assert.ok(verify("sha256", info.whole, createPublicKey(own.publicKeyPem ?? ""), signature.content.subarray(1)));
  });

  it("are refused where the parts do not fit", () => {
    const [one, other] = [key(), key()];
    const root = make(SELF_SIGNED, authorityInputs(one.privateKeyPem ?? ""));
    const { certRequestPem } = make(REQUEST, { privateKeyPem: other.privateKeyPem });
    const inputs = { certRequestPem, caCertPem: root.certPem, validityPeriodHours: 1, allowedUses: [] };
    assert.match(
      said(LOCALLY_SIGNED, { ...inputs, caPrivateKeyPem: other.privateKeyPem }),
      /doesn't match parent's PublicKey/,
    );
    assert.equal(said(LOCALLY_SIGNED, { ...inputs, caPrivateKeyPem: one.privateKeyPem }), "");
    assert.match(said(LOCALLY_SIGNED, inputs), /exactly one of caPrivateKeyPem/);
    assert.match(
      said(LOCALLY_SIGNED, { ...inputs, caPrivateKeyPem: one.privateKeyPem, certRequestPem: "x" }),
      /certificate request in PEM/,
    );
    assert.match(
      said(LOCALLY_SIGNED, { ...inputs, caPrivateKeyPem: one.privateKeyPem, caCertPem: "x" }),
      /certificate in PEM/,
    );
    assert.match(
      said(SELF_SIGNED, { privateKeyPem: "x", validityPeriodHours: 1, allowedUses: [] }),
      /private key in PEM/,
    );
    assert.match(
      said(SELF_SIGNED, { privateKeyPem: one.privateKeyPem, validityPeriodHours: -1, allowedUses: ["all"] }),
      /allowedUses\[0\]: write one of .*validityPeriodHours: write a number of at least 0/,
    );
    assert.match(said(REQUEST, { privateKeyPem: one.privateKeyPem, ipAddresses: ["10.0.0.256"] }), /an IP address/);
  });
});
