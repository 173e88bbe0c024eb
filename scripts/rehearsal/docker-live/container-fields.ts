import type { Properties } from "../clouds/table.ts";
import { type Row, each, labels, mebibytes, nanoCpus, object } from "./codec.ts";
import { healthcheck, mount } from "./shared-fields.ts";
import { isRecord, objects, text, texts } from "./values.ts";

const hosts = object([
  ["host", "host"],
  ["ip", "ip"],
]);

const ulimit = object([
  ["name", "Name"],
  ["soft", "Soft"],
  ["hard", "Hard"],
]);

const device = object([
  ["hostPath", "PathOnHost"],
  ["containerPath", "PathInContainer"],
  ["permissions", "CgroupPermissions"],
]);

const deviceRequest = object([
  ["driver", "Driver"],
  ["count", "Count"],
  ["deviceIds", "DeviceIDs"],
  ["options", "Options"],
]);

/** What the engine itself can change while a container runs, and somebody else therefore too. */
export const LIMITS: readonly Row[] = [
  ["restart", "HostConfig.RestartPolicy.Name"],
  ["maxRetryCount", "HostConfig.RestartPolicy.MaximumRetryCount"],
  ["memory", "HostConfig.Memory", mebibytes],
  ["memorySwap", "HostConfig.MemorySwap", mebibytes],
  ["memoryReservation", "HostConfig.MemoryReservation", mebibytes],
  ["cpus", "HostConfig.NanoCpus", nanoCpus],
  ["cpuShares", "HostConfig.CpuShares"],
  ["cpuSet", "HostConfig.CpusetCpus"],
  ["cpuPeriod", "HostConfig.CpuPeriod"],
  ["cpuQuota", "HostConfig.CpuQuota"],
];

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate */
const ROWS: readonly Row[] = [
  ...LIMITS,
  ["image", "Image"],
  ["hostname", "Hostname"],
  ["domainname", "Domainname"],
  ["user", "User"],
  ["workingDir", "WorkingDir"],
  ["tty", "Tty"],
  ["stdinOpen", "OpenStdin"],
  ["command", "Cmd"],
  ["entrypoints", "Entrypoint"],
  ["envs", "Env"],
  ["stopSignal", "StopSignal"],
  ["stopTimeout", "StopTimeout"],
  ["labels", "Labels", labels],
  ["healthcheck", "Healthcheck", healthcheck],
  ["privileged", "HostConfig.Privileged"],
  ["publishAllPorts", "HostConfig.PublishAllPorts"],
  ["rm", "HostConfig.AutoRemove"],
  ["readOnly", "HostConfig.ReadonlyRootfs"],
  ["init", "HostConfig.Init"],
  ["capabilities.adds", "HostConfig.CapAdd"],
  ["capabilities.drops", "HostConfig.CapDrop"],
  ["securityOpts", "HostConfig.SecurityOpt"],
  ["tmpfs", "HostConfig.Tmpfs"],
  ["mounts", "HostConfig.Mounts", each(mount)],
  ["ulimits", "HostConfig.Ulimits", each(ulimit)],
  ["devices", "HostConfig.Devices", each(device)],
  ["deviceRequests", "HostConfig.DeviceRequests", each(deviceRequest)],
  ["dns", "HostConfig.Dns"],
  ["dnsOpts", "HostConfig.DnsOptions"],
  ["dnsSearches", "HostConfig.DnsSearch"],
  ["shmSize", "HostConfig.ShmSize", mebibytes],
  ["logDriver", "HostConfig.LogConfig.Type"],
  ["logOpts", "HostConfig.LogConfig.Config"],
  ["networkMode", "HostConfig.NetworkMode"],
  ["usernsMode", "HostConfig.UsernsMode"],
  ["pidMode", "HostConfig.PidMode"],
  ["ipcMode", "HostConfig.IpcMode"],
  ["cgroupnsMode", "HostConfig.CgroupnsMode"],
  ["cgroupParent", "HostConfig.CgroupParent"],
  ["sysctls", "HostConfig.Sysctls"],
  ["storageOpts", "HostConfig.StorageOpt"],
  ["groupAdds", "HostConfig.GroupAdd"],
  ["runtime", "HostConfig.Runtime"],
  ["hosts", "HostConfig.ExtraHosts", { to: hostLines, from: each(hosts).from }],
];

const body = object(ROWS);
const limits = object(LIMITS);

