import * as aws from "@pulumi/aws";
import * as cloudflare from "@pulumi/cloudflare";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";

export interface CertificatePlace {
  /** AWS's name of the region. */
  readonly region: string;
  readonly provider: aws.Provider;
}

export interface CertificatesArgs {
  /** The certificates are for all names directly below this one. */
  readonly domain: string;
  /** The zone that the domain belongs to. */
  readonly cloudflareZoneId: string;
  readonly places: readonly [CertificatePlace, ...CertificatePlace[]];
}

/**
 * A certificate for `*.<domain>` in each region, for the last stretch from the CDN to the balancers. ACM renews it as
 * long as the validation record stands; it costs nothing.
 */
export class Certificates extends ComponentResource {
  /** ARN by region, known only when the certificate is issued. */
  readonly arns: Readonly<Record<string, Output<string>>>;

  constructor(name: string, args: CertificatesArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:cdn:Certificates", name, {}, opts);
    const certificates = args.places.map((place) => createCertificate(name, place, args.domain, this));
    const record = createValidationRecord(name, certificates[0]!, args.cloudflareZoneId, this);
    this.arns = Object.fromEntries(
      args.places.map((place, index) => [
        place.region,
        validated(name, place, certificates[index]!, record, this).certificateArn,
      ]),
    );
    this.registerOutputs({});
  }
}

function createCertificate(
  name: string,
  { region, provider }: CertificatePlace,
  domain: string,
  parent: ComponentResource,
): aws.acm.Certificate {
  return new aws.acm.Certificate(
    `${name}-${region}`,
    { domainName: `*.${domain}`, validationMethod: "DNS", tags: { Name: `*.${domain}` } },
    { parent, provider },
  );
}

/**
 * One record proves the domain in every region: ACM derives it from account and name alone, and a second one with the
 * same name would be refused. https://github.com/hashicorp/terraform-provider-aws/issues/13653
 */
function createValidationRecord(
  name: string,
  certificate: aws.acm.Certificate,
  zoneId: string,
  parent: ComponentResource,
): cloudflare.DnsRecord {
  const option = certificate.domainValidationOptions[0]!;
  return new cloudflare.DnsRecord(
    `${name}-validation`,
    {
      zoneId,
      name: option.resourceRecordName.apply(withoutDot),
      type: option.resourceRecordType,
      content: option.resourceRecordValue.apply(withoutDot),
      ttl: 60,
      proxied: false,
      comment: "Proves the domain to AWS Certificate Manager; needed for every renewal",
    },
    { parent },
  );
}

function validated(
  name: string,
  { region, provider }: CertificatePlace,
  certificate: aws.acm.Certificate,
  record: cloudflare.DnsRecord,
  parent: ComponentResource,
): aws.acm.CertificateValidation {
  return new aws.acm.CertificateValidation(
    `${name}-${region}-validation`,
    { certificateArn: certificate.arn, validationRecordFqdns: [record.name] },
    { parent, provider },
  );
}

/** ACM writes names with the final dot of the DNS root, Cloudflare without. */
function withoutDot(name: string): string {
  return name.replace(/\.$/, "");
}
