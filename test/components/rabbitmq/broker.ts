import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { rabbitmqConfiguration } from "../../../components/rabbitmq/settings.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { as, freePort, give, program, started } from "../../helpers/server.ts";

const owner = as("rabbitmq");

/** A real broker with the generated configuration, on loopback ports of its own, beside any that the machine may run. */
export async function startBroker(password: string, vhost = "tracks") {
  const [amqp, management, metrics, distribution, names] = await Promise.all([
    ...[freePort(), freePort(), freePort(), freePort(), freePort()],
  ]);
  const configuration = rabbitmqConfiguration({ vhost, user: vhost, password, memory: "2Gi" })
    .replace("listeners.tcp.default = 5672", `listeners.tcp.default = 127.0.0.1:${amqp}`)
    .replace("management.tcp.port = 15672", `management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = ${management}`)
    .concat(`prometheus.tcp.ip = 127.0.0.1\nprometheus.tcp.port = ${metrics}\n`);
  const folder = temporaryFolder({
    "rabbitmq.conf": configuration,
    // as the official image has them on
    enabled_plugins: "[rabbitmq_management,rabbitmq_prometheus].",
  });
  give(folder, owner);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    RABBITMQ_NODENAME: "groundwork@localhost",
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(folder, "data"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_DIST_PORT: String(distribution),
    ERL_EPMD_PORT: String(names),
    ERL_EPMD_ADDRESS: "127.0.0.1",
  };
  const server = program("rabbitmq-server", "rabbitmq-server").replace(/^\/usr\/sbin/, "/usr/lib/rabbitmq/bin");
  const running = await started(server, [], /completed with \d+ plugins/, { ...owner, env, stop: "SIGTERM" });
  const ask = async (path: string, secret = password) => {
    const authorization = `Basic ${Buffer.from(`${vhost}:${secret}`).toString("base64")}`;
    return fetch(`http://127.0.0.1:${management}/api/${path}`, { headers: { authorization } });
  };
  return Object.assign(running, {
    amqp: Number(amqp),
    management: Number(management),
    metrics: Number(metrics),
    ask,
    list: async <T>(path: string) => (await (await ask(path)).json()) as readonly T[],
    async [Symbol.asyncDispose]() {
      running.process.kill("SIGTERM");
      await new Promise((resolve) => running.process.once("exit", resolve));
      execFileSync("epmd", ["-port", String(names), "-kill"], { stdio: "ignore" });
    },
  });
}

export type Broker = Awaited<ReturnType<typeof startBroker>>;

/** What the component's container has in its environment. */
export function brokerEnvironment(broker: Broker, passwordFile: string, vhost = "tracks"): NodeJS.ProcessEnv {
  return {
    ...process.env,
    RABBITMQ_HOST: "127.0.0.1",
    RABBITMQ_MANAGEMENT_PORT: String(broker.management),
    RABBITMQ_USER: vhost,
    RABBITMQ_PASSWORD_FILE: passwordFile,
  };
}
