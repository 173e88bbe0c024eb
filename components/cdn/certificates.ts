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

/** The ARNs of a region's certificates, known only when they are issued. */
export interface RegionCertificates {
  /** RSA 2048: what every client understands. */
  readonly rsa: Output<string>;
  /** ECDSA P-256: what a balancer that has both prefers with clients that understand it, as Cloudflare does. */
  readonly ecdsa: Output<string>;
}

/**
 * Certificates for `*.<domain>` in each region, for the last stretch from the CDN to the balancers: one of each kind of
 * key, of which a balancer picks the best. ACM renews them as long as the validation record stands; they cost nothing.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
 */
export class Certificates extends ComponentResource {
  /** By region. */
  readonly regions: Readonly<Record<string, RegionCertificates>>;

  constructor(name: string, args: CertificatesArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:cdn:Certificates", name, {}, opts);
    const certificates = args.places.map((place) =>
      createCertificate(`${name}-${place.region}`, place, args.domain, this),
    );
    const record = createValidationRecord(name, certificates[0]!, args.cloudflareZoneId, this);
    this.regions = Object.fromEntries(
      args.places.map((place, index) => {
        const ecdsaName = `${name}-${place.region}-ecdsa`;
        const ecdsa = createCertificate(ecdsaName, place, args.domain, this, ECDSA);
        return [
          place.region,
          {
            rsa: validated(`${name}-${place.region}`, place, certificates[index]!, record, this).certificateArn,
            ecdsa: validated(ecdsaName, place, ecdsa, record, this).certificateArn,
          },
        ];
      }),
    );
    this.registerOutputs({});
  }
}

/** https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html */
const ECDSA = { keyAlgorithm: "EC_prime256v1" };

function createCertificate(
  name: string,
  { provider }: CertificatePlace,
  domain: string,
  parent: ComponentResource,
  key: { readonly keyAlgorithm?: string } = {},
): aws.acm.Certificate {
  return new aws.acm.Certificate(
    name,
    { domainName: `*.${domain}`, validationMethod: "DNS", ...key, tags: { Name: `*.${domain}` } },
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
  { provider }: CertificatePlace,
  certificate: aws.acm.Certificate,
  record: cloudflare.DnsRecord,
  parent: ComponentResource,
): aws.acm.CertificateValidation {
  return new aws.acm.CertificateValidation(
    `${name}-validation`,
    { certificateArn: certificate.arn, validationRecordFqdns: [record.name] },
    { parent, provider },
  );
}

/** ACM writes names with the final dot of the DNS root, Cloudflare without. */
function withoutDot(name: string): string {
  return name.replace(/\.$/, "");
}
