import { DB_CLUSTER, DB_CLUSTER_INSTANCE, DB_INSTANCE } from "../../aws/databases.ts";
import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

/** Run out in 2020 and in August 2024: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL-certificate-rotation.html */
const EXPIRED: readonly string[] = ["rds-ca-2015", "rds-ca-2019"];

export const databaseCertificateIsCurrent = resourcePolicy({
  name: "database-certificate-is-current",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Databases show a certificate of an authority that has not run out.",
  why: "Clients that check the certificate cannot connect; those that connect do not check it.",
  fix: "Leave the input out, which takes the newest, or write rds-ca-rsa2048-g1.",
  control: {
    name: "Amazon RDS: Rotating your SSL/TLS certificate",
    url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL-certificate-rotation.html",
  },
  settings: {},
  types: [DB_INSTANCE, DB_CLUSTER, DB_CLUSTER_INSTANCE],
  check({ type, inputs, unknown }, _settings, report) {
    const input = type === DB_CLUSTER ? "caCertificateIdentifier" : "caCertIdentifier";
    const authority = textAt(inputs, input);
    const path = unknownAt(unknown, input);
    if (path !== undefined) report.undecided(path, "whether the certificate is current");
    else if (authority !== undefined && EXPIRED.includes(authority))
      report.violation(`${input} is ${authority}, which has run out; write rds-ca-rsa2048-g1.`);
  },
});
