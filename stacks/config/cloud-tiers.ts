import type { Memory } from "@groundwork/lib/quantity";
import type { Reader } from "./values.ts";
import { integer, memory, oneOf, partial, record, text } from "./values.ts";

/** What is written for all systems, and by system what is otherwise. */
type BySystem<T> = T & { readonly systems?: Readonly<Record<string, Partial<T>>> };

/** RabbitMQ of a system. */
export interface BrokerSize {
  /** `operator`: in the cluster, under RabbitMQ's own operator; `amazon-mq`: managed, without definitions of its own. */
  readonly kind: "operator" | "amazon-mq";
  /** In the cluster: servers, an odd number. */
  readonly nodes: number;
  /** In the cluster: of each server. */
  readonly storage: Memory;
  /** Managed: instance type of each server. */
  readonly instanceType: string;
}

/** MongoDB of a system. */
export interface DocumentsSize {
  /** Replica sets of three that share the data. */
  readonly shards: number;
  /** Of each server that holds data. */
  readonly storage: Memory;
}

export type BrokerConfig = BySystem<BrokerSize>;
export type DocumentsConfig = BySystem<DocumentsSize>;

const BROKERS: BrokerSize = { kind: "operator", nodes: 3, storage: "10Gi", instanceType: "mq.m7g.large" };
const DOCUMENTS: DocumentsSize = { shards: 3, storage: "20Gi" };

const odd: Reader<number> = (value, key) => {
  const count = integer(1, 7)(value, key);
  return count % 2 === 1 ? count : oneOf("1", "3", "5", "7")(count, key) && count;
};

/** Systems with what each has otherwise. */
export function bySystem<T>(own: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return record(() => own, "names of systems with what each has otherwise");
}

const broker = {
  kind: oneOf<BrokerSize["kind"]>("operator", "amazon-mq"),
  nodes: odd,
  storage: memory,
  instanceType: text(/^mq\.[a-z0-9]+\.[a-z0-9]+$/, 'an instance type such as "mq.m7g.large"'),
};
const givenBrokers = partial<Partial<BrokerConfig>>({
  ...broker,
  systems: bySystem(partial<Partial<BrokerSize>>(broker)),
});
export const readBrokers: Reader<BrokerConfig> = (value, key) => ({ ...BROKERS, ...givenBrokers(value, key) });

const documents = { shards: integer(1, 32), storage: memory };
const givenDocuments = partial<Partial<DocumentsConfig>>({
  ...documents,
  systems: bySystem(partial<Partial<DocumentsSize>>(documents)),
});
export const readDocuments: Reader<DocumentsConfig> = (value, key) => ({ ...DOCUMENTS, ...givenDocuments(value, key) });

/** What a system has: its own, else what is written for all. */
export function sizeOf<T extends object>({ systems = {}, ...all }: BySystem<T>, system: string): T {
  return { ...(all as T), ...systems[system] };
}
