import type { Created, Ctx, ResourceType, Thing } from "../../table.ts";
import { ifKnown } from "../../values.ts";
import { atLeast, list, matches, oneOf, plain, text } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { BUILT_IN_NETWORKS, subnetsOf } from "./network.ts";
import { addressIn, BUILT_IMAGE, cidr, CONTAINER, duration, ENGINE, ENGINE_NAME, ENGINE_NAME_RULE } from "./rules.ts";
import { imageReference, isAddress, NETWORK, nthAddress, PROVIDER, REMOTE_IMAGE, TAG, VOLUME } from "./rules.ts";
import { portClash } from "./ports.ts";
import { HOST_CPUS } from "./scheduling.ts";

const SCHEMA = `${PROVIDER}/resource_docker_container.go`;
const CREATE = `${ENGINE}#tag/Container/operation/ContainerCreate`;
const DAEMON = "https://github.com/moby/moby/blob/master/daemon/daemon_unix.go";

/** The smallest memory limit that the Engine takes, in MiB. */
const MIN_MEMORY = 6;

type Check = (ctx: Ctx) => SourcedFailure | undefined;

const memory: Check = ({ inputs }) => {
  const own = Number(inputs.memory ?? 0);
  const swap = Number(inputs.memorySwap ?? 0);
  const reserved = Number(inputs.memoryReservation ?? 0);
  const refused = (path: string, reason: string) => ({ path, reason, source: DAEMON });
  if (own !== 0 && own < MIN_MEMORY) return refused("memory", `write at least ${MIN_MEMORY} (MiB)`);
  if (swap > 0 && own === 0) return refused("memorySwap", "set memory as well: swap counts on top of it");
  if (swap > 0 && swap < own) return refused("memorySwap", `write at least memory, ${own}, or -1 for no limit`);
  if (own > 0 && reserved > own) return refused("memoryReservation", `write at most memory, ${own}`);
  return undefined;
};

const retries: Check = ({ inputs }) =>
  Number(inputs.maxRetryCount ?? 0) > 0 && inputs.restart !== undefined && inputs.restart !== "on-failure"
    ? { path: "maxRetryCount", reason: 'use it only with restart "on-failure"', source: CREATE }
    : undefined;

const uploads: Check = ({ inputs }) => {
  for (const [index, each] of list(inputs.uploads).entries()) {
    const upload = plain(each);
    const given = ["content", "contentBase64", "source"].filter((name) => upload[name] !== undefined);
    if (given.length !== 1) {
      const reason = "write exactly one of content, contentBase64 and source";
      return { path: `uploads[${index}]`, reason, source: SCHEMA };
    }
  }
  return undefined;
};

const mounts: Check = (ctx) => {
  for (const [index, each] of list(ctx.inputs.volumes).entries()) {
    const volume = plain(each);
    const given = ["hostPath", "volumeName", "fromContainer"].filter((name) => volume[name] !== undefined);
    if (given.length > 1) {
      return { path: `volumes[${index}]`, reason: `write only one of ${given.join(", ")}`, source: SCHEMA };
    }
  }
  for (const [index, each] of list(ctx.inputs.mounts).entries()) {
    const { type, source } = plain(each);
    if (type !== "volume" || text(source) === "" || ctx.find(VOLUME, "name", source)) continue;
    return { path: `mounts[${index}].source`, reason: `no such volume: ${text(source)}`, source: CREATE };
  }
  return undefined;
};

const image: Check = (ctx) => missingImage(ctx, "image", ctx.inputs.image);

/** An image id that this engine has under no id, digest or name. */
export function missingImage(ctx: Ctx, path: string, wanted: unknown): SourcedFailure | undefined {
  const id = text(wanted);
  if (!id.startsWith("sha256:")) return undefined;
  const has = ({ properties }: Thing) => [properties.imageId, properties.sourceImageId, properties.digest].includes(id);
  const found = [REMOTE_IMAGE, TAG].some((token) => ctx.all(token).some(has)) || ctx.all(BUILT_IMAGE).some(has);
  return found ? undefined : { path, reason: `No such image: ${id}`, source: CREATE };
}

function networkOf(ctx: Ctx, nameOrId: unknown): Thing | undefined {
  return ctx.all(NETWORK).find((network) => network.id === nameOrId || network.properties.name === nameOrId);
}

const addresses: Check = (ctx) => {
  for (const [index, each] of list(ctx.inputs.networksAdvanced).entries()) {
    const { name, ipv4Address } = plain(each);
    const network = networkOf(ctx, name);
    if (!network || text(ipv4Address) === "") continue;
    const path = `networksAdvanced[${index}].ipv4Address`;
    const subnets = subnetsOf(network.inputs);
    if (!subnets.some((subnet) => addressIn(ipv4Address, cidr(subnet))))
      return {
        path,
        reason: `write an address inside ${subnets.join(", ") || "a subnet that the network names itself"}`,
        source: CREATE,
      };
    const holder = ctx.all(CONTAINER).find((other) => other.id !== ctx.old?.id && holds(other, network, ipv4Address));
    if (holder) {
      return { path, reason: `Address already in use by container ${text(holder.properties.name)}`, source: CREATE };
    }
  }
  return undefined;
};

