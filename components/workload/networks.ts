import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

export interface DockerNetworksArgs {
  /** Bridge networks of one Docker Engine. */
  readonly networks: readonly {
    /** Appended to the component's name; two systems can both have a `backend`. */
    readonly name: string;
    /** IPv4 block, apart from every other network of the host. */
    readonly cidr: string;
    /** Largest packet in bytes. */
    readonly mtu: number;
  }[];
}

/** The networks of a system on one Docker Engine, found by their short names. */
export class DockerNetworks extends pulumi.ComponentResource {
  readonly #networks: ReadonlyMap<string, docker.Network>;

  constructor(name: string, args: DockerNetworksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:workload:DockerNetworks", name, {}, opts);
    this.#networks = new Map(
      args.networks.map((network) => [network.name, this.network(`${name}-${network.name}`, network)]),
    );
    this.registerOutputs({});
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

  private network(name: string, { cidr, mtu }: DockerNetworksArgs["networks"][number]): docker.Network {
    return new docker.Network(
      name,
      {
        name,
        driver: "bridge",
        ipamConfigs: [{ subnet: cidr }],
        // https://docs.docker.com/engine/network/drivers/bridge/#options
        options: { "com.docker.network.driver.mtu": String(mtu) },
      },
      // two networks of one host cannot have the same block, not even for a moment
      { parent: this, deleteBeforeReplace: true },
    );
  }
}
