import type { Field } from "./field.ts";

// https://kubernetes.io/docs/concepts/configuration/configmap/ and https://kubernetes.io/docs/concepts/configuration/secret/
const KEY = /^[-._a-zA-Z0-9]+$/;
const MAX_BYTES = 1024 * 1024;

function keys(field: Field): void {
  for (const [key, value] of field.entries) {
    value.refuseIf(
      !KEY.test(key) || key.length > 253 || key === "." || key === "..",
      "write the key with at most 253 letters, digits, `-`, `_` and `.`",
    );
  }
}

function bytes(field: Field, encoding: "base64" | "utf8"): number {
  return field.entries.reduce((sum, [, value]) => sum + Buffer.byteLength(value.text ?? "", encoding), 0);
}

export function configMap(object: Field): void {
  const [data, binary] = [object.at("data"), object.at("binaryData")];
  keys(data);
  keys(binary);
  for (const [key, value] of binary.entries) value.refuseIf(data.at(key).present, "duplicate of key present in data");
  object.refuseIf(bytes(data, "utf8") + bytes(binary, "base64") > MAX_BYTES, `must have at most ${MAX_BYTES} bytes`);
}

/** https://kubernetes.io/docs/concepts/configuration/secret/#secret-types */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
};

export function secret(object: Field): void {
  const [data, plain] = [object.at("data"), object.at("stringData")];
  keys(data);
  keys(plain);
  object.refuseIf(bytes(data, "base64") + bytes(plain, "utf8") > MAX_BYTES, `must have at most ${MAX_BYTES} bytes`);
  const open = data.unknown || plain.unknown;
  for (const key of REQUIRED[object.at("type").text ?? ""] ?? []) {
    const given = [data.at(key), plain.at(key)].some((field) => field.present || field.unknown);
    data.at(key).refuseIf(!given && !open, `it is required in a secret of type ${String(object.at("type").text)}`);
  }
}
