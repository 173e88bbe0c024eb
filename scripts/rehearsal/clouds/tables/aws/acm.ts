import { createHash } from "node:crypto";
import type { Created, Ctx, ResourceType } from "../../table.ts";
import {
  all,
  arnOf,
  awsType,
  input,
  length,
  list,
  object,
  oneOf,
  pattern,
  refer,
  rule,
  text,
  texts,
  thing,
  upstream,
  uuid,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/acm/latest/APIReference/";
const REQUEST = `${API}API_RequestCertificate.html`;
export const CERTIFICATE = "aws:acm/certificate:Certificate";

const domainName = all(
  length(1, 253),
  pattern(
    /^(\*\.)?([A-Za-z0-9-]{1,63}(?<!-)\.)+[A-Za-z]{2,63}$/,
    "write a domain such as example.com or *.example.com",
  ),
);

const domains = (ctx: Ctx): readonly string[] => [
  ...new Set([input(ctx, "domainName"), ...texts(ctx.inputs["subjectAlternativeNames"])].filter((each) => each !== "")),
];

/**
 * One record proves a domain and its wildcard, and the same one in every region of the account.
 * https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
 */
const validation = (ctx: Created) =>
  domains(ctx).map((domain) => {
    const bare = domain.replace(/^\*\./, "");
    const digest = createHash("sha512").update(`${ctx.account}/${bare}`).digest("hex");
    return {
      domainName: domain,
      resourceRecordName: `_${digest.slice(0, 32)}.${bare}.`,
      resourceRecordType: "CNAME",
      resourceRecordValue: `_${digest.slice(32, 64)}.${digest.slice(64, 74)}.acm-validations.aws.`,
    };
  });

const isImported = (ctx: Ctx): boolean =>
  ctx.inputs["privateKey"] !== undefined || ctx.inputs["privateKeyWo"] !== undefined;

const certificate = awsType({
  token: CERTIFICATE,
  source: upstream("acm/certificate.go"),
  id: (ctx) => arnOf(ctx, "acm", `certificate/${uuid(ctx, "certificate")}`),
  rules: [
    rule("domainName", domainName, REQUEST),
    rule("subjectAlternativeNames", length(0, 100), "https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html"),
    rule("subjectAlternativeNames[]", domainName, REQUEST),
    rule("validationMethod", oneOf("DNS", "EMAIL", "HTTP", "NONE"), REQUEST),
    rule(
      "keyAlgorithm",
      oneOf("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"),
      REQUEST,
    ),
    rule(
      "options.certificateTransparencyLoggingPreference",
      oneOf("ENABLED", "DISABLED"),
      `${API}API_CertificateOptions.html`,
    ),
  ],
  check: (ctx) => {
    if (isImported(ctx) || ctx.inputs["certificateAuthorityArn"] !== undefined) return undefined;
    const missing = ["domainName", "validationMethod"].find((property) => ctx.inputs[property] === undefined);
    return missing === undefined
      ? undefined
      : {
          path: missing,
          reason: "write it: a certificate that ACM issues needs one",
          source: upstream("acm/certificate.go"),
        };
  },
  replaces: [
    "certificateAuthorityArn",
    "domainName",
    "keyAlgorithm",
    "subjectAlternativeNames",
    "validationMethod",
    "validationOptions",
  ],
  updates: [
    "certificateBody",
    "certificateChain",
    "earlyRenewalDuration",
    "options",
    "privateKey",
    "privateKeyWo",
    "privateKeyWoVersion",
  ],
  defaults: {
    domainName: "",
    keyAlgorithm: "RSA_2048",
    options: { certificateTransparencyLoggingPreference: "ENABLED", export: "DISABLED" },
    subjectAlternativeNames: (ctx: Created) => domains(ctx),
    validationMethod: "NONE",
  },
  outputs: (ctx) => ({
    arn: ctx.id,
    domainValidationOptions: input(ctx, "validationMethod") === "DNS" ? validation(ctx) : [],
    notAfter: isImported(ctx) ? "2027-11-01T00:00:00Z" : "",
    notBefore: isImported(ctx) ? "2026-11-01T00:00:00Z" : "",
    pendingRenewal: false,
    renewalEligibility: "INELIGIBLE",
    renewalSummaries: [],
    status: isImported(ctx) ? "ISSUED" : "PENDING_VALIDATION",
    type: isImported(ctx) ? "IMPORTED" : "AMAZON_ISSUED",
    validationEmails:
      input(ctx, "validationMethod") === "EMAIL" ? [`admin@${input(ctx, "domainName").replace(/^\*\./, "")}`] : [],
  }),
  secrets: ["privateKey", "privateKeyWo"],
});

const bare = (name: unknown): string => text(name).replace(/\.$/, "").toLowerCase();

const certificateValidation = awsType({
  token: "aws:acm/certificateValidation:CertificateValidation",
  source: upstream("acm/certificate_validation.go"),
  // the time of issue, as upstream writes it
  id: (ctx) => `2026-11-01 00:00:00.${String(parseInt(ctx.hex(8, "issued"), 16) % 1e9).padStart(9, "0")} +0000 UTC`,
  references: [refer("certificateArn", CERTIFICATE, { holds: false })],
  check: (ctx) => {
    const proof = list(
      thing(ctx, CERTIFICATE, ctx.inputs["certificateArn"])?.properties["domainValidationOptions"],
    ).map((each) => bare(object(each)["resourceRecordName"]));
    const given = texts(ctx.inputs["validationRecordFqdns"]).map(bare);
    const missing =
      ctx.inputs["validationRecordFqdns"] === undefined ? undefined : proof.find((each) => !given.includes(each));
    return missing === undefined
      ? undefined
      : {
          path: "validationRecordFqdns",
          reason: `missing DNS validation record: ${missing}`,
          source: upstream("acm/certificate_validation.go"),
        };
  },
  replaces: ["certificateArn", "validationRecordFqdns"],
});

export const acm: readonly ResourceType[] = [certificate, certificateValidation];