/** A network of the swarm is for services, unless it was made for others too. */
const attachable: Check = (ctx) => {
  const named = list(ctx.inputs.networksAdvanced).map((each, index) => ({
    path: `networksAdvanced[${index}].name`,
    network: networkOf(ctx, plain(each).name),
  }));
  const closed = [...named, { path: "networkMode", network: networkOf(ctx, ctx.inputs.networkMode) }].find(
    ({ network }) => network?.properties.driver === "overlay" && network.properties.attachable !== true,
  );
  if (closed === undefined) return undefined;
  const name = text(closed.network?.properties.name);
  const reason = `Could not attach to network ${name}: network ${name} not manually attachable; give it attachable: true`;
  return { path: closed.path, reason, source: "https://docs.docker.com/engine/network/drivers/overlay/" };
};

function holds(container: Thing, network: Thing, address: unknown): boolean {
  return list(container.inputs.networksAdvanced).some((each) => {
    const { name, ipv4Address } = plain(each);
    return ipv4Address === address && (name === network.id || name === network.properties.name);
  });
}

const CHECKS: readonly Check[] = [memory, retries, uploads, mounts, image, attachable, addresses, portClash];

/** Where the container is on each of its networks. */
function networkDatas(ctx: Created): unknown[] {
  const names = list(ctx.inputs.networksAdvanced).map((each) => plain(each));
  if (names.length === 0) return [networkData(ctx, "bridge", "172.17.0.0/16", undefined)];
  return names.map(({ name, ipv4Address }) => {
    const network = networkOf(ctx, name);
    const subnet = network ? subnetsOf(network.properties)[0] : undefined;
    return networkData(ctx, text(network?.properties.name ?? name), subnet ?? "172.18.0.0/16", text(ipv4Address));
  });
}

function networkData(ctx: Created, networkName: string, subnet: string, fixed: string | undefined) {
  const range = cidr(subnet);
  if (!range || range[0].kind() !== "ipv4") return { networkName };
  const size = 2 ** (32 - range[1]);
  const n = 2 + (parseInt(ctx.hex(6, networkName), 16) % Math.max(1, size - 3));
  return {
    networkName,
    ipAddress: fixed !== undefined && fixed !== "" ? fixed : nthAddress(range, n),
    ipPrefixLength: range[1],
    gateway: nthAddress(range, 1),
    globalIpv6Address: "",
    globalIpv6PrefixLength: 0,
    ipv6Gateway: "",
    macAddress: `02:42:${(ctx.hex(8, `mac/${networkName}`).match(/../g) ?? []).join(":")}`,
  };
}

