import { connect } from "node:net";
import { execa } from "execa";
import type { DockerHost } from "./problems.ts";

interface Info {
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly Runtimes?: Readonly<Record<string, unknown>>;
  readonly GenericResources?: readonly unknown[] | null;
}

interface Container {
  readonly Name: string;
  readonly NetworkSettings: {
    readonly Ports?: Readonly<Record<string, readonly { readonly HostPort: string }[] | null>> | null;
  };
}

interface Network {
  readonly Name: string;
  readonly IPAM: { readonly Config?: readonly { readonly Subnet?: string }[] | null };
}

/** How long a port of this machine may take to answer. */
const CONNECT_MS = 500;

/**
 * Asks the Docker Engine through the `docker` command and its context, as the provider finds it.
 * @returns undefined when no engine answers
 */
export async function askDockerHost(wantedPorts: readonly number[]): Promise<DockerHost | undefined> {
  const info = await docker<Info>(["info", "--format", "{{json .}}"]);
  if (info === undefined || info.NCPU === 0) return undefined;
  const containers = await inspect<Container>("container", ["container", "ls", "--quiet", "--no-trunc"]);
  const networks = await inspect<Network>("network", ["network", "ls", "--quiet", "--no-trunc"]);
  const published = containers.flatMap(({ Name, NetworkSettings: { Ports } }) =>
    Object.values(Ports ?? {}).flatMap((bindings) =>
      (bindings ?? []).map(({ HostPort }) => ({
        port: Number(HostPort),
        owner: `container ${Name.replace(/^\//, "")}`,
      })),
    ),
  );
  const known = new Set(published.map(({ port }) => port));
  const others = await listening(wantedPorts.filter((port) => !known.has(port)));
  return {
    cores: info.NCPU,
    memory: info.MemTotal,
    hasGpu: "nvidia" in (info.Runtimes ?? {}) || (info.GenericResources ?? []).length > 0,
    networks: networks.map(({ Name, IPAM }) => ({
      name: Name,
      subnets: (IPAM.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []),
    })),
    ports: [...published, ...others.map((port) => ({ port, owner: "a process of this machine" }))],
  };
}

async function docker<T>(args: readonly string[]): Promise<T | undefined> {
  const { exitCode, stdout } = await execa("docker", args, { reject: false });
  return exitCode === 0 ? (JSON.parse(stdout) as T) : undefined;
}

async function inspect<T>(kind: string, list: readonly string[]): Promise<readonly T[]> {
  const { stdout } = await execa("docker", list, { reject: false });
  const ids = stdout.split("\n").filter((id) => id !== "");
  return ids.length === 0 ? [] : ((await docker<readonly T[]>([kind, "inspect", ...ids])) ?? []);
}

/** Only where the engine is on this machine can its ports be tried from here. */
async function listening(ports: readonly number[]): Promise<readonly number[]> {
  const host = process.env["DOCKER_HOST"] ?? "unix:";
  if (!host.startsWith("unix:")) return [];
  const answers = await Promise.all(ports.map(async (port) => ((await isListening(port)) ? [port] : [])));
  return answers.flat();
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: CONNECT_MS });
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}
