import type { Created, Ctx, Properties, ResourceType, Thing } from "../../table.ts";
import { ifKnown } from "../../values.ts";
import { list, matches, plain, text } from "../values.ts";
import {
  addressIn,
  cidr,
  CONTAINER,
  ENGINE,
  ENGINE_NAME,
  ENGINE_NAME_RULE,
  inside,
  NETWORK,
  nthAddress,
  overlap,
} from "./rules.ts";
import { PROVIDER, SERVICE, SWARM_NAME, SWARM_NAME_RULE } from "./rules.ts";

/** What every engine brings along. https://docs.docker.com/engine/network/#user-defined-networks */
export const BUILT_IN_NETWORKS = /^(?:bridge|host|none|default|nat|ingress|docker_gwbridge|container:.+)$/;

/** docker0, the bridge that every engine has. */
const DEFAULT_BRIDGE = "172.17.0.0/16";

/** Where the Engine takes a subnet from when none is written: 172.17-31.0.0/16, then 192.168.0.0/20 and so on. https://docs.docker.com/engine/network/#subnet-allocation */
const POOLS = [
  ...Array.from({ length: 15 }, (_, index) => `172.${17 + index}.0.0/16`),
  ...Array.from({ length: 16 }, (_, index) => `192.168.${16 * index}.0/20`),
];

const OVERLAPS = `${ENGINE}#tag/Network/operation/NetworkCreate`;

