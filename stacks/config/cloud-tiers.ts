import type { Memory } from "@groundwork/lib/quantity";
import type { Reader } from "./values.ts";
import { integer, memory, object, oneOf, text } from "./values.ts";

/** RabbitMQ of the systems that need one. */
export interface BrokerConfig {
  /** `operator`: in the cluster, under RabbitMQ's own operator; `amazon-mq`: managed, without definitions of its own. */
  readonly kind: "operator" | "amazon-mq";
  /** In the cluster: servers, an odd number. */
  readonly nodes: number;
  /** In the cluster: of each server. */
  readonly storage: Memory;
  /** Managed: instance type of each server. */
  readonly instanceType: string;
}

/** MongoDB of the systems that need one. */
export interface DocumentsConfig {
  /** Replica sets of three that share the data. */
  readonly shards: number;
  /** Of each server that holds data. */
  readonly storage: Memory;
}

const BROKERS: BrokerConfig = { kind: "operator", nodes: 3, storage: "10Gi", instanceType: "mq.m7g.large" };
const DOCUMENTS: DocumentsConfig = { shards: 3, storage: "20Gi" };

const odd: Reader<number> = (value, key) => {
  const count = integer(1, 7)(value, key);
  return count % 2 === 1 ? count : oneOf("1", "3", "5", "7")(count, key) && count;
};

export const readBrokers: Reader<BrokerConfig> = object<BrokerConfig>({
  kind: { read: oneOf("operator", "amazon-mq"), fallback: BROKERS.kind },
  nodes: { read: odd, fallback: BROKERS.nodes },
  storage: { read: memory, fallback: BROKERS.storage },
  instanceType: {
    read: text(/^mq\.[a-z0-9]+\.[a-z0-9]+$/, 'an instance type such as "mq.m7g.large"'),
    fallback: BROKERS.instanceType,
  },
});

export const readDocuments: Reader<DocumentsConfig> = object<DocumentsConfig>({
  shards: { read: integer(1, 32), fallback: DOCUMENTS.shards },
  storage: { read: memory, fallback: DOCUMENTS.storage },
});
