import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { autoNamed } from "@groundwork/lib/names";
import type { AwsBackupPlace } from "./aws-place.ts";
import { testRestores } from "./aws-restore-tests.ts";

export interface AwsBackupArgs {
  /** Each copies to the next one, the last to the first; the order stays when another region leads. */
  readonly places: readonly [AwsBackupPlace, ...AwsBackupPlace[]];
  /** What carries this tag is backed up, in every region. */
  readonly tag: { readonly key: string; readonly value: string };
  /** Days that the daily recovery points are kept, here and in the copy: 1 to 35. Default 35. */
  readonly dailyDays?: number;
  /** Months that the one of each month's first day is kept, here and in the copy. Default 12; 0: none is made. */
  readonly monthlyMonths?: number;
  /**
   * `governance`: nobody without backup:DeleteBackupVaultLockConfiguration deletes recovery points early. `compliance`:
   * after three days nobody at all, AWS included, until they expire: the account pays for them until then. Default none.
   * https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
   */
  readonly lock?: VaultLock;
  /** Whether the latest recovery point is restored once a week, and thrown away. Default true. */
  readonly restoreTests?: boolean;
  /** Whether vaults refuse deletion by Pulumi. One with recovery points refuses it in any case. */
  readonly protect: boolean;
}

export type VaultLock = "none" | "governance" | "compliance";

/** https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html */
const NAME_LIMIT = 50;
const DAILY_DAYS = 35;
const MONTHLY_MONTHS = 12;
const DAYS_A_MONTH = 31;
/** After midnight in the Americas, before the working day of Europe; times are UTC. */
const DAILY = "cron(0 8 ? * * *)";
const MONTHLY = "cron(0 9 1 * ? *)";
/** Days to think better of it, the least that AWS allows, after which a compliance lock holds for good. */
const CHANGEABLE_DAYS = 3;
/** https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html */
const POLICIES = [
  "service-role/AWSBackupServiceRolePolicyForBackup",
  "service-role/AWSBackupServiceRolePolicyForRestores",
  "AWSBackupServiceRolePolicyForS3Backup",
  "AWSBackupServiceRolePolicyForS3Restore",
];
/** What a new account's plans leave out unless it is asked for. */
const SERVICES = { Aurora: true, EBS: true, S3: true };

/**
 * AWS Backup: a vault in each region, a plan that puts a recovery point of everything that carries the tag into it each
 * day and month, a copy of each in another region, and a weekly restore that shows that they can be used.
 * Costs about US$ 0.02 a GB and month for Aurora and 0.05 for S3 and EBS, twice with the copy.
 * https://aws.amazon.com/backup/pricing/
 */
export class AwsBackup extends ComponentResource {
  /** The vaults by region. */
  readonly vaults: Readonly<Record<string, aws.backup.Vault>>;

  constructor(name: string, args: AwsBackupArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:backup:AwsBackup", name, {}, opts);
    check(name, args);
    const [home] = args.places;
    const role = createRole(name, home.provider, this);
    const vaults = args.places.map((place) => createVault(name, place, args, this));
    args.places.forEach((place, index) => {
      const copyTo = vaults[(index + 1) % vaults.length];
      const ends = { vault: vaults[index] as aws.backup.Vault, copyTo: vaults.length > 1 ? copyTo : undefined };
      planBackups(`${name}-${place.region}`, place, { ...args, ...ends, role }, this);
    });
    this.vaults = Object.fromEntries(
      args.places.map(({ region }, index) => [region, vaults[index] as aws.backup.Vault]),
    );
    if (args.restoreTests ?? true)
      args.places.forEach((place, index) => {
        testRestores(`${name}-${place.region}`, { vault: vaults[index] as aws.backup.Vault, role, place }, this);
      });
    this.registerOutputs({ vaults: vaults.map(({ arn }) => arn) });
  }
}

