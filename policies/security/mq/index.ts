import type { Policy } from "../../framework/policy.ts";
import { brokerNotPublic } from "./broker-not-public.ts";
import { brokerPublishesLogs } from "./broker-publishes-logs.ts";
import { brokerTakesMinorUpgrades } from "./broker-takes-minor-upgrades.ts";

/** Message brokers of Amazon MQ. */
export const mq: readonly Policy[] = [brokerNotPublic, brokerPublishesLogs, brokerTakesMinorUpgrades];
