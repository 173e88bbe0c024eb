import type * as aws from "@pulumi/aws";

/** A region whose resources are backed up. */
export interface AwsBackupPlace {
  /** AWS's name of the region. */
  readonly region: string;
  readonly provider: aws.Provider;
  /** ARN of the key that the region's vault is encrypted with; the same material in all regions. */
  readonly keyArn: aws.backup.VaultArgs["kmsKeyArn"];
}
