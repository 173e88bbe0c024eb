import { createHash } from "node:crypto";
import type Docker from "dockerode";
import type { Workbench } from "./kind.ts";
import { EngineRefusal, asking, found } from "./refusals.ts";

const LISTEN_PORT = 2377;
/** https://docs.docker.com/reference/cli/docker/swarm/init/#data-path-port */
const DATA_PATH_PORTS = [1024, 49_151] as const;
/** Through which containers on overlays reach what is outside. https://docs.docker.com/engine/swarm/networking/#customize-the-docker_gwbridge */
const GATEWAY_BRIDGE = "docker_gwbridge";

const joining = new WeakMap<Workbench, Promise<void>>();

/** Services, overlays, secrets and configs need a swarm; only an engine of Groundwork's own is made one. */
export function ensureSwarm(bench: Workbench, what: string): Promise<void> {
  const known = joining.get(bench) ?? becomeManager(bench);
  joining.set(bench, known);
  return known.catch((error: unknown) => {
    joining.delete(bench);
    throw error instanceof EngineRefusal ? new EngineRefusal(`${what}: ${error.message}`, error.status) : error;
  });
}

interface Info {
  readonly DockerRootDir: string;
  readonly Swarm?: { readonly LocalNodeState?: string; readonly ControlAvailable?: boolean; readonly NodeID?: string };
}

async function becomeManager({ docker, isPrivate }: Workbench): Promise<void> {
  const { Swarm, DockerRootDir } = await infoOf(docker);
  if (Swarm?.ControlAvailable === true) return;
  if (!isPrivate || Swarm?.LocalNodeState === "active") {
    throw new EngineRefusal(
      "this engine is no manager of a swarm: run `docker swarm init` on it, or set groundwork:target to docker",
      0,
    );
  }
  const { bridge, ...settings } = ownSwarm(DockerRootDir);
  await asking("the private engine cannot become a swarm", async () => {
    await makeGatewayBridge(docker, bridge);
    await docker.swarmInit(settings);
  });
}

/**
 * A swarm of one node that nobody reaches from outside. Several private engines of a machine may be one at the same time:
 * each gossips on a loopback address of its own, and has its own port for VXLAN and its own bridge, which the kernel would
 * have them share.
 */
export function ownSwarm(folder: string) {
  const digest = createHash("sha256").update(folder).digest();
  const [least, most] = DATA_PATH_PORTS;
  const address = `127.${1 + ((digest[0] ?? 0) % 254)}.${digest[1]}.${1 + ((digest[2] ?? 0) % 254)}`;
  return {
    ListenAddr: `${address}:${LISTEN_PORT}`,
    AdvertiseAddr: address,
    DataPathAddr: address,
    DataPathPort: least + (digest.readUInt32BE(4) % (most - least + 1)),
    ForceNewCluster: false,
    bridge: `gws${digest.toString("hex").slice(0, 10)}`,
  };
}

/** The engine makes it itself otherwise, with the same name of the interface on each engine. */
async function makeGatewayBridge(docker: Docker, name: string): Promise<void> {
  const there = await found(`network ${GATEWAY_BRIDGE} cannot be read`, () =>
    docker.getNetwork(GATEWAY_BRIDGE).inspect(),
  );
  if (there !== undefined) return;
  await docker.createNetwork({
    Name: GATEWAY_BRIDGE,
    Driver: "bridge",
    Options: {
      "com.docker.network.bridge.name": name,
      "com.docker.network.bridge.enable_icc": "false",
      "com.docker.network.bridge.enable_ip_masquerade": "true",
    },
  });
}

const LABEL_CONSTRAINT = /^node\.labels\.([\w.-]+)\s*==\s*(\S+)$/;

/**
 * Labels that services want of the node that they run on. Nobody could give them to an engine that a rehearsal starts; any
 * other engine's node has those that its people gave it.
 */
export async function labelNode(bench: Workbench, constraints: readonly string[], what: string): Promise<void> {
  const wanted = constraints.flatMap((constraint) => {
    const [, label, value] = LABEL_CONSTRAINT.exec(constraint) ?? [];
    return label === undefined || value === undefined ? [] : [{ label, value }];
  });
  if (!bench.isPrivate || wanted.length === 0) return;
  for (const { label, value } of wanted) {
    bench.note(
      `the private engine's node got the label ${label}=${value}, which ${what} wants: on your own swarm run \`docker node update --label-add ${label}=${value} NODE\` once`,
    );
  }
  await asking(`the node of ${what} cannot be labelled`, async () => {
    const { Swarm } = await infoOf(bench.docker);
    const node = bench.docker.getNode(Swarm?.NodeID ?? "");
    for (;;) {
      const { Spec, Version } = (await node.inspect()) as {
        Spec: { Labels?: Readonly<Record<string, string>> };
        Version: { Index: number };
      };
      const labels = Spec.Labels ?? {};
      if (wanted.every(({ label, value }) => labels[label] === value)) return;
      const added = Object.fromEntries(wanted.map(({ label, value }) => [label, value]));
      try {
        await node.update({ ...Spec, Labels: { ...labels, ...added }, version: Version.Index });
      } catch (error) {
        // somebody else has changed it in between
        if (!/update out of sequence/.test(error instanceof Error ? error.message : "")) throw error;
      }
    }
  });
}

async function infoOf(docker: Docker): Promise<Info> {
  return (await asking("the engine's state", () => docker.info())) as Info;
}
