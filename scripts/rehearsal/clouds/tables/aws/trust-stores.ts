import { X509Certificate } from "node:crypto";
import type { Created, Ctx, ResourceType } from "../../table.ts";
import { CERTIFICATE } from "./acm.ts";
import { LISTENER } from "./elb.ts";
import type { Problem } from "./rules.ts";
import {
  arnOf,
  awsType,
  everywhere,
  input,
  length,
  object,
  oneOf,
  pattern,
  refer,
  rule,
  sourced,
  text,
  thing,
  upstream,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/";
const CREATE = `${API}API_CreateTrustStore.html`;
const S3_API = "https://docs.aws.amazon.com/AmazonS3/latest/API/";
const MUTUAL = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html";
export const TRUST_STORE = "aws:lb/trustStore:TrustStore";
const OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2";
const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";

const isVersioned = (ctx: Ctx): boolean =>
  ctx
    .all(VERSIONING)
    .some(
      ({ properties }) =>
        properties["bucket"] === ctx.inputs["bucket"] &&
        object(properties["versioningConfiguration"])["status"] === "Enabled",
    );

const contentOf = (ctx: Ctx): string =>
  input(ctx, "content") || input(ctx, "contentBase64") || input(ctx, "sourceHash");

/** An object of a bucket. A changed content is a new version of it, where the bucket keeps versions. */
const bucketObject = awsType({
  token: OBJECT,
  source: upstream("s3/object.go"),
  id: (ctx) => input(ctx, "key"),
  key: (ctx) => `${input(ctx, "bucket")}/${input(ctx, "key")}`,
  exists: "the object is written by another resource already, and each would undo the other",
  rules: [
    rule("key", length(1, 1024), "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"),
    rule("serverSideEncryption", oneOf("AES256", "aws:kms", "aws:kms:dsse"), `${S3_API}API_PutObject.html`),
  ],
  references: [refer("bucket", "aws:s3/bucket:Bucket", { by: "bucket", holds: false })],
  check: (ctx) => {
    const given = ["content", "contentBase64", "source"].filter((property) => ctx.inputs[property] !== undefined);
    return given.length <= 1
      ? undefined
      : { path: given[1] ?? "", reason: `write only one of ${given.join(", ")}`, source: upstream("s3/object.go") };
  },
  replaces: ["bucket", "key"],
  updates: [
    ...["acl", "bucketKeyEnabled", "cacheControl", "checksumAlgorithm", "content", "contentBase64"],
    ...["contentDisposition", "contentEncoding", "contentLanguage", "contentType", "etag", "forceDestroy", "kmsKeyId"],
    ...["metadata", "objectLockLegalHoldStatus", "objectLockMode", "objectLockRetainUntilDate", "overrideProvider"],
    ...["serverSideEncryption", "source", "sourceHash", "storageClass", "websiteRedirect"],
  ],
  defaults: {
    acl: "private",
    bucketKeyEnabled: false,
    contentType: "application/octet-stream",
    etag: (ctx: Created) => ctx.hex(32, `etag/${contentOf(ctx)}`),
    forceDestroy: false,
    kmsKeyId: "",
    serverSideEncryption: "AES256",
    storageClass: "STANDARD",
  },
  outputs: (ctx) => ({
    arn: `arn:aws:s3:::${input(ctx, "bucket")}/${input(ctx, "key")}`,
    versionId: isVersioned(ctx) ? ctx.hex(32, `version/${contentOf(ctx)}`) : "",
    ...Object.fromEntries(CHECKSUMS.map((name) => [name, ""])),
  }),
});

const CHECKSUMS = ["checksumCrc32", "checksumCrc32c", "checksumCrc64nvme", "checksumSha1", "checksumSha256"];

/** The certificates that a bundle holds; undefined where it is none. */
const authoritiesIn = (bundle: string): X509Certificate[] | undefined => {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
};

const bundleProblem = (ctx: Ctx): Problem | undefined => {
  const path = "caCertificatesBundleS3Key";
  const found = ctx
    .all(OBJECT)
    .find(
      ({ properties }) =>
        properties["bucket"] === ctx.inputs["caCertificatesBundleS3Bucket"] && properties["key"] === ctx.inputs[path],
    );
  if (found === undefined) return { path, reason: "CaCertificatesBundleNotFound: the bucket has no such object" };
  const version = ctx.inputs["caCertificatesBundleS3ObjectVersion"];
  if (version === "")
    return {
      path: "caCertificatesBundleS3ObjectVersion",
      reason: "write a version, or leave it out: the bucket keeps none",
    };
  const authorities = authoritiesIn(text(found.properties["content"]));
  if (authorities === undefined || authorities.length === 0)
    return { path, reason: "InvalidCaCertificatesBundle: write certificates in PEM notation, one after the other" };
  const leaf = authorities.findIndex((certificate) => !certificate.ca);
  return leaf < 0
    ? undefined
    : { path, reason: `InvalidCaCertificatesBundle: certificate ${leaf + 1} is not an authority's` };
};

const usedBy = (ctx: Ctx, arn: string): string | undefined =>
  ctx.all(LISTENER).find(({ properties }) => object(properties["mutualAuthentication"])["trustStoreArn"] === arn)?.id;

const trustStore = awsType({
  token: TRUST_STORE,
  source: upstream("elbv2/trust_store.go"),
  id: (ctx) => arnOf(ctx, "elasticloadbalancing", `truststore/${input(ctx, "name")}/${ctx.hex(16, "trust store")}`),
  key: (ctx) => input(ctx, "name"),
  exists: "DuplicateTrustStoreName",
  autoName: { property: "name", maxLength: 32 },
  rules: [
    rule("name", length(1, 32), CREATE),
    rule("name", pattern(/^([a-zA-Z0-9]+-)*[a-zA-Z0-9]+$/, "write letters, digits and inner hyphens"), CREATE),
  ],
  references: [
    refer("caCertificatesBundleS3Bucket", "aws:s3/bucket:Bucket", { by: "bucket", holds: false, anyRegion: true }),
  ],
  check: (ctx) => sourced(bundleProblem(ctx), CREATE),
  replaces: ["name", "namePrefix"],
  updates: ["caCertificatesBundleS3Bucket", "caCertificatesBundleS3Key", "caCertificatesBundleS3ObjectVersion"],
  defaults: { namePrefix: "" },
  outputs: (ctx) => ({ arn: ctx.id, arnSuffix: ctx.id.split(":").pop() ?? "" }),
  refuseDelete: (store, ctx) =>
    usedBy(ctx, store.id) === undefined
      ? undefined
      : `TrustStoreInUse: Trust store '${store.id}' is currently in use by a listener`,
});

/** What is wrong with how a listener asks for client certificates. */
export const mutualProblem = (ctx: Ctx, isSecure: boolean): Problem | undefined => {
  if (ctx.inputs["mutualAuthentication"] === undefined) return undefined;
  const { mode, trustStoreArn } = object(ctx.inputs["mutualAuthentication"]);
  const refused = (name: string, reason: string) => ({ path: `mutualAuthentication.${name}`, reason, source: MUTUAL });
  if (!["off", "passthrough", "verify"].includes(text(mode)))
    return refused("mode", "write off, passthrough or verify");
  if (mode !== "off" && !isSecure)
    return refused("mode", "leave it out: only a listener of HTTPS asks for certificates");
  if (mode === "verify" && text(trustStoreArn) === "")
    return refused("trustStoreArn", "write it: verify needs a trust store");
  if (mode !== "verify" && text(trustStoreArn) !== "")
    return refused("trustStoreArn", `leave it out: ${text(mode)} verifies nothing`);
  return undefined;
};

/** A further certificate of a listener; which one a client gets is chosen by name and key. */
const listenerCertificate = awsType({
  token: "aws:lb/listenerCertificate:ListenerCertificate",
  source: upstream("elbv2/listener_certificate.go"),
  id: (ctx) => `${input(ctx, "listenerArn")}_${input(ctx, "certificateArn")}`,
  key: (ctx) => `${input(ctx, "listenerArn")} ${input(ctx, "certificateArn")}`,
  exists: "the listener has this certificate already",
  references: [
    refer("listenerArn", LISTENER, { holds: false }),
    refer("certificateArn", CERTIFICATE, { except: /^arn:aws:iam:/ }),
  ],
  check: (ctx) => {
    const certificate = thing(ctx, CERTIFICATE, ctx.inputs["certificateArn"]);
    const isIssued =
      certificate?.properties["status"] !== "PENDING_VALIDATION" ||
      everywhere(ctx, "aws:acm/certificateValidation:CertificateValidation").some(
        ({ properties }) => properties["certificateArn"] === certificate.id,
      );
    return isIssued
      ? undefined
      : {
          path: "certificateArn",
          reason: "UnsupportedCertificate: take the ARN from the certificate's validation: it is not issued yet",
          source: `${API}API_AddListenerCertificates.html`,
        };
  },
  replaces: ["certificateArn", "listenerArn"],
});

export const trustStores: readonly ResourceType[] = [bucketObject, trustStore, listenerCertificate];
