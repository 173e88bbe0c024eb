import { parseMemory, toMebibytes } from "@groundwork/lib/quantity";

/** RabbitMQ's own default share, above which it blocks publishers. https://www.rabbitmq.com/docs/memory */
const HIGH_WATERMARK = 0.6;

export interface BrokerArgs {
  readonly vhost: string;
  readonly user: string;
  readonly password: string;
  /** The container's memory, e.g. `2Gi`. */
  readonly memory: string;
}

/**
 * rabbitmq.conf (https://www.rabbitmq.com/docs/configure). User, password and virtual host are made at the first start.
 * The watermark is absolute, because a broker in a container would otherwise count the host's memory.
 */
export function rabbitmqConfiguration({ vhost, user, password, memory }: BrokerArgs): string {
  const lines = [
    `default_vhost = ${vhost}`,
    `default_user = ${user}`,
    `default_pass = ${password}`,
    "listeners.tcp.default = 5672",
    "management.tcp.port = 15672",
    `vm_memory_high_watermark.absolute = ${Math.floor(toMebibytes(parseMemory(memory)) * HIGH_WATERMARK)}MiB`,
    "disk_free_limit.absolute = 1GiB",
    "log.console = true",
    "log.console.level = info",
    "log.file = false",
  ];
  return `${lines.join("\n")}\n`;
}
