import * as aws from "@pulumi/aws";
import type { Resource } from "@pulumi/pulumi";
import { boundedName } from "@groundwork/lib/names";
import type { AwsBackupPlace } from "./aws-place.ts";

interface Tested {
  readonly vault: aws.backup.Vault;
  readonly role: aws.iam.Role;
  readonly place: AwsBackupPlace;
}

/** Letters, digits and `_` only. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingPlanForCreate.html */
const NAME_LIMIT = 50;
const WEEKLY = "cron(0 12 ? * SUN *)";
/** Twice the week, so that one failed backup does not leave the test without a recovery point. */
const WINDOW_DAYS = 14;
/** Hours that a restored cluster stays for somebody to look at. It has storage and no instance, so it costs cents. */
const VALIDATION_HOURS = 4;

/**
 * Once a week the latest recovery point of the database is restored and deleted again; whether and how long it took is
 * seen under restore testing. https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
 */
export function testRestores(name: string, { vault, role, place: { provider } }: Tested, parent: Resource): void {
  const physical = boundedName(name, NAME_LIMIT).replaceAll("-", "_");
  const plan = new aws.backup.RestoreTestingPlan(
    `${name}-restores`,
    {
      name: physical,
      scheduleExpression: WEEKLY,
      recoveryPointSelection: {
        algorithm: "LATEST_WITHIN_WINDOW",
        includeVaults: [vault.arn],
        recoveryPointTypes: ["SNAPSHOT"],
        selectionWindowDays: WINDOW_DAYS,
      },
    },
    { parent, provider },
  );
  new aws.backup.RestoreTestingSelection(
    `${name}-restores-database`,
    {
      name: "database",
      restoreTestingPlanName: plan.name,
      iamRoleArn: role.arn,
      protectedResourceType: "Aurora",
      protectedResourceArns: ["*"],
      validationWindowHours: VALIDATION_HOURS,
    },
    { parent, provider },
  );
}
