import { type KeyObject, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Issuer,
  alternativeNames,
  certificate,
  nameOf,
  publicKeyOf,
  readIssuer,
} from "../clouds/tables/tls/certificate.ts";

/** Who talks to whom in a control plane, each with an ECC key of its own. Everything lives in one folder, for its owner only. */
const LEAVES = {
  apiserver: {
    authority: "ca",
    subject: { commonName: "kube-apiserver" },
    uses: ["server_auth"],
    dnsNames: ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"],
  },
  "apiserver-etcd": { authority: "ca", subject: { commonName: "kube-apiserver" }, uses: ["client_auth"], dnsNames: [] },
  etcd: {
    authority: "ca",
    subject: { commonName: "etcd" },
    uses: ["server_auth", "client_auth"],
    dnsNames: ["localhost"],
  },
  // the aggregation layer's own: https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
  "front-proxy": {
    authority: "front-proxy-ca",
    subject: { commonName: "front-proxy-client" },
    uses: ["client_auth"],
    dnsNames: [],
  },
  metrics: {
    authority: "ca",
    subject: { commonName: "metrics-server" },
    uses: ["server_auth"],
    dnsNames: ["metrics.groundwork-rehearsal.svc"],
  },
} as const;

const AUTHORITIES = ["ca", "front-proxy-ca"] as const;

type Authority = (typeof AUTHORITIES)[number];
type Leaf = keyof typeof LEAVES;

const DAY_MS = 86_400_000;
/** A rehearsal that is kept and picked up again should not find its certificates expired. */
const LIFETIME_DAYS = 365;

export class Pki {
  readonly #folder: string;

  /** Makes what is not there yet; what is there stays, so that a control plane that returns is the same one. */
  constructor(folder: string) {
    this.#folder = folder;
    if (existsSync(join(folder, COMPLETE))) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const issuers = Object.fromEntries(AUTHORITIES.map((name) => [name, this.#authority(name)]));
    for (const [name, leaf] of Object.entries(LEAVES)) this.#leaf(name, leaf, issuers[leaf.authority] as Issuer);
    const signing = newKey();
    this.#write("service-accounts.key", privatePem(signing));
    this.#write("service-accounts.pub", createPublicKey(signing).export({ format: "pem", type: "spki" }) as string);
    this.#write(COMPLETE, "");
  }

  certificate(name: Authority | Leaf): string {
    return join(this.#folder, `${name}.crt`);
  }

  key(name: Authority | Leaf | "service-accounts"): string {
    return join(this.#folder, `${name}.key`);
  }

  /** What service accounts' tokens are checked with. */
  get tokenKey(): string {
    return join(this.#folder, "service-accounts.pub");
  }

  #authority(name: Authority): Issuer {
    const key = newKey();
    const subject = nameOf({ commonName: name });
    const self = { name: subject, publicKey: publicKeyOf(key), key };
    const uses = ["cert_signing", "crl_signing", "digital_signature"];
    const made = certificate({ ...common(key), subject, names: undefined, uses, isAuthority: true }, self);
    this.#write(`${name}.crt`, made);
    this.#write(`${name}.key`, privatePem(key));
    return readIssuer(made, key) ?? self;
  }

  #leaf(name: string, { subject, uses, dnsNames }: (typeof LEAVES)[Leaf], issuer: Issuer): void {
    const key = newKey();
    const isServer = dnsNames.length > 0;
    const names = isServer ? alternativeNames({ dnsNames, ipAddresses: ["127.0.0.1"] }) : undefined;
    const wanted = { ...common(key), subject: nameOf(subject), names, isAuthority: false };
    this.#write(`${name}.crt`, certificate({ ...wanted, uses: ["digital_signature", ...uses] }, issuer));
    this.#write(`${name}.key`, privatePem(key));
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text, { mode: 0o600 });
  }
}

/** Written last: a folder without it was left half made. */
const COMPLETE = "complete";

function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
}

function privatePem(key: KeyObject): string {
  return key.export({ format: "pem", type: "sec1" }) as string;
}

function common(key: KeyObject) {
  const now = Date.now();
  return {
    serial: BigInt(`0x${randomBytes(15).toString("hex")}`),
    publicKey: publicKeyOf(key),
    maxPathLength: undefined,
    setSubjectKeyId: true,
    setAuthorityKeyId: true,
    start: new Date(now - DAY_MS),
    end: new Date(now + LIFETIME_DAYS * DAY_MS),
  };
}
