import type { Created, ResourceType } from "../../table.ts";
import { CLUSTER_PARAMETERS, PARAMETERS, SUBNET_GROUP, subnetGroupProblem } from "./rds-rules.ts";
import {
  all,
  arnOf,
  awsType,
  input,
  length,
  oneOf,
  pattern,
  refer,
  rule,
  sourced,
  texts,
  upstream,
  vpcOf,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/";

const groupName = all(
  length(1, 255),
  pattern(
    /^(?!default$)[a-z0-9]([a-z0-9 ._-]*[a-z0-9._])?$/,
    "write lower-case letters, digits, spaces, ., _ and -, and not default",
  ),
);

const subnetGroup = awsType({
  token: SUBNET_GROUP,
  source: upstream("rds/subnet_group.go"),
  id: (ctx) => input(ctx, "name"),
  key: (ctx) => input(ctx, "name"),
  exists: "DBSubnetGroupAlreadyExists",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule("name", groupName, `${API}API_CreateDBSubnetGroup.html`),
    rule("subnetIds", length(1, 20), "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html"),
  ],
  references: [refer("subnetIds[]", "aws:ec2/subnet:Subnet")],
  check: (ctx) =>
    sourced(subnetGroupProblem(ctx, "DBSubnetGroupDoesNotCoverEnoughAZs"), `${API}API_CreateDBSubnetGroup.html`),
  replaces: ["name", "namePrefix"],
  updates: ["description", "subnetIds"],
  defaults: { description: "Managed by Pulumi", namePrefix: "" },
  outputs: (ctx: Created) => ({
    arn: arnOf(ctx, "rds", `subgrp:${ctx.id}`),
    supportedNetworkTypes: ["IPV4"],
    vpcId: vpcOf(ctx, texts(ctx.inputs["subnetIds"])),
  }),
});

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html */
const family = pattern(
  /^(aurora-postgresql1[3-8]|aurora-mysql8\.[04]|postgres1[3-8]|mysql8\.[04])$/,
  "write a family such as aurora-postgresql17",
);

const parameterGroup = (token: string, file: string, kind: "cluster-pg" | "pg", call: string): ResourceType =>
  awsType({
    token,
    source: upstream(file),
    id: (ctx) => input(ctx, "name"),
    key: (ctx) => input(ctx, "name"),
    exists: "DBParameterGroupAlreadyExists",
    autoName: { property: "name", maxLength: 255 },
    rules: [
      rule(
        "name",
        all(
          length(1, 255),
          pattern(
            /^[a-z](-?[a-z0-9])*$/,
            "write lower-case letters, digits and single hyphens, beginning with a letter",
          ),
        ),
        `${API}${call}`,
      ),
      rule("family", family, `${API}${call}`),
      rule("parameters[].applyMethod", oneOf("immediate", "pending-reboot"), `${API}API_Parameter.html`),
    ],
    replaces: ["description", "family", "name", "namePrefix"],
    updates: kind === "pg" ? ["parameters", "skipDestroy"] : ["parameters"],
    defaults: { description: "Managed by Pulumi", namePrefix: "" },
    outputs: (ctx) => ({ arn: arnOf(ctx, "rds", `${kind}:${ctx.id}`) }),
  });

export const rdsGroups: readonly ResourceType[] = [
  subnetGroup,
  parameterGroup(
    CLUSTER_PARAMETERS,
    "rds/cluster_parameter_group.go",
    "cluster-pg",
    "API_CreateDBClusterParameterGroup.html",
  ),
  parameterGroup(PARAMETERS, "rds/parameter_group.go", "pg", "API_CreateDBParameterGroup.html"),
];