/** Where Swarm takes a subnet from: blocks of 256 addresses of 10.0.0.0/8, of which its routing mesh has the first. https://docs.docker.com/reference/cli/docker/swarm/init/#default-addr-pool */
const SWARM_POOLS = Array.from({ length: 2 ** 16 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`);
const ROUTING_MESH = "10.0.0.0/24";

const isOverlay = ({ driver }: Properties) => driver === "overlay";

/** Subnets that a network of this engine must keep clear of, and whose they are; a swarm's have an address space of their own. */
function taken(ctx: Ctx): { name: string; subnet: string }[] {
  const own = isOverlay(ctx.inputs);
  const others = ctx
    .all(NETWORK)
    .filter((network) => network.id !== ctx.old?.id && (!own || isOverlay(network.properties)));
  const subnets = others.flatMap((network) =>
    subnetsOf(network.properties).map((subnet) => ({ name: text(network.properties.name), subnet })),
  );
  const first = own ? { name: "ingress", subnet: ROUTING_MESH } : { name: "bridge", subnet: DEFAULT_BRIDGE };
  return [first, ...subnets];
}

export function subnetsOf(properties: Properties): string[] {
  return list(properties.ipamConfigs)
    .map((config) => text(plain(config).subnet))
    .filter((subnet) => cidr(subnet) !== undefined);
}

function overlapping(ctx: Ctx) {
  const others = taken(ctx);
  for (const [index, subnet] of subnetsOf(ctx.inputs).entries()) {
    const own = cidr(subnet);
    const clash = others.find((other) => {
      const range = cidr(other.subnet);
      return own && range && overlap(own, range);
    });
    if (clash) {
      const reason = `Pool overlaps with other one on this address space: network ${clash.name} has ${clash.subnet}; write a subnet that nobody has`;
      return { path: `ipamConfigs[${index}].subnet`, reason, source: OVERLAPS };
    }
    others.push({ name: "this one", subnet });
  }
  return undefined;
}

function outsideSubnet({ inputs }: Ctx) {
  for (const [index, config] of list(inputs.ipamConfigs).entries()) {
    const { subnet, gateway, ipRange } = plain(config);
    const range = cidr(subnet);
    if (!range) continue;
    const path = `ipamConfigs[${index}]`;
    if (text(gateway) !== "" && !addressIn(gateway, range)) {
      return { path: `${path}.gateway`, reason: `write an address inside ${text(subnet)}`, source: OVERLAPS };
    }
    const part = cidr(ipRange);
    if (part && !(inside(part[0], range) && part[1] >= range[1])) {
      return { path: `${path}.ipRange`, reason: `write a part of ${text(subnet)}`, source: OVERLAPS };
    }
  }
  return undefined;
}

function swarmName({ inputs }: Ctx) {
  if (!isOverlay(inputs) || SWARM_NAME.test(text(inputs.name))) return undefined;
  return { path: "name", reason: SWARM_NAME_RULE, source: OVERLAPS };
}

/** The subnet that the Engine picks: the first of its pools that nobody has. */
function allocated(ctx: Created): unknown {
  const others = taken(ctx).map(({ subnet }) => cidr(subnet));
  const free = (isOverlay(ctx.inputs) ? SWARM_POOLS : POOLS).find((pool) => {
    const range = cidr(pool);
    return range && others.every((other) => !other || !overlap(range, other));
  });
  const range = cidr(free);
  return range ? [{ subnet: free, gateway: nthAddress(range, 1) }] : [];
}

/** Containers and services that are attached to a network, which may be named by name or by id. */
function attached(network: Thing, ctx: Ctx): Thing[] {
  const isIt = (value: unknown) => value === network.id || value === network.properties.name;
  const containers = ctx.all(CONTAINER).filter(({ inputs }) => {
    return isIt(inputs.networkMode) || list(inputs.networksAdvanced).some((each) => isIt(plain(each).name));
  });
  const services = ctx.all(SERVICE).filter(({ inputs }) => {
    return list(plain(inputs.taskSpec).networksAdvanceds).some(
      (each) => isIt(plain(each).name) || isIt(plain(each).id),
    );
  });
  return [...containers, ...services];
}

export const network: ResourceType = {
  token: NETWORK,
  source: `${PROVIDER}/resource_docker_network.go`,
  id: (ctx) => ctx.hex(64, "network"),
  autoName: { property: "name", maxLength: 255 },
  key: ({ inputs }) => text(inputs.name) || undefined,
  exists: "network with that name already exists",
  rules: [
    matches("name", ENGINE_NAME, ENGINE_NAME_RULE, OVERLAPS),
    matches(
      "name",
      /^(?!(?:bridge|host|none)$)/,
      "write another name: every engine has a network of this one",
      OVERLAPS,
    ),
    matches("ipamConfigs[].subnet", /\/\d+$/, "write a subnet in CIDR notation, e.g. 172.28.0.0/16", OVERLAPS),
    {
      path: "ipamConfigs[].subnet",
      check: (value) => (cidr(value) ? undefined : "write a subnet in CIDR notation, e.g. 172.28.0.0/16"),
      source: OVERLAPS,
    },
    {
      path: "options",
      check: (value) => {
        const mtu = plain(value)["com.docker.network.driver.mtu"];
        const fits = mtu === undefined || (Number(mtu) >= 68 && Number(mtu) <= 65535);
        return fits ? undefined : "write com.docker.network.driver.mtu as a number from 68 to 65535";
      },
      source: "https://docs.docker.com/engine/network/drivers/bridge/#default-bridge-driver-options",
    },
  ],
  check: (ctx) => ifKnown(() => swarmName(ctx)) ?? ifKnown(() => outsideSubnet(ctx)) ?? overlapping(ctx),
  replaces: [
    ...["attachable", "driver", "ingress", "internal", "ipamConfigs", "ipamDriver", "ipamOptions"],
    ...["ipv6", "labels", "name", "options"],
  ],
  defaults: {
    driver: "bridge",
    ipamDriver: "default",
    internal: false,
    options: {},
    ipamConfigs: allocated,
  },
  outputs: ({ inputs }) => ({ scope: isOverlay(inputs) ? "swarm" : "local" }),
  refuseDelete: (thing, ctx) => {
    const names = attached(thing, ctx).map((each) => text(each.properties.name));
    return names.length > 0
      ? `network ${text(thing.properties.name)} has active endpoints: ${names.join(", ")}`
      : undefined;
  },
};
