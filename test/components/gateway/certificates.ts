import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../helpers/folder.ts";
import type { Running } from "../../helpers/server.ts";
import { program, started } from "../../helpers/server.ts";

const openssl = program("openssl", "openssl");

/** Paths of PEM files. */
export interface Files {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate for localhost that signs itself. */
export function selfSigned(kind: "ec" | "rsa" = "ec"): Files {
  const folder = temporaryFolder();
  const files = { certificate: join(folder, "server.crt"), key: join(folder, "server.key") };
  const algorithm = kind === "ec" ? ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"] : ["rsa:2048"];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const output = ["-keyout", files.key, "-out", files.certificate];
  execFileSync(openssl, ["req", "-x509", "-newkey", ...algorithm, "-nodes", "-days", "2", ...name, ...output], {
    stdio: "pipe",
  });
  return files;
}

export const pem = (path: string): string => readFileSync(path, "utf8");

/** A CA that answers OCSP on a port of the loopback interface, and a certificate that names it. */
export async function issuerWithOcsp(port: number): Promise<Files & { issuer: string; responder: Running }> {
  const folder = temporaryFolder({ "index.txt": "", "index.txt.attr": "unique_subject = no\n", serial: "1000\n" });
  const at = (name: string) => join(folder, name);
  const ca = selfSigned();
  writeFileSync(
    at("ca.cnf"),
    [
      "[ca]",
      "default_ca = this",
      "[this]",
      `database = ${at("index.txt")}`,
      `serial = ${at("serial")}`,
      `new_certs_dir = ${folder}`,
      `certificate = ${ca.certificate}`,
      `private_key = ${ca.key}`,
      "default_md = sha256",
      "default_days = 2",
      "policy = any",
      "x509_extensions = server",
      "[any]",
      "commonName = supplied",
      "[server]",
      `authorityInfoAccess = OCSP;URI:http://127.0.0.1:${port}`,
      "subjectAltName = DNS:localhost",
    ].join("\n"),
  );
  const request = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=server"];
  execFileSync(openssl, [...request, "-keyout", at("server.key"), "-out", at("server.csr")], { stdio: "pipe" });
  const sign = ["ca", "-batch", "-notext", "-config", at("ca.cnf"), "-in", at("server.csr"), "-out", at("server.crt")];
  execFileSync(openssl, sign, { stdio: "pipe" });
  const answering = ["ocsp", "-index", at("index.txt"), "-port", String(port), "-CA", ca.certificate];
  const signer = ["-rsigner", ca.certificate, "-rkey", ca.key];
  const responder = await started(openssl, [...answering, ...signer], /waiting for OCSP client connections/);
  return { certificate: at("server.crt"), key: at("server.key"), issuer: ca.certificate, responder };
}
