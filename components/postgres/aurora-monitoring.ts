import * as aws from "@pulumi/aws";
import type { Resource } from "@pulumi/pulumi";
import type { AuroraMonitoring } from "./aurora-spec.ts";

const POLICY = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole";

/**
 * The role in which RDS writes the operating system's metrics to CloudWatch Logs; none where nobody asked for them.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.Enabling.html
 */
export function createMonitoringRole(
  name: string,
  monitoring: AuroraMonitoring | undefined,
  parent: Resource,
): aws.iam.Role | undefined {
  if (monitoring === undefined || monitoring.interval === 0) return undefined;
  const assumeRolePolicy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "monitoring.rds.amazonaws.com" }, Action: "sts:AssumeRole" }],
  });
  const role = new aws.iam.Role(`${name}-monitoring`, { assumeRolePolicy }, { parent });
  new aws.iam.RolePolicyAttachment(`${name}-monitoring`, { role: role.name, policyArn: POLICY }, { parent });
  return role;
}
