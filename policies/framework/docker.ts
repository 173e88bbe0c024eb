import { at, listAt, textAt, unknownAt } from "./known.ts";
import type { Control, Report, Resource } from "./policy.ts";

export const DOCKER_CONTAINER = "docker:index/container:Container";
export const DOCKER_SERVICE = "docker:index/service:Service";
/** What runs containers under Docker: alone, or as the tasks of a Swarm service. */
export const DOCKER_TYPES: readonly string[] = [DOCKER_CONTAINER, DOCKER_SERVICE];

/** A container of Docker or the tasks of a service. */
export interface Task {
  readonly resource: Resource;
  /** For messages: `Container shop-api`, `Service chat`. */
  readonly name: string;
  readonly isService: boolean;
}

/** The same setting in both forms; `undefined` where a form has none. */
export interface Field {
  readonly container?: string;
  readonly service?: string;
}

/** A directory, file or socket of the host in a container. */
export interface HostMount {
  readonly source: string;
  readonly readOnly: boolean;
  readonly propagation: string | undefined;
  /** Where it is written: `volumes[0]`. */
  readonly path: string;
}

export function taskOf(resource: Resource): Task {
  const isService = resource.type === DOCKER_SERVICE;
  return { resource, isService, name: `${isService ? "Service" : "Container"} ${ownName(resource)}` };
}

/** Its name on the host, or the logical name while that is not known. */
export function ownName(resource: Resource): string {
  return textAt(resource.inputs, "name") ?? resource.name;
}

/** Judges one setting: undecided while it is not known. `fault` goes on from the task's name. */
export function judgeTask(
  report: Report,
  task: Task,
  field: Field,
  what: string,
  fault: (value: unknown, path: string) => string | undefined,
): void {
  const path = task.isService ? field.service : field.container;
  if (path === undefined) return;
  const unknown = unknownAt(task.resource.unknown, path);
  if (unknown !== undefined) return report.undecided(unknown, `${what} of ${task.name}`);
  const message = fault(at(task.resource.inputs, path), path);
  if (message !== undefined) report.violation(`${task.name} ${message}`);
}

/** What a task mounts of its host; tells where that is not known yet. */
export function hostMounts(task: Task, report: Report): HostMount[] {
  const { inputs, unknown } = task.resource;
  const lists = task.isService ? ["taskSpec.containerSpec.mounts"] : ["volumes", "mounts"];
  const open = unknownAt(
    unknown,
    ...lists.filter((list) => at(inputs, list) === undefined),
    ...lists.flatMap((list) => [`${list}[].source`, `${list}[].hostPath`]),
  );
  if (open !== undefined) report.undecided(open, `what ${task.name} mounts of its host`);
  return lists.flatMap((list) =>
    listAt(inputs, list).flatMap((mount, index) => {
      const isBind = textAt(mount, "type") === "bind";
      const source = textAt(mount, "hostPath") ?? (isBind ? textAt(mount, "source") : undefined);
      if (source === undefined || !source.startsWith("/")) return [];
      const propagation = textAt(mount, "bindOptions.propagation");
      return [
        { source: tidy(source), readOnly: at(mount, "readOnly") === true, propagation, path: `${list}[${index}]` },
      ];
    }),
  );
}

/** Of CIS Docker 5.6, and where the engine keeps its images and containers. */
const SYSTEM = ["/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/sys", "/usr", "/var/lib/docker"];

/** Whether a path of the host is one that its system lives in, or has such a one below it. */
export function isSystemDirectory(path: string): boolean {
  const source = tidy(path);
  return SYSTEM.some((one) => isWithin(source, one) || isWithin(one, source));
}

/** Where the engines listen by default, beside `/var/run`, which is `/run` by another name. */
const SOCKETS = [
  "/run/docker.sock",
  "/run/docker/containerd/containerd.sock",
  "/run/containerd/containerd.sock",
  "/run/crio/crio.sock",
  "/run/podman/podman.sock",
  "/run/buildkit/buildkitd.sock",
];

/** Whether a path is the socket of a container engine, or a directory through which one gets to it. */
export function leadsToEngineSocket(path: string): boolean {
  const source = tidy(path);
  if (isEngineSocket(source) || isWithin("/var/run", source)) return true;
  const running = source.replace(/^\/var\/run\//, "/run/");
  return SOCKETS.some((socket) => isWithin(socket, running));
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}

/** Whether a path is the socket itself, wherever it is. */
export function isEngineSocket(path: string): boolean {
  return /\/(?:docker|containerd|crio|podman|buildkitd)\.sock$/.test(path);
}

function tidy(path: string): string {
  return path.replaceAll(/\/+/g, "/").replace(/(.)\/$/, "$1");
}

/** A container that ends by itself, or is thrown away, is no service. */
export function endsByItself({ resource: { inputs }, isService }: Task): boolean {
  return !isService && (inputs["mustRun"] === false || inputs["rm"] === true || inputs["attach"] === true);
}

/** Of the CIS Docker Benchmark 1.6. https://www.cisecurity.org/benchmark/docker */
export function cisDocker(url: string, ...numbers: readonly string[]): Control {
  const ids = numbers.map((number) => `CIS Docker ${number}`);
  return { ids, name: "CIS Docker Benchmark 1.6", url };
}
