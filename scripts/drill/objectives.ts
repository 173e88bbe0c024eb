import type { Assumption, RecoveryObjectives, TrafficReport } from "@groundwork/lib/drill-report";
import { plain, text } from "../rehearsal/clouds/tables/values.ts";
import type { StateResource } from "../rehearsal/deployment.ts";
import { ofType } from "./state.ts";

const DATABASE = "aws:rds/globalCluster:GlobalCluster";
const CACHE = "aws:elasticache/replicationGroup:ReplicationGroup";

const AURORA = "https://aws.amazon.com/rds/aurora/global-database/";
const DATASTORE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html";
const DECISION: Assumption = {
  what: "somebody decides to promote: a person, with the runbook open",
  seconds: 900,
  source: "assumed; replace it with what your own on-call takes",
};
const PROMOTE_DATABASE: Assumption = {
  what: "Aurora makes another region the writer",
  seconds: 60,
  source: AURORA,
};
const PROMOTE_CACHE: Assumption = {
  what: "ElastiCache lets another region take the writes",
  seconds: 60,
  source: DATASTORE,
};
const UPDATE: Assumption = {
  what: "the `up` with the new roles: a proxy before the new writer, and workloads restarted by a rolling update",
  seconds: 900,
  source: "assumed; RDS Proxy takes minutes to be made, which a rehearsal does not wait for",
};

/** How long each system is away and what it loses, from what its tiers are made of in the state. */
export function objectivesOf(
  resources: readonly StateResource[],
  traffic: readonly TrafficReport[],
  leads: boolean,
): readonly RecoveryObjectives[] {
  const databases = ofType(resources, DATABASE).map(({ id = "" }) => id);
  const caches = ofType(resources, CACHE).map(({ id = "", outputs = {} }) => ({
    name: `${id} ${text(outputs["globalReplicationGroupId"])}`,
    isGlobal: text(outputs["globalReplicationGroupId"]) !== "",
  }));
  return traffic.map((way) => {
    const system = way.host.split(".")[0] ?? way.host;
    const hasDatabase = databases.some((id) => id.includes(system));
    const own = caches.filter(({ name }) => name.includes(system));
    const isGlobal = own.some((cache) => cache.isGlobal);
    const reads = [moved(way)];
    const promoted = hasDatabase || isGlobal;
    const writes =
      leads && promoted
        ? [DECISION, ...(hasDatabase ? [PROMOTE_DATABASE] : []), ...(isGlobal ? [PROMOTE_CACHE] : []), UPDATE]
        : [];
    const lost = [...(leads ? losses(hasDatabase, own.length > 0, isGlobal) : []), ...ownLosses(resources, system)];
    return {
      system,
      reads,
      writes,
      lost,
      rtoReads: sum(reads),
      rtoWrites: sum(reads) + sum(writes),
      rpo: Math.max(0, ...lost.map(({ seconds }) => seconds)),
    };
  });
}

function moved({ seconds, how, source, to }: TrafficReport): Assumption {
  return {
    what: `Cloudflare sends requests to ${to ?? "nobody, there is no other pool"}: ${how}`,
    seconds: seconds.most,
    source,
  };
}

function losses(hasDatabase: boolean, hasCache: boolean, isGlobal: boolean): readonly Assumption[] {
  const database = {
    what: "writes to the database that were acknowledged and not yet in another region: what AuroraGlobalDBReplicationLag showed last, usually a second",
    seconds: 1,
    source: AURORA,
  };
  const datastore = { what: "writes to the cache of the last second, typically", seconds: 1, source: DATASTORE };
  const alone = {
    what: "nothing that counts: the caches of the regions are apart, and what the lost one held is read again",
    seconds: 0,
    source: "groundwork:cache.global is false",
  };
  return [...(hasDatabase ? [database] : []), ...(hasCache ? [isGlobal ? datastore : alone] : [])];
}

const DOCUMENTS = "kubernetes:psmdb.percona.com/v1:PerconaServerMongoDB";
const BROKER = "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster";
/** Most objects are copied faster; replication time control promises it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html */
const COPY_SECONDS = 15 * 60;

/** Of what each region has for itself, whether it leads or not. */
function ownLosses(resources: readonly StateResource[], system: string): readonly Assumption[] {
  const inSystem = ({ inputs }: StateResource): boolean =>
    text(plain(plain(inputs)["metadata"])["namespace"]).startsWith(system);
  const documents = ofType(resources, DOCUMENTS).find(inSystem);
  const { pitr } = plain(plain(plain(documents?.inputs)["spec"])["backup"]);
  const minutes = Number(plain(pitr)["oplogSpanMin"] ?? 0);
  return [
    ...(documents === undefined
      ? []
      : [
          {
            what: `MongoDB: writes after the last oplog that was copied: ${minutes} min until it is in S3, and 15 min until it is in the other region (for most objects; promised by recovery.timeControl alone)`,
            seconds: minutes * 60 + COPY_SECONDS,
            source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html",
          },
        ]),
    ...(ofType(resources, BROKER).some(inSystem)
      ? [
          {
            what: "RabbitMQ: nothing for good where the region comes back, everything that was queued where it never does",
            seconds: 0,
            source: "queues are a region's own, on volumes that outlive it: docs/region-loss.md",
          },
        ]
      : []),
  ];
}

function sum(parts: readonly Assumption[]): number {
  return parts.reduce((total, { seconds }) => total + seconds, 0);
}
