/** What AWS Backup makes recovery points of. Volumes in a cluster get it from the driver that makes them (place.ts). */
export const BACKUP_TAG = { key: "groundwork:backup", value: "daily" } as const;