/** The request that makes a container, but for its labels. */
export function containerRequest(inputs: Properties): Readonly<Record<string, unknown>> {
  const { gpus, ports } = inputs;
  const request = body.to(inputs) as Record<string, unknown>;
  const host = isRecord(request["HostConfig"]) ? request["HostConfig"] : {};
  return {
    ...request,
    ExposedPorts: Object.fromEntries(objects(ports).map((port) => [portKey(port), {}])),
    Volumes: anonymousVolumes(inputs),
    HostConfig: {
      ...host,
      PortBindings: portBindings(ports),
      ...volumes(inputs),
      ...(gpus === undefined ? {} : { DeviceRequests: [gpuRequest(text(gpus))] }),
    },
  };
}

/** What an update may change; the engine asks for memory and swap together. */
export function limitsRequest(inputs: Properties): Readonly<Record<string, unknown>> {
  const { HostConfig } = limits.to(inputs) as { HostConfig?: Record<string, unknown> };
  return HostConfig ?? {};
}

function portKey({ internal, protocol }: Properties): string {
  return `${String(internal)}/${text(protocol) || "tcp"}`;
}

function portBindings(ports: unknown): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of objects(ports)) {
    const { external, ip } = port;
    const binding = { HostIp: text(ip), HostPort: typeof external === "number" ? String(external) : "" };
    (bindings[portKey(port)] ??= []).push(binding);
  }
  return bindings;
}

/** The ports as the program writes them, with the host's ports that the engine has chosen. */
export function portsRead(inputs: Properties, bound: unknown): Properties[] {
  return objects(inputs["ports"]).map((port) => {
    const found = objects(isRecord(bound) ? bound[portKey(port)] : undefined);
    const own = found.find(({ HostIp }) => port["ip"] === undefined || HostIp === port["ip"]) ?? found[0];
    const external = port["external"] ?? (own === undefined ? undefined : Number(own["HostPort"]));
    return { ip: "0.0.0.0", protocol: "tcp", ...port, ...(external === undefined ? {} : { external }) };
  });
}

function volumes({ volumes: given }: Properties): { Binds: string[]; VolumesFrom: string[] } {
  const all = objects(given) as Readonly<Record<string, unknown>>[];
  return {
    Binds: all.flatMap(({ containerPath, hostPath, volumeName, readOnly, selinuxRelabel }) => {
      const source = text(volumeName) || text(hostPath);
      if (source === "") return [];
      const options = [readOnly === true ? "ro" : "rw", ...(text(selinuxRelabel) === "" ? [] : [text(selinuxRelabel)])];
      return [`${source}:${text(containerPath)}:${options.join(",")}`];
    }),
    VolumesFrom: all.flatMap(({ fromContainer, readOnly }) =>
      text(fromContainer) === "" ? [] : [`${text(fromContainer)}:${readOnly === true ? "ro" : "rw"}`],
    ),
  };
}

function anonymousVolumes({ volumes: given }: Properties): Record<string, object> {
  const bare = objects(given).filter(
    (volume) => !["hostPath", "volumeName", "fromContainer"].some((name) => text(volume[name]) !== ""),
  );
  return Object.fromEntries(bare.map(({ containerPath }) => [text(containerPath), {}]));
}

function hostLines(given: unknown): string[] {
  return objects(given).map(({ host, ip }) => `${text(host)}:${text(ip)}`);
}

/** `all`, or the ids of devices. https://docs.docker.com/engine/containers/resource_constraints/#gpu */
function gpuRequest(gpus: string) {
  const ids = /^device=(.+)$/.exec(gpus)?.[1]?.split(",");
  return { Driver: "", Capabilities: [["gpu"]], ...(ids === undefined ? { Count: -1 } : { DeviceIDs: ids }) };
}

/** How a container is attached to one of its networks. */
export function endpoint(network: Properties): Readonly<Record<string, unknown>> {
  const { aliases, ipv4Address, ipv6Address, linkLocalIps, macAddress, driverOpts } = network;
  return {
    Aliases: texts(aliases),
    IPAMConfig: {
      ...(text(ipv4Address) === "" ? {} : { IPv4Address: ipv4Address }),
      ...(text(ipv6Address) === "" ? {} : { IPv6Address: ipv6Address }),
      ...(linkLocalIps === undefined ? {} : { LinkLocalIPs: linkLocalIps }),
    },
    ...(text(macAddress) === "" ? {} : { MacAddress: macAddress }),
    ...(driverOpts === undefined ? {} : { DriverOpts: asPairs(texts(driverOpts)) }),
  };
}

function asPairs(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]));
}
