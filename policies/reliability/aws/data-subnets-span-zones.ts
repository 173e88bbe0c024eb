import { fsbp } from "../../security/values.ts";
import { spansZones } from "./availability-zones.ts";

export const dataSubnetsSpanZones = spansZones(
  {
    name: "data-subnets-span-zones",
    family: "reliability",
    severity: "medium",
    level: "mandatory",
    description: "Subnet groups of databases and caches have subnets in at least two zones.",
    why: "A database can fail over only to a zone that its subnet group knows.",
    fix: "Add a subnet of another zone to subnetIds.",
    control: fsbp(
      "RDS DB clusters should be configured for multiple Availability Zones",
      ["RDS.15", "RDS.5"],
      ["CIS AWS 5.0.0 2.2.4"],
    ),
  },
  [
    { type: "aws:rds/subnetGroup:SubnetGroup", inputs: ["subnetIds"], what: "Subnet group" },
    { type: "aws:elasticache/subnetGroup:SubnetGroup", inputs: ["subnetIds"], what: "Subnet group" },
  ],
);
