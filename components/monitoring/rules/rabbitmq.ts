import type { RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

/** Metrics of the plug-in rabbitmq_prometheus; alerts after the cluster operator's rules and the alarms that the broker itself knows. */
const PLUGIN = "https://github.com/rabbitmq/rabbitmq-server/blob/main/deps/rabbitmq_prometheus/metrics.md";
const OPERATOR = "https://github.com/rabbitmq/cluster-operator/tree/main/observability/prometheus/rules/rabbitmq";

const LABELS = 'system="s",part="rabbitmq",tier="rabbitmq",instance="i"';
const NODE = { system: "s", part: "rabbitmq", tier: "rabbitmq", instance: "i" };
const TIER = { system: "s", part: "rabbitmq" };
const metric = (name: string) => `${name}{${LABELS}}`;
const pair = (used: string, limit: string, value: number) => ({
  [metric(used)]: flat(value),
  [metric(limit)]: flat(100),
});

const EMPTY_QUEUES = [
  "See which queue: `rabbitmqctl list_queues name messages consumers`.",
  "Bring its consumers back, or start more of them: `groundwork scale`.",
];

export const rabbitmq: RuleGroup = {
  name: "rabbitmq",
  recordings: [],
  alerts: [
    {
      name: "RabbitmqDown",
      expr: 'up{tier="rabbitmq"} == 0',
      for: "1m",
      severity: "critical",
      summary: "RabbitMQ {{ $labels.instance }} does not answer",
      description: "Its metrics cannot be read for 1 min.",
      impact: "Nothing can be published or consumed.",
      actions: [
        "Read its log: `docker logs --tail 100 <system>-rabbitmq`.",
        "Restart it; durable queues keep their messages.",
      ],
      source: OPERATOR,
      fires: { series: { [metric("up")]: flat(0) }, labels: NODE },
      silent: { [metric("up")]: flat(1) },
    },
    {
      name: "RabbitmqMemoryAlarm",
      expr: "rabbitmq_alarms_memory_used_watermark == 1",
      for: "0m",
      severity: "critical",
      summary: "RabbitMQ {{ $labels.instance }} blocks publishers: memory",
      description: "The memory alarm is set.",
      impact: "Every publisher waits until consumers have made room.",
      actions: EMPTY_QUEUES,
      source: "https://www.rabbitmq.com/docs/alarms",
      fires: { series: { [metric("rabbitmq_alarms_memory_used_watermark")]: flat(1) }, labels: NODE },
      silent: { [metric("rabbitmq_alarms_memory_used_watermark")]: flat(0) },
    },
    {
      name: "RabbitmqDiskAlarm",
      expr: "rabbitmq_alarms_free_disk_space_watermark == 1",
      for: "0m",
      severity: "critical",
      summary: "RabbitMQ {{ $labels.instance }} blocks publishers: disk",
      description: "The free disk space alarm is set.",
      impact: "Every publisher waits until there is space.",
      actions: ["Free disk space on the host; see HostDiskCritical.", ...EMPTY_QUEUES],
      source: "https://www.rabbitmq.com/docs/alarms",
      fires: { series: { [metric("rabbitmq_alarms_free_disk_space_watermark")]: flat(1) }, labels: NODE },
      silent: { [metric("rabbitmq_alarms_free_disk_space_watermark")]: flat(0) },
    },
    {
      name: "RabbitmqMemoryHigh",
      expr: "rabbitmq_process_resident_memory_bytes / rabbitmq_resident_memory_limit_bytes > 0.8",
      for: "5m",
      severity: "warning",
      summary: "RabbitMQ {{ $labels.instance }} comes near its memory alarm",
      description: "{{ $value | humanizePercentage }} of the watermark is used.",
      impact: "None yet; at the watermark all publishers are blocked.",
      actions: EMPTY_QUEUES,
      source: PLUGIN,
      fires: {
        series: pair("rabbitmq_process_resident_memory_bytes", "rabbitmq_resident_memory_limit_bytes", 85),
        labels: NODE,
        value: "85%",
      },
      silent: pair("rabbitmq_process_resident_memory_bytes", "rabbitmq_resident_memory_limit_bytes", 60),
    },
    {
      name: "RabbitmqDiskFullSoon",
      expr: "predict_linear(rabbitmq_disk_space_available_bytes[6h], 24 * 3600) < rabbitmq_disk_space_available_limit_bytes",
      for: "1h",
      severity: "warning",
      summary: "RabbitMQ {{ $labels.instance }} runs out of disk within a day",
      description: "At the pace of the last 6 h the disk alarm is set in 24 h.",
      impact: "None yet; the alarm blocks all publishers.",
      actions: EMPTY_QUEUES,
      source: OPERATOR,
      fires: {
        series: {
          [metric("rabbitmq_disk_space_available_bytes")]: rising(-100, 9000),
          [metric("rabbitmq_disk_space_available_limit_bytes")]: flat(50),
        },
        labels: NODE,
      },
      silent: {
        [metric("rabbitmq_disk_space_available_bytes")]: rising(-1, 9000),
        [metric("rabbitmq_disk_space_available_limit_bytes")]: flat(50),
      },
      step: "5m",
    },
    {
      name: "RabbitmqFileDescriptorsHigh",
      expr: "rabbitmq_process_open_fds / rabbitmq_process_max_fds > 0.8",
      for: "10m",
      severity: "warning",
      summary: "RabbitMQ {{ $labels.instance }} runs out of file descriptors",
      description: "{{ $value | humanizePercentage }} are used.",
      impact: "None yet; at the end it accepts no connection.",
      actions: [
        "See who connects: `rabbitmqctl list_connections user peer_host`.",
        "Repair the leak or raise its open files.",
      ],
      source: OPERATOR,
      fires: { series: pair("rabbitmq_process_open_fds", "rabbitmq_process_max_fds", 85), labels: NODE, value: "85%" },
      silent: pair("rabbitmq_process_open_fds", "rabbitmq_process_max_fds", 20),
    },
    {
      name: "RabbitmqConnectionChurn",
      expr: "sum by (system, part) (rate(rabbitmq_connections_opened_total[5m]) + rate(rabbitmq_connections_closed_total[5m])) > 10",
      for: "10m",
      severity: "warning",
      summary: "Clients of RabbitMQ in {{ $labels.system }} connect again and again",
      description: "{{ $value | humanize }} connections a second are opened and closed.",
      impact: "The broker spends its CPU on handshakes.",
      actions: [
        "Find the client: `rabbitmqctl list_connections user peer_host connected_at`.",
        "Let it keep one connection and open channels on it.",
      ],
      source: OPERATOR,
      fires: {
        series: {
          [metric("rabbitmq_connections_opened_total")]: rising(600),
          [metric("rabbitmq_connections_closed_total")]: rising(600),
        },
        labels: TIER,
        value: "20",
      },
      silent: {
        [metric("rabbitmq_connections_opened_total")]: rising(60),
        [metric("rabbitmq_connections_closed_total")]: rising(60),
      },
    },
    {
      name: "RabbitmqUnroutableMessages",
      expr: "sum by (system, part) (increase(rabbitmq_global_messages_unroutable_dropped_total[5m]) + increase(rabbitmq_global_messages_unroutable_returned_total[5m])) > 0",
      for: "0m",
      severity: "warning",
      summary: "Messages in {{ $labels.system }} find no queue",
      description: "{{ $value | humanize }} in 5 min.",
      impact: "They are lost, or the publisher has to keep them.",
      actions: ["Compare the bindings with the definitions: `rabbitmqctl list_bindings`."],
      source: OPERATOR,
      fires: {
        series: {
          [metric("rabbitmq_global_messages_unroutable_dropped_total")]: rising(2),
          [metric("rabbitmq_global_messages_unroutable_returned_total")]: rising(0),
        },
        labels: TIER,
        value: "10",
      },
      silent: {
        [metric("rabbitmq_global_messages_unroutable_dropped_total")]: flat(4),
        [metric("rabbitmq_global_messages_unroutable_returned_total")]: flat(0),
      },
    },
    {
      name: "RabbitmqUnacknowledgedHigh",
      expr: "sum by (system, part) (rabbitmq_queue_messages_unacked) > 1000",
      for: "10m",
      severity: "warning",
      summary: "Consumers in {{ $labels.system }} take messages and do not finish",
      description: "{{ $value | humanize }} messages wait for their acknowledgement.",
      impact: "The pipeline stands still while it looks busy.",
      actions: [
        "Look at the consumers' latency and their circuit breakers.",
        "Restart a stuck one: its messages go to the others.",
      ],
      source: "https://samber.github.io/awesome-prometheus-alerts/rules#rabbitmq",
      fires: { series: { [metric("rabbitmq_queue_messages_unacked")]: flat(2000) }, labels: TIER, value: "2k" },
      silent: { [metric("rabbitmq_queue_messages_unacked")]: flat(100) },
    },
    {
      name: "RabbitmqNoConsumers",
      expr: "sum by (system, part) (rabbitmq_consumers) == 0 and sum by (system, part) (rabbitmq_queue_messages_ready) > 0",
      for: "2m",
      severity: "critical",
      summary: "Nobody empties the queues of {{ $labels.system }}",
      description: "Messages wait and no consumer is connected, for 2 min.",
      impact: "The pipeline has stopped.",
      actions: EMPTY_QUEUES,
      source: PLUGIN,
      fires: {
        series: { [metric("rabbitmq_consumers")]: flat(0), [metric("rabbitmq_queue_messages_ready")]: flat(5) },
        labels: TIER,
      },
      silent: { [metric("rabbitmq_consumers")]: flat(0), [metric("rabbitmq_queue_messages_ready")]: flat(0) },
    },
  ],
};
