import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { autoNamed } from "@groundwork/lib/names";
import { BALANCER_NAME_LIMIT } from "./ingress-gateway.ts";

export interface ClientTrustArgs {
  /** The certificates of all authorities that vouch for clients, in PEM notation, one after the other. */
  readonly bundle: Input<string>;
}

/** What a bucket's name may have. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_NAME_LIMIT = 63;
const KEY = "authorities.pem";

/**
 * The authorities whose client certificates a region's balancer accepts. ELB reads them from a bucket when told to: a
 * changed list is a new version of the object, and with it an update in place. Cents a month.
 */
export class ClientTrust extends ComponentResource {
  readonly arn: Output<string>;
  /** To be waited for by what shows a certificate. */
  readonly store: aws.lb.TrustStore;

  constructor(name: string, { bundle }: ClientTrustArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:ClientTrust", name, {}, opts);
    const { bucket, versioning } = createBucket(name, this);
    const object = new aws.s3.BucketObjectv2(
      name,
      { bucket: bucket.bucket, key: KEY, content: bundle, contentType: "application/x-pem-file" },
      { parent: this, dependsOn: [versioning] },
    );
    this.store = new aws.lb.TrustStore(
      autoNamed(name, BALANCER_NAME_LIMIT),
      {
        caCertificatesBundleS3Bucket: bucket.bucket,
        caCertificatesBundleS3Key: object.key,
        caCertificatesBundleS3ObjectVersion: object.versionId,
        tags: { Name: name },
      },
      { parent: this },
    );
    this.arn = this.store.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

function createBucket(name: string, parent: ComponentResource) {
  const bucket = new aws.s3.Bucket(
    autoNamed(name, BUCKET_NAME_LIMIT),
    // Older versions of the list would keep the bucket from going; the state can write it again at any time.
    { forceDestroy: true, tags: { Name: name } },
    { parent },
  );
  new aws.s3.BucketPublicAccessBlock(
    name,
    {
      bucket: bucket.bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    { parent },
  );
  const versioning = new aws.s3.BucketVersioning(
    name,
    { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
    { parent },
  );
  return { bucket, versioning };
}
