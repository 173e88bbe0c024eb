import type { ChannelModel } from "amqplib";
import { connect } from "amqplib";
import type { RabbitmqConfiguration } from "../configuration.ts";
import type { Connector } from "./dependency.ts";

/** Half of it passes between two heartbeats. https://www.rabbitmq.com/docs/heartbeats */
const HEARTBEAT_SECONDS = 20;

export function rabbitmqConnector(
  { host, port, tls, vhost, user, password = "" }: RabbitmqConfiguration,
  { name, timeout, prepare }: { name: string; timeout: number; prepare: (broker: ChannelModel) => Promise<void> },
): Connector<ChannelModel> {
  return {
    name: "rabbitmq",
    optional: false,
    attributes: { "server.address": host, "server.port": port },
    async connect(suspect) {
      const protocol = tls ? "amqps" : "amqp";
      const address = { protocol, hostname: host, port, vhost, username: user, password, heartbeat: HEARTBEAT_SECONDS };
      const broker = await connect(address, { timeout, clientProperties: { connection_name: name } });
      broker.on("error", suspect);
      broker.on("close", (error) => suspect(error ?? new Error("the connection is closed")));
      try {
        await prepare(broker);
        return broker;
      } catch (error) {
        await broker.close().catch(() => undefined);
        throw error;
      }
    },
    async ping(broker) {
      const channel = await broker.createChannel();
      await channel.close();
    },
    close: (broker) => broker.close(),
  };
}