export const container: ResourceType = {
  token: CONTAINER,
  source: SCHEMA,
  id: (ctx) => ctx.hex(64, "container"),
  autoName: { property: "name", maxLength: 255 },
  key: ({ inputs }) => text(inputs.name) || undefined,
  exists: "Conflict. The container name is already in use by another container",
  rules: [
    matches("name", ENGINE_NAME, ENGINE_NAME_RULE, CREATE),
    imageReference("image", true),
    oneOf("restart", ["no", "on-failure", "always", "unless-stopped"], SCHEMA),
    oneOf("ports[].protocol", ["tcp", "udp", "sctp"], CREATE),
    isAddress("ports[].ip"),
    port("ports[].internal", 1),
    port("ports[].external", 0),
    ...["interval", "timeout", "startPeriod", "startInterval"].map((name) => duration(`healthcheck.${name}`)),
    atLeast("healthcheck.retries", 0, SCHEMA),
    {
      path: "healthcheck.tests",
      check: (value) =>
        ["NONE", "CMD", "CMD-SHELL"].includes(String(list(value)[0]))
          ? undefined
          : 'start with "CMD", "CMD-SHELL" or "NONE"',
      source: CREATE,
    },
    {
      path: "cpus",
      check: (value, { host }) => {
        const most = host?.cpus ?? HOST_CPUS;
        if (Number(value) >= 0.01 && Number(value) <= most) return undefined;
        return `range of CPUs is from 0.01 to ${most}.00, as there are only ${most} CPUs available; write a number in it`;
      },
      source: DAEMON,
    },
    matches("cpuSet", /^\d+([,-]\d+)*$/, "write CPUs as 0-3 or 0,2", SCHEMA),
    atLeast("cpuShares", 0, SCHEMA),
    atLeast("memory", 0, SCHEMA),
    atLeast("memorySwap", -1, SCHEMA),
    matches("envs[]", /^[^=]+(=|$)/, "write KEY=value", CREATE),
    matches("volumes[].containerPath", /^\//, "write an absolute path", CREATE),
    matches("volumes[].hostPath", /^(\/|[A-Za-z]:)/, "write an absolute path", CREATE),
    matches("mounts[].target", /^\//, "write an absolute path", CREATE),
    oneOf("mounts[].type", ["bind", "volume", "tmpfs"], SCHEMA),
    matches("uploads[].permissions", /^0[0-7]{3}$/, "write four octal digits, e.g. 0644", SCHEMA),
    isAddress("hosts[].ip"),
  ],
  references: [
    { path: "networksAdvanced[].name", to: NETWORK, by: ["name", "id"], holds: false, except: BUILT_IN_NETWORKS },
    { path: "networkMode", to: NETWORK, by: ["name", "id"], holds: false, except: BUILT_IN_NETWORKS },
    { path: "volumes[].volumeName", to: VOLUME, by: "name", holds: false },
    { path: "volumes[].fromContainer", to: CONTAINER, by: ["name", "id"] },
  ],
  check: (ctx) => {
    for (const each of CHECKS) {
      const failure = ifKnown(() => each(ctx));
      if (failure) return failure;
    }
    return undefined;
  },
  replaces: [
    ...["capabilities", "cgroupParent", "cgroupnsMode", "command", "cpus", "devices", "dns", "dnsOpts", "dnsSearches"],
    ...["domainname", "entrypoints", "envs", "gpus", "groupAdds", "hostname", "hosts", "image", "ipcMode", "labels"],
    ...["logDriver", "logOpts", "mounts", "name", "networkMode", "networksAdvanced", "pidMode", "platform", "ports"],
    ...["privileged", "publishAllPorts", "readOnly", "runtime", "securityOpts", "shmSize", "stdinOpen", "stopSignal"],
    ...["stopTimeout", "storageOpts", "sysctls", "tty", "ulimits", "uploads", "user", "usernsMode", "volumes"],
    "workingDir",
  ],
  // Not listed anywhere, because the provider's schema lets them change but its update does not apply them: healthcheck, init, tmpfs
  updates: [
    ...["attach", "containerReadRefreshTimeoutMilliseconds", "cpuPeriod", "cpuQuota", "cpuSet", "cpuShares"],
    ...["destroyGraceSeconds", "logs", "maxRetryCount", "memory", "memoryReservation", "memorySwap", "mustRun"],
    ...["removeVolumes", "restart", "rm", "start", "wait", "waitTimeout"],
  ],
  defaults: {
    attach: false,
    containerReadRefreshTimeoutMilliseconds: 15000,
    hostname: ({ id }: Created) => id.slice(0, 12),
    init: false,
    ipcMode: "private",
    logDriver: "json-file",
    logs: false,
    mustRun: true,
    networkMode: "bridge",
    readOnly: false,
    removeVolumes: true,
    restart: "no",
    rm: false,
    runtime: "runc",
    shmSize: 64,
    start: true,
    stdinOpen: false,
    tty: false,
    wait: false,
    waitTimeout: 60,
  },
  outputs: (ctx) => ({
    bridge: "",
    networkDatas: ctx.inputs.start === false ? [] : networkDatas(ctx),
    ports: withHostPorts(ctx),
  }),
  absent: ["containerLogs", "exitCode"],
};

/** A port that names no host port gets one of the ephemeral range. */
function withHostPorts(ctx: Created): unknown {
  if (ctx.inputs.ports === undefined) return undefined;
  return list(ctx.inputs.ports).map((each, index) => {
    const own = plain(each);
    const drawn = 32768 + (parseInt(ctx.hex(4, `port/${index}`), 16) % 28232);
    return { ip: "0.0.0.0", protocol: "tcp", ...own, external: own.external || drawn };
  });
}

function port(path: string, min: number) {
  return {
    path,
    check: (value: unknown) =>
      typeof value === "number" && Number.isInteger(value) && value >= min && value <= 65535
        ? undefined
        : `write a port from ${min} to 65535`,
    source: CREATE,
  };
}

export const volume: ResourceType = {
  token: VOLUME,
  source: `${PROVIDER}/resource_docker_volume.go`,
  id: ({ inputs, name }) => text(inputs.name) || name,
  autoName: { property: "name", maxLength: 255 },
  key: ({ inputs }) => text(inputs.name) || undefined,
  exists: "a volume with that name exists already, and the Engine would silently share it",
  rules: [matches("name", ENGINE_NAME, ENGINE_NAME_RULE, `${ENGINE}#tag/Volume/operation/VolumeCreate`)],
  replaces: ["cluster", "driver", "driverOpts", "labels", "name"],
  defaults: { driver: "local" },
  outputs: ({ id }) => ({ mountpoint: `/var/lib/docker/volumes/${id}/_data` }),
  refuseDelete: (thing, ctx) => {
    const users = ctx.all(CONTAINER).filter(({ inputs }) => {
      const named = list(inputs.volumes).some((each) => plain(each).volumeName === thing.id);
      return named || list(inputs.mounts).some((each) => plain(each).source === thing.id);
    });
    const names = users.map(({ properties }) => text(properties.name));
    return names.length > 0 ? `remove ${thing.id}: volume is in use by ${names.join(", ")}` : undefined;
  },
};
