import { databaseCertificateIsCurrent } from "../../../policies/security/rds/database-certificate-is-current.ts";
import { databaseEventsAreTold } from "../../../policies/security/rds/database-events-are-told.ts";
import { describePolicy } from "../cases.ts";

describe("events and certificates of databases", () => {
  describePolicy({
    policy: databaseEventsAreTold,
    compliant: [
      {
        type: "aws:rds/eventSubscription:EventSubscription",
        name: "clusters",
        props: { sourceType: "db-cluster", eventCategories: ["maintenance", "failure", "creation"] },
      },
      { type: "aws:rds/eventSubscription:EventSubscription", name: "all", props: {} },
    ],
    breaks: [
      { path: "clusters/eventCategories", value: ["creation"], says: /^eventCategories lacks maintenance and failure/ },
      { path: "clusters/sourceType", value: "db-instance", says: /lacks configuration change/ },
      { path: "all/enabled", value: false, says: /^enabled is false/ },
    ],
    undecided: ["clusters/eventCategories", "all/enabled"],
  });

  describePolicy({
    policy: databaseCertificateIsCurrent,
    compliant: [
      { type: "aws:rds/instance:Instance", name: "shop", props: { caCertIdentifier: "rds-ca-ecc384-g1" } },
      { type: "aws:rds/cluster:Cluster", name: "orders", props: {} },
    ],
    breaks: [
      { path: "shop/caCertIdentifier", value: "rds-ca-2019", says: /^caCertIdentifier is rds-ca-2019/ },
      { path: "orders/caCertificateIdentifier", value: "rds-ca-2015", says: /^caCertificateIdentifier is rds-ca-2015/ },
    ],
    undecided: ["shop/caCertIdentifier"],
  });
});
