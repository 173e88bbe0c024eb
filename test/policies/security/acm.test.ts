import { certificateKeyIsStrong } from "../../../policies/security/acm/certificate-key-is-strong.ts";
import { certificateRenewsItself } from "../../../policies/security/acm/certificate-renews-itself.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, UNKNOWN } from "../harness.ts";

const certificates: readonly Fake[] = [
  {
    type: "aws:acm/certificate:Certificate",
    name: "shop",
    props: { domainName: "example.com", validationMethod: "DNS", keyAlgorithm: "EC_prime256v1" },
  },
];

describe("security of certificates", () => {
  describePolicy({
    policy: certificateKeyIsStrong,
    compliant: certificates,
    breaks: [{ path: "shop/keyAlgorithm", value: "RSA_1024", says: /^keyAlgorithm is RSA_1024/ }],
    passes: [{ path: "shop/keyAlgorithm", value: undefined }],
    undecided: ["shop/keyAlgorithm"],
  });

  describePolicy({
    policy: certificateRenewsItself,
    compliant: certificates,
    breaks: [
      { path: "shop/validationMethod", value: "EMAIL", says: /^validationMethod is EMAIL/ },
      { path: "shop/privateKey", value: UNKNOWN, says: /^The certificate is imported/ },
    ],
    undecided: ["shop/validationMethod"],
  });
});
