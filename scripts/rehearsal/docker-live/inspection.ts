import type { ContainerInspectInfo } from "dockerode";
import type { DockerContainerReport } from "@groundwork/lib/rehearsal-report";
import type { Workbench } from "./kind.ts";
import { type OwnThing, SERVICE_LABEL } from "./own-things.ts";
import { OWNER_LABEL } from "./ownership.ts";
import { asking } from "./refusals.ts";
import { objects, text, texts } from "./values.ts";

const MEBI = 2 ** 20;
const NANO = 1e9;

/**
 * What `docker inspect` says of each container that a rehearsal has made, itself or as a replica of a service: how it does,
 * and how it is confined.
 */
export async function inspectAll(
  bench: Workbench,
  own: readonly OwnThing[],
  secondsOf: (id: string) => number | undefined,
): Promise<DockerContainerReport[]> {
  const { docker, healthy } = bench;
  const ids = [...own.map(({ id }) => id), ...(await replicas(bench))];
  const reports = await Promise.all(
    ids.map(async (id) => {
      const info = await asking("a container cannot be read", () => docker.getContainer(id).inspect());
      const report = containerReport(info, secondsOf(id));
      return report.state === "starting" && healthy.has(id) ? { ...report, state: "healthy" } : report;
    }),
  );
  return reports.sort((a, b) => a.name.localeCompare(b.name));
}

/** Those that run; Swarm keeps what has ended for a while. */
async function replicas({ docker, owner }: Workbench): Promise<string[]> {
  return asking("the replicas of services cannot be listed", async () => {
    const containers = await docker.listContainers({ filters: { label: [SERVICE_LABEL] } });
    if (containers.length === 0) return [];
    const services: unknown = await docker.listServices({
      filters: JSON.stringify({ label: [`${OWNER_LABEL}=${owner}`] }) as never,
    });
    const ids = objects(services).map(({ ID }) => text(ID));
    return containers.filter(({ Labels }) => ids.includes(Labels[SERVICE_LABEL] ?? "")).map(({ Id }) => Id);
  });
}

function containerReport(info: ContainerInspectInfo, seconds: number | undefined): DockerContainerReport {
  const { HostConfig: host, State: state, Config: config } = info;
  return {
    name: info.Name.replace(/^\//, ""),
    state: state.Health?.Status ?? state.Status,
    ...(seconds === undefined ? {} : { seconds }),
    restarts: info.RestartCount,
    user: config.User === "" ? "root" : config.User,
    memoryMiB: (host.Memory ?? 0) / MEBI,
    cpus: (host.NanoCpus ?? 0) / NANO,
    readOnlyRoot: host.ReadonlyRootfs === true,
    addedCapabilities: texts(host.CapAdd),
    droppedCapabilities: texts(host.CapDrop),
    newPrivileges: !texts(host.SecurityOpt).some((option) => /^no-new-privileges(?:[:=]true)?$/.test(option)),
    privileged: host.Privileged === true,
  };
}

/** Why an update that ended well has left something that does not serve. */
export function problemsOf(containers: readonly DockerContainerReport[]): string[] {
  const bad = new Set(["unhealthy", "restarting", "dead", "paused"]);
  return containers
    .filter(({ state }) => bad.has(state))
    .map(({ name, state }) => `container "${name}" is ${state}: look at \`docker logs ${name}\``);
}
