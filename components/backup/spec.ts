import { BadInput } from "@groundwork/lib/errors";

/** When backups are made, how many are kept, and how often one is restored to see that it can be. */
export interface BackupSpec {
  /** Hours from one backup to the next; default 24. What was written since the last one is what a loss costs. */
  readonly everyHours?: number;
  /** The newest ones, kept however old they are; default 7. */
  readonly keepCount?: number;
  /** Days that every backup is kept; default 7. */
  readonly keepDays?: number;
  /** Every how many backups one is restored into a scratch database and compared; default 7, 0 never. The first one always is. */
  readonly restoreTestEvery?: number;
}

export interface BackupPlan {
  readonly intervalSeconds: number;
  readonly keepCount: number;
  readonly keepDays: number;
  readonly restoreTestEvery: number;
  /** Age of the last good backup above which the container is unhealthy: one may be missed, not two. */
  readonly maxAgeSeconds: number;
}

const HOUR = 3600;

export function backupPlan(spec: BackupSpec): BackupPlan {
  const { everyHours = 24, keepCount = 7, keepDays = 7, restoreTestEvery = 7 } = spec;
  if (!(everyHours > 0 && everyHours <= 24 * 31))
    throw new BadInput(`backup: everyHours is ${everyHours}; write hours above 0 and up to 744 (31 days).`);
  const counts = {
    keepCount: [keepCount, 1],
    keepDays: [keepDays, 0],
    restoreTestEvery: [restoreTestEvery, 0],
  } as const;
  for (const [key, [value, least]] of Object.entries(counts))
    if (!Number.isInteger(value) || value < least)
      throw new BadInput(`backup: ${key} is ${value}; write a whole number of ${least} or more.`);
  const intervalSeconds = Math.round(everyHours * HOUR);
  return { intervalSeconds, keepCount, keepDays, restoreTestEvery, maxAgeSeconds: 2 * intervalSeconds + HOUR };
}
