import type { DashboardSpec } from "./dashboard.ts";
import { inSystem, WINDOW } from "./dashboard.ts";

/** Metrics of RabbitMQ's own plug-in. https://www.rabbitmq.com/docs/prometheus */
export function rabbitmqDashboard(system: string): DashboardSpec {
  const all = inSystem(system);
  const messages = (what: string) => `sum(rate(rabbitmq_global_messages_${what}_total${all}[${WINDOW}]))`;
  return {
    uid: `${system}-rabbitmq`,
    title: `${system}: RabbitMQ`,
    description: "Queues, message rates, clients and the two alarms that stop publishers.",
    tags: [system, "rabbitmq"],
    panels: [
      {
        title: "Messages waiting",
        description: "Ready to be delivered, in all queues.",
        kind: "stat",
        unit: "short",
        width: 6,
        queries: [{ expr: `sum(rabbitmq_queue_messages_ready${all})`, legend: "ready" }],
        thresholds: [{ from: 10_000, color: "orange" }],
      },
      {
        title: "Alarms",
        description: "Memory or disk: while one is raised, publishers are blocked.",
        kind: "stat",
        unit: "short",
        width: 6,
        queries: [
          {
            expr: `sum(rabbitmq_alarms_memory_used_watermark${all}) + sum(rabbitmq_alarms_free_disk_space_watermark${all})`,
            legend: "raised",
          },
        ],
        thresholds: [{ from: 1, color: "red" }],
      },
      {
        title: "Memory in use",
        description: "Of the watermark at which publishers are blocked.",
        kind: "gauge",
        unit: "percentunit",
        width: 6,
        queries: [
          {
            expr: `max(rabbitmq_process_resident_memory_bytes${all} / rabbitmq_resident_memory_limit_bytes${all})`,
            legend: "used",
          },
        ],
        max: 1,
        thresholds: [{ from: 0.8, color: "red" }],
      },
      {
        title: "Disk above the alarm",
        description: "Free space that is left until publishers are blocked.",
        kind: "stat",
        unit: "bytes",
        width: 6,
        queries: [
          {
            expr: `min(rabbitmq_disk_space_available_bytes${all} - rabbitmq_disk_space_available_limit_bytes${all})`,
            legend: "left",
          },
        ],
        min: null,
        base: "red",
        thresholds: [{ from: 2 ** 30, color: "green" }],
      },
      {
        title: "Messages in queues",
        description: "Waiting, and with consumers that have not acknowledged them.",
        unit: "short",
        queries: [
          { expr: `sum(rabbitmq_queue_messages_ready${all})`, legend: "ready" },
          { expr: `sum(rabbitmq_queue_messages_unacked${all})`, legend: "unacknowledged" },
        ],
        stacked: true,
      },
      {
        title: "Messages a second",
        description: "Received from publishers, confirmed to them, delivered to consumers, acknowledged by them.",
        unit: "ops",
        queries: ["received", "confirmed", "delivered", "acknowledged"].map((what) => ({
          expr: messages(what),
          legend: what,
        })),
      },
      {
        title: "Messages that went wrong",
        description: "Delivered a second time, or sent to where no queue is.",
        unit: "ops",
        queries: ["redelivered", "unroutable_dropped", "unroutable_returned"].map((what) => ({
          expr: messages(what),
          legend: what.replace("_", " "),
        })),
      },
      {
        title: "Clients",
        description: "Connections, channels and consumers.",
        unit: "short",
        queries: ["connections", "channels", "consumers"].map((what) => ({
          expr: `sum(rabbitmq_${what}${all})`,
          legend: what,
        })),
      },
      {
        title: "Connections opened a second",
        description: "A client that connects for each message shows here.",
        unit: "ops",
        queries: [{ expr: `sum(rate(rabbitmq_connections_opened_total${all}[${WINDOW}]))`, legend: "opened" }],
        width: 24,
      },
    ],
  };
}
