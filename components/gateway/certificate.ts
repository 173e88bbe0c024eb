import { createPrivateKey, X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { BadInput } from "@groundwork/lib/errors";

/** A certificate and its key, both PEM. */
export interface CertificatePair {
  /** The server's own certificate first, then the intermediate ones. */
  readonly certificate: pulumi.Input<string>;
  /** An ECDSA key; kept a secret. */
  readonly key: pulumi.Input<string>;
}

const HOURS_OF_A_YEAR = 8760;
const HOURS_OF_A_MONTH = 720;

/**
 * A certificate that signs itself, for environments that no stranger calls: browsers warn of it, and a public one takes
 * its certificate from a CA. It is renewed by any `up` in its last month.
 */
export function selfSigned(
  name: string,
  hosts: readonly string[],
  opts: pulumi.CustomResourceOptions,
): { readonly certificate: pulumi.Output<string>; readonly key: pulumi.Output<string> } {
  const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, opts);
  const certificate = new tls.SelfSignedCert(
    `${name}-certificate`,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { commonName: hosts[0] },
      dnsNames: [...hosts],
      allowedUses: ["digital_signature", "server_auth"],
      validityPeriodHours: HOURS_OF_A_YEAR,
      earlyRenewalHours: HOURS_OF_A_MONTH,
    },
    opts,
  );
  return { certificate: certificate.certPem, key: pulumi.secret(key.privateKeyPem) };
}

/** The pair, once it is known that nginx can start with it; a message never shows what was in the key. */
export function checkedPair({ certificate, key }: CertificatePair): {
  readonly certificate: pulumi.Output<string>;
  readonly key: pulumi.Output<string>;
} {
  const pair = pulumi.secret(pulumi.all([certificate, key])).apply(([chain, secret]) => {
    checkPair(chain, secret);
    return { chain, secret };
  });
  return { certificate: pair.chain, key: pair.secret };
}

export function checkPair(certificate: string, key: string): void {
  const privateKey = readable("tls.key is not a private key", () => createPrivateKey(key));
  const first = readable("tls.certificate is not a certificate", () => new X509Certificate(certificate));
  if (privateKey.asymmetricKeyType !== "ec") {
    throw new BadInput(
      `gateway: tls.key is of type ${privateKey.asymmetricKeyType}; write an ECDSA key (openssl ecparam -name prime256v1 -genkey -noout).`,
    );
  }
  if (!first.checkPrivateKey(privateKey)) {
    throw new BadInput(
      `gateway: tls.key does not belong to the certificate of ${first.subject.replaceAll("\n", ", ")}; write the key that it was made for.`,
    );
  }
}

function readable<T>(problem: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new BadInput(`gateway: ${problem}; write it as PEM, beginning with -----BEGIN.`);
  }
}
