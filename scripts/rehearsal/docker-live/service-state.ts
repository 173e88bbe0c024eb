import type { Properties } from "../clouds/table.ts";
import { valueAt } from "./codec.ts";
import type { Workbench } from "./kind.ts";
import { asking, found } from "./refusals.ts";
import { isRecord, millisecondsOf, objects, text } from "./values.ts";
import { until } from "./waiting.ts";

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Service/operation/ServiceInspect */
export interface ServiceInfo {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: {
    readonly Name: string;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly TaskTemplate?: Readonly<Record<string, unknown>>;
    readonly Mode?: { readonly Replicated?: { readonly Replicas?: number } };
  };
  readonly UpdateStatus?: { readonly State?: string; readonly StartedAt?: string; readonly Message?: string };
}

interface Task {
  readonly DesiredState: string;
  readonly Status: {
    readonly State: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID?: string };
  };
}

/** The provider's own default. https://github.com/kreuzwerker/terraform-provider-docker/blob/master/internal/provider/resource_docker_service.go */
const CONVERGE_MS = 180_000;
const LOOK_AGAIN_MS = 500;
/** An update of the number of replicas alone has no status; then the tasks tell. */
const STATUS_COMES_MS = 3000;
/** How long Swarm may find no node for a replica: a node that is busy with what is going away has room again by then. */
const HOMELESS_MS = 45_000;
/** How often the same tasks must be seen, because a failing one runs for a moment. */
const SEEN_TIMES = 3;

/** @returns why it did not come up in time; undefined too where the program does not wait */
export async function awaitCreated(bench: Workbench, inputs: Properties, id: string): Promise<string | undefined> {
  const timeoutMs = patienceOf(inputs);
  if (timeoutMs === undefined) return undefined;
  let seen = 0;
  const homeless = watchHomeless(bench, id);
  const outcome = await until<Outcome>(
    async () => {
      seen = (await isConverged(bench, id)) ? seen + 1 : 0;
      return seen >= SEEN_TIMES ? {} : homeless();
    },
    { timeoutMs, everyMs: LOOK_AGAIN_MS },
  );
  return outcome === undefined ? notInTime(bench, id, timeoutMs) : outcome.failed;
}

/** @returns what became of the update where it did not succeed, such as that it was rolled back */
export async function awaitUpdated(
  bench: Workbench,
  inputs: Properties,
  id: string,
  before: ServiceInfo,
): Promise<string | undefined> {
  const timeoutMs = patienceOf(inputs);
  if (timeoutMs === undefined) return undefined;
  const begun = performance.now();
  let seen = 0;
  const homeless = watchHomeless(bench, id);
  const outcome = await until<Outcome>(
    async () => {
      const info = await inspect(bench, id);
      if (info === undefined) return { failed: "was removed by somebody else while it was updated" };
      const status = info.UpdateStatus;
      const isNew = status?.StartedAt !== undefined && status.StartedAt !== before.UpdateStatus?.StartedAt;
      if (isNew) {
        return outcomeOf(status.State ?? "", status.Message ?? "", await failures(bench, id)) ?? (await homeless());
      }
      if (performance.now() - begun < STATUS_COMES_MS) return undefined;
      seen = (await isConverged(bench, id)) ? seen + 1 : 0;
      return seen >= SEEN_TIMES ? {} : homeless();
    },
    { timeoutMs, everyMs: LOOK_AGAIN_MS },
  );
  return outcome === undefined ? notInTime(bench, id, timeoutMs) : outcome.failed;
}

interface Outcome {
  readonly failed?: string;
}

async function notInTime(bench: Workbench, id: string, timeoutMs: number): Promise<string> {
  return `did not converge in ${timeoutMs / 1000} s${await failures(bench, id)}`;
}

/** A replica that no node takes would be waited for in vain: the provider's time is for those that start. */
export function watchHomeless(
  bench: Pick<Workbench, "docker">,
  id: string,
  now = (): number => performance.now(),
): () => Promise<Outcome | undefined> {
  let since: number | undefined;
  return async () => {
    const homeless = (await tasksOf(bench, id)).find(
      ({ DesiredState, Status }) => DesiredState === "running" && /^no suitable node/.test(Status.Err ?? ""),
    );
    since = homeless === undefined ? undefined : (since ?? now());
    if (since === undefined || now() - since < HOMELESS_MS) return undefined;
    return {
      failed: `has a replica that no node takes: ${homeless?.Status.Err}; give a node the labels that placement.constraints name, or write fewer reservations or replicas`,
    };
  };
}

function outcomeOf(state: string, message: string, tasks: string): Outcome | undefined {
  switch (state) {
    case "completed":
      return {};
    case "rollback_completed":
      return { failed: `was rolled back by the swarm: ${message}${tasks}` };
    case "paused":
    case "rollback_paused":
      return { failed: `is stuck in its ${state === "paused" ? "update" : "rollback"}: ${message}${tasks}` };
    default:
      return undefined;
  }
}

function patienceOf({ convergeConfig }: Properties): number | undefined {
  if (!isRecord(convergeConfig)) return undefined;
  return millisecondsOf(convergeConfig["timeout"], CONVERGE_MS);
}

async function isConverged(bench: Workbench, id: string): Promise<boolean> {
  const info = await inspect(bench, id);
  const wanted = info?.Spec.Mode?.Replicated?.Replicas;
  const tasks = (await tasksOf(bench, id)).filter(({ DesiredState }) => DesiredState === "running");
  const running = tasks.filter(({ Status }) => Status.State === "running").length;
  return running === (wanted ?? Math.max(1, tasks.length)) && tasks.length === running;
}

/** What its newest failed tasks say. */
async function failures(bench: Workbench, id: string): Promise<string> {
  const reasons = (await tasksOf(bench, id)).map(({ Status }) => text(Status.Err)).filter((reason) => reason !== "");
  const [reason] = new Set(reasons);
  return reason === undefined ? "" : `; its tasks say: ${reason}`;
}

async function tasksOf({ docker }: Pick<Workbench, "docker">, id: string): Promise<readonly Task[]> {
  const tasks = await asking("the tasks of the service cannot be read", () =>
    docker.listTasks({ filters: JSON.stringify({ service: [id] }) }),
  );
  return objects(tasks) as unknown as Task[];
}

/** The containers that a service still has on this engine. */
export async function containersOf(bench: Workbench, id: string): Promise<string[]> {
  const ids = (await tasksOf(bench, id)).map((task) => text(valueAt(task, "Status.ContainerStatus.ContainerID")));
  return ids.filter((container) => container !== "");
}

function inspect({ docker }: Workbench, id: string): Promise<ServiceInfo | undefined> {
  return found("the service cannot be read", () => docker.getService(id).inspect() as Promise<ServiceInfo>);
}
