import type { ContainerInspectInfo } from "dockerode";
import type { DockerContainerReport } from "@groundwork/lib/rehearsal-report";
import type { Workbench } from "./kind.ts";
import type { OwnThing } from "./own-things.ts";
import { asking } from "./refusals.ts";
import { texts } from "./values.ts";

const MEBI = 2 ** 20;
const NANO = 1e9;

/** What `docker inspect` says of each container that a rehearsal has made: how it does, and how it is confined. */
export async function inspectAll(
  { docker, healthy }: Workbench,
  own: readonly OwnThing[],
  secondsOf: (id: string) => number | undefined,
): Promise<DockerContainerReport[]> {
  const reports = await Promise.all(
    own.map(async ({ id }) => {
      const info = await asking("a container cannot be read", () => docker.getContainer(id).inspect());
      const report = containerReport(info, secondsOf(id));
      return report.state === "starting" && healthy.has(id) ? { ...report, state: "healthy" } : report;
    }),
  );
  return reports.sort((a, b) => a.name.localeCompare(b.name));
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
