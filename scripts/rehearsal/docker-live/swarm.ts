import { asking } from "./refusals.ts";
import type { Workbench } from "./kind.ts";
import { EngineRefusal } from "./refusals.ts";

/** A swarm of one node that nobody reaches from outside. */
const OWN_SWARM = { ListenAddr: "127.0.0.1:0", AdvertiseAddr: "127.0.0.1", ForceNewCluster: false };
const LISTEN_PORT = 2377;

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

async function becomeManager({ docker, isPrivate }: Workbench): Promise<void> {
  const { Swarm } = (await asking("the engine's state", () => docker.info())) as {
    Swarm?: { LocalNodeState?: string; ControlAvailable?: boolean };
  };
  if (Swarm?.ControlAvailable === true) return;
  if (!isPrivate || Swarm?.LocalNodeState === "active") {
    throw new EngineRefusal(
      "this engine is no manager of a swarm: run `docker swarm init` on it, or set groundwork:target to docker",
      0,
    );
  }
  const settings = { ...OWN_SWARM, ListenAddr: `127.0.0.1:${LISTEN_PORT}` };
  await asking("the private engine cannot become a swarm", () => docker.swarmInit(settings));
}