function check(name: string, { dailyDays = DAILY_DAYS, monthlyMonths = MONTHLY_MONTHS }: AwsBackupArgs): void {
  if (!Number.isInteger(dailyDays) || dailyDays < 1 || dailyDays > DAILY_DAYS)
    throw new BadInput(`the daily backups of ${name} are kept ${dailyDays} days; write a whole number from 1 to 35.`);
  if (!Number.isInteger(monthlyMonths) || monthlyMonths < 0)
    throw new BadInput(`the monthly backups of ${name} are kept ${monthlyMonths} months; write a whole number from 0.`);
}

function createRole(name: string, provider: aws.Provider, parent: Resource): aws.iam.Role {
  const role = new aws.iam.Role(
    `${name}-service`,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "backup.amazonaws.com" }, Action: "sts:AssumeRole" }],
      }),
    },
    { parent, provider },
  );
  for (const policy of POLICIES)
    new aws.iam.RolePolicyAttachment(
      `${name}-${(policy.split("/").pop() ?? policy).toLowerCase()}`,
      { role: role.name, policyArn: `arn:aws:iam::aws:policy/${policy}` },
      { parent, provider },
    );
  return role;
}

function createVault(name: string, place: AwsBackupPlace, args: AwsBackupArgs, parent: Resource): aws.backup.Vault {
  const { region, provider } = place;
  const vault = new aws.backup.Vault(
    autoNamed(`${name}-${region}`, NAME_LIMIT),
    { kmsKeyArn: place.keyArn, forceDestroy: false },
    { parent, provider, protect: args.protect },
  );
  new aws.backup.RegionSettings(
    `${name}-${region}-services`,
    { resourceTypeOptInPreference: SERVICES },
    // The service answers with all services that it knows: those are the account's own choice.
    { parent, provider, ignoreChanges: ["resourceTypeOptInPreference"] },
  );
  const { lock = "none", dailyDays = DAILY_DAYS, monthlyMonths = MONTHLY_MONTHS } = args;
  if (lock !== "none")
    new aws.backup.VaultLockConfiguration(
      `${name}-${region}-lock`,
      {
        backupVaultName: vault.name,
        minRetentionDays: dailyDays,
        maxRetentionDays: Math.max(dailyDays, monthlyMonths * DAYS_A_MONTH),
        ...(lock === "compliance" && { changeableForDays: CHANGEABLE_DAYS }),
      },
      { parent, provider },
    );
  return vault;
}

interface Ends {
  readonly vault: aws.backup.Vault;
  readonly copyTo: aws.backup.Vault | undefined;
  readonly role: aws.iam.Role;
}

function planBackups(name: string, { provider }: AwsBackupPlace, args: AwsBackupArgs & Ends, parent: Resource): void {
  const { dailyDays = DAILY_DAYS, monthlyMonths = MONTHLY_MONTHS, tag, role } = args;
  const rule = (ruleName: string, schedule: string, deleteAfter: number): aws.types.input.backup.PlanRule => ({
    ruleName,
    schedule,
    targetVaultName: args.vault.name,
    lifecycle: { deleteAfter },
    ...(args.copyTo && { copyActions: [{ destinationVaultArn: args.copyTo.arn, lifecycle: { deleteAfter } }] }),
  });
  const plan = new aws.backup.Plan(
    autoNamed(name, NAME_LIMIT),
    {
      rules: [
        rule("daily", DAILY, dailyDays),
        ...(monthlyMonths > 0 ? [rule("monthly", MONTHLY, monthlyMonths * DAYS_A_MONTH)] : []),
      ],
    },
    { parent, provider },
  );
  new aws.backup.Selection(
    autoNamed(`${name}-tagged`, NAME_LIMIT),
    {
      planId: plan.id,
      iamRoleArn: role.arn,
      selectionTags: [{ type: "STRINGEQUALS", key: tag.key, value: tag.value }],
    },
    { parent, provider },
  );
}
