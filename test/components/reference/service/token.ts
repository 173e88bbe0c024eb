import { createHmac } from "node:crypto";

/** Makes tokens by hand, so that also those can be tried that no library would make. https://www.rfc-editor.org/rfc/rfc7519 */
export function createSigner(secret: string) {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return (claims: Readonly<Record<string, unknown>>, algorithm: "HS256" | "none" = "HS256"): string => {
    const text = `${encode({ alg: algorithm, typ: "JWT" })}.${encode(claims)}`;
    const signature = algorithm === "none" ? "" : createHmac("sha256", secret).update(text).digest("base64url");
    return `${text}.${signature}`;
  };
}
