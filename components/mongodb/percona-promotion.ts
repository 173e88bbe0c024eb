import { BadInput } from "@groundwork/lib/errors";
import type { PromotionStep } from "@groundwork/lib/promotion";
import { BACKUP_STORAGE, OPLOG_MINUTES } from "./percona-spec.ts";

export interface MongodbPromotion {
  /** The system whose data it is. */
  readonly system: string;
  /** The region that is left; also its kubectl context. */
  readonly from: string;
  /** The region that takes over; also its kubectl context. */
  readonly to: string;
  /** Name of the bucket in `to` that holds the copies of `from`'s backups. */
  readonly bucket: string;
  /** Whether the old region still answers: then its last backup is made with nobody writing. Default false: it is lost. */
  readonly planned?: boolean;
}

/** S3 copies an object to the other region within 15 minutes, with replication time control. https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html */
const COPY_MINUTES = 15;

/**
 * The data of a region's MongoDB come to another region by its backups: the cluster there runs already, and is given the
 * newest backup and all of the oplog that was copied. Systems that hold MongoDB to be optional go on without it meanwhile.
 * https://docs.percona.com/percona-operator-for-mongodb/backups-restore-to-new-cluster.html
 */
export function mongodbPromotion(promotion: MongodbPromotion): readonly PromotionStep[] {
  const { system, from, to, planned = false } = promotion;
  if (from === to) throw new BadInput(`the data of ${system} go from ${from} to ${to}; write another region.`);
  const restore = restoreSteps(promotion);
  if (!planned) return [...restore, rebuild(promotion, restore.length + 1)];
  return [
    {
      order: 1,
      what: `Stop what writes to MongoDB in ${from}, and make a backup.`,
      how: { command: `kubectl --context ${from} -n ${system}-mongodb create -f - <<< '${json(backupObject())}'` },
      waitsFor: `kubectl --context ${from} -n ${system}-mongodb get psmdb-backup shows it ready, and its files are in ${promotion.bucket}`,
      loses: "nothing; nobody writes until the restore is done",
    },
    ...restore.map((step) => ({ ...step, order: step.order + 1, loses: "nothing" })),
  ];
}

function restoreSteps({ system, from, to, bucket }: MongodbPromotion): PromotionStep[] {
  const folder = `${system}/mongodb/${from}`;
  const object = restoreObject({ bucket, region: to, prefix: folder, destination: "<the newest backup's folder>" });
  return [
    {
      order: 1,
      what: `Find the newest backup of ${from} in its copy.`,
      how: { command: `aws s3 ls --region ${to} s3://${bucket}/${folder}/` },
      waitsFor: "a folder whose name is a time, with a file beside it that ends in .pbm.json",
      loses: "nothing",
    },
    {
      order: 2,
      what: `Restore it and the oplog after it into the cluster in ${to}, whose own data go.`,
      how: { command: `kubectl --context ${to} -n ${system}-mongodb create -f - <<< '${json(object)}'` },
      waitsFor: `kubectl --context ${to} -n ${system}-mongodb get psmdb-restore shows it ready`,
      loses: `what ${from} wrote after the last oplog that was copied: up to ${OPLOG_MINUTES} min until it is in S3, and up to ${COPY_MINUTES} min until it is in ${to}; and what the cluster in ${to} had`,
    },
  ];
}

function rebuild({ system, from, to }: MongodbPromotion, order: number): PromotionStep {
  return {
    order,
    what: `When ${from} is back: make a backup in ${to} and restore it in ${from} before its writers start, as this procedure does the other way round.`,
    how: { command: `kubectl --context ${to} -n ${system}-mongodb create -f - <<< '${json(backupObject())}'` },
    waitsFor: `kubectl --context ${from} -n ${system}-mongodb get psmdb-restore shows it ready`,
    loses: `what only ${from} had; a backup of it before the restore keeps that`,
  };
}

/** https://docs.percona.com/percona-operator-for-mongodb/backups-ondemand.html */
function backupObject(): object {
  return {
    apiVersion: "psmdb.percona.com/v1",
    kind: "PerconaServerMongoDBBackup",
    metadata: { generateName: "promotion-" },
    spec: { clusterName: "mongodb", storageName: BACKUP_STORAGE },
  };
}

export interface RestoreSource {
  readonly bucket: string;
  /** AWS's name of the bucket's region. */
  readonly region: string;
  readonly prefix: string;
  /** Folder of the backup, a time such as `2026-11-21T03:00:00Z`. */
  readonly destination: string;
}

/** A restore from a backup that this cluster did not make, up to the newest moment that is there. */
export function restoreObject({ bucket, region, prefix, destination }: RestoreSource): object {
  return {
    apiVersion: "psmdb.percona.com/v1",
    kind: "PerconaServerMongoDBRestore",
    metadata: { generateName: "promotion-" },
    spec: {
      clusterName: "mongodb",
      pitr: { type: "latest" },
      backupSource: {
        type: "logical",
        destination: `s3://${bucket}/${prefix}/${destination}`,
        s3: { bucket, region, prefix },
      },
    },
  };
}

function json(value: object): string {
  return JSON.stringify(value);
}
