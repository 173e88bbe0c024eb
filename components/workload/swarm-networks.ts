import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";

export interface SwarmNetworksArgs {
  readonly networks: readonly {
    /** Appended to the component's name; letters, digits and `-`, because Swarm makes it a DNS label. */
    readonly name: string;
    /**
     * IPv4 block, apart from every other network of the swarm. Default: a free one of Swarm's own address pool. With a block
     * of its own a network cannot have a successor beside it: whoever changes its MTU then gives it another block as well.
     */
    readonly cidr?: string;
  }[];
  /** The largest packet in bytes that the network between the hosts carries (`ip link`). Default 1500, as Ethernet has it. */
  readonly hostMtu?: number;
  /** Whether plain containers of any node may join beside services. Default false. */
  readonly attachable?: boolean;
}

/** What an overlay network is told to count with. */
export interface OverlayMtu {
  readonly mtu: number;
  /** Why it is not the wanted one. */
  readonly warning?: string;
}

export const WANTED_MTU = 9000;
/**
 * What hosts must carry for {@link WANTED_MTU}. VXLAN puts 50 bytes around a packet (RFC 7348, section 5) and IPsec up to 37
 * more (RFC 4303, RFC 4106: header and IV 16, padding and trailer 5, check value 16).
 */
const HOST_MTU_WANTED = 9100;
const FALLBACK_MTU = 1450;
const ETHERNET_MTU = 1500;
/** From what the fallback needs to the largest packet that IPv4 knows (RFC 791, section 3.1). */
const MTU_RANGE = [ETHERNET_MTU, 65_535] as const;

/**
 * The MTU of encrypted overlay networks on hosts whose own network carries `hostMtu`: packets that do not fit would be cut
 * in two, or lost where a router drops fragments.
 */
export function overlayMtu(hostMtu: number = ETHERNET_MTU): OverlayMtu {
  const [least, most] = MTU_RANGE;
  if (!Number.isInteger(hostMtu) || hostMtu < least || hostMtu > most) {
    throw new BadInput(
      `hostMtu is ${hostMtu}; write the MTU of the network between the hosts, from ${least} to ${most}.`,
    );
  }
  if (hostMtu >= HOST_MTU_WANTED) return { mtu: WANTED_MTU };
  const warning =
    `overlay networks get MTU ${FALLBACK_MTU}, not ${WANTED_MTU}: encryption needs hosts that carry ${HOST_MTU_WANTED}, ` +
    `and hostMtu is ${hostMtu}; raise the MTU of every host's interface and of the switches, then set hostMtu`;
  return { mtu: FALLBACK_MTU, warning };
}

/** Swarm adds the network's VXLAN number to the options after the creation; the provider would replace the network for it. */
const ADDED_BY_SWARM = 'options["com.docker.network.driver.overlay.vxlanid_list"]';

/** Encrypted overlay networks of a system over all nodes of a swarm, found by their short names. */
export class SwarmNetworks extends pulumi.ComponentResource {
  readonly mtu: number;
  readonly #networks: ReadonlyMap<string, docker.Network>;

  constructor(name: string, args: SwarmNetworksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:workload:SwarmNetworks", name, {}, opts);
    const { mtu, warning } = overlayMtu(args.hostMtu);
    if (warning !== undefined) void pulumi.log.warn(warning, this);
    this.mtu = mtu;
    this.#networks = new Map(
      args.networks.map((network) => [network.name, this.network(`${name}-${network.name}`, network.cidr, args)]),
    );
    this.registerOutputs({ mtu });
  }

  /** The networks of these names, in this order. */
  named(names: readonly string[]): docker.Network[] {
    return names.map((name) => {
      const network = this.#networks.get(name);
      if (network === undefined)
        throw new Error(`there is no network "${name}"; there are ${[...this.#networks.keys()].join(", ")}`);
      return network;
    });
  }

  /** Named by Pulumi: services move to a changed network before the old one goes, which Swarm keeps while one is attached. */
  private network(name: string, cidr: string | undefined, { attachable = false }: SwarmNetworksArgs): docker.Network {
    return new docker.Network(
      name,
      {
        driver: "overlay",
        attachable,
        ...(cidr === undefined ? {} : { ipamConfigs: [{ subnet: cidr }] }),
        // Docker takes its own part off this number: containers see 8924 where it is 9000 and the network is encrypted (tried)
        options: { encrypted: "", "com.docker.network.driver.mtu": String(this.mtu) },
      },
      { parent: this, ignoreChanges: [ADDED_BY_SWARM] },
    );
  }
}
