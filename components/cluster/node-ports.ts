import { createHash } from "node:crypto";

/**
 * The lower band of Kubernetes' NodePort range, from which the API server does not pick by itself.
 * https://kubernetes.io/docs/concepts/services-networking/service/#avoid-nodeport-collisions
 */
export const NODE_PORTS = { from: 30000, to: 30085 } as const;

const COUNT = NODE_PORTS.to - NODE_PORTS.from + 1;

/**
 * A port of its own for each service, found from its name alone, so that balancers can be made before the services
 * exist and a service more does not move the others (but where two names meet: the later one in the alphabet moves on).
 */
export function nodePorts(services: readonly string[]): Record<string, number> {
  const names = [...new Set(services)].sort();
  if (names.length > COUNT) {
    throw new Error(`${names.length} services are exposed; a cluster's static NodePorts are enough for ${COUNT}.`);
  }
  const taken = new Set<number>();
  return Object.fromEntries(names.map((name) => [name, NODE_PORTS.from + nextFree(hash(name), taken)]));
}

function nextFree(start: number, taken: Set<number>): number {
  let port = start;
  while (taken.has(port)) port = (port + 1) % COUNT;
  taken.add(port);
  return port;
}

function hash(name: string): number {
  return createHash("sha256").update(name).digest().readUInt32BE(0) % COUNT;
}
