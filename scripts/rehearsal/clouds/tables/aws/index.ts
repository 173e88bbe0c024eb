import type { Table } from "../../table.ts";
import { acm } from "./acm.ts";
import { account } from "./account.ts";
import { alarms } from "./alarms.ts";
import { backup } from "./backup.ts";
import { compute } from "./compute.ts";
import { defaultSecurityGroups } from "./default-security-group.ts";
import { ecr } from "./ecr.ts";
import { eks } from "./eks.ts";
import { eksAccess } from "./eks-access.ts";
import { elasticache } from "./elasticache.ts";
import { elasticacheGlobal } from "./elasticache-global.ts";
import { lb } from "./elb.ts";
import { listeners } from "./elb-listeners.ts";
import { endpoints } from "./endpoints.ts";
import { events } from "./events.ts";
import { iam } from "./iam.ts";
import { instances } from "./instance.ts";
import { invokes } from "./invokes.ts";
import { keys } from "./keys.ts";
import { mq } from "./mq.ts";
import { network } from "./network.ts";
import { nodeGroups } from "./node-groups.ts";
import { rds } from "./rds.ts";
import { rdsGroups } from "./rds-groups.ts";
import { rdsInstances } from "./rds-instance.ts";
import { rdsProxies } from "./rds-proxy.ts";
import { replicaKeys } from "./replica-keys.ts";
import { routes } from "./routes.ts";
import { s3 } from "./s3.ts";
import { s3Settings } from "./s3-settings.ts";
import { securityGroups } from "./security-groups.ts";
import { sqs } from "./sqs.ts";
import { trustStores } from "./trust-stores.ts";

export const table: Table = {
  package: "aws",
  types: [
    ...network,
    ...routes,
    ...endpoints,
    ...securityGroups,
    ...defaultSecurityGroups,
    ...compute,
    ...instances,
    ...sqs,
    ...events,
    ...iam,
    ...eks,
    ...eksAccess,
    ...nodeGroups,
    ...rds,
    ...rdsInstances,
    ...rdsGroups,
    ...elasticache,
    ...mq,
    ...lb,
    ...listeners,
    ...trustStores,
    ...acm,
    ...ecr,
    ...keys,
    ...s3,
    ...s3Settings,
    ...replicaKeys,
    ...elasticacheGlobal,
    ...rdsProxies,
    ...alarms,
    ...backup,
    ...account,
  ],
  invokes,
};
