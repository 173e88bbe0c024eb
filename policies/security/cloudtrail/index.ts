import type { Policy } from "../../framework/policy.ts";
import { trailCoversAllRegions } from "./trail-covers-all-regions.ts";
import { trailIsEncrypted } from "./trail-is-encrypted.ts";
import { trailIsLogging } from "./trail-is-logging.ts";
import { trailReachesCloudwatch } from "./trail-reaches-cloudwatch.ts";
import { trailRecordsObjects } from "./trail-records-objects.ts";
import { trailValidatesFiles } from "./trail-validates-files.ts";

/** What writes down who did what in the account. */
export const cloudtrail: readonly Policy[] = [
  trailIsLogging,
  trailCoversAllRegions,
  trailIsEncrypted,
  trailValidatesFiles,
  trailReachesCloudwatch,
  trailRecordsObjects,
];
