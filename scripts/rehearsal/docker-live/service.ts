import type Docker from "dockerode";
import type { EngineMade, EngineSubject } from "../clouds/live-engine.ts";
import type { Properties } from "../clouds/table.ts";
import { drifted, labels, valueAt } from "./codec.ts";
import { type Kind, type Workbench, called } from "./kind.ts";
import { foreign } from "./network.ts";
import { isOwn, ownLabels } from "./ownership.ts";
import { EngineRefusal, asking, found } from "./refusals.ts";
import { SERVICE_ROWS, serviceSpec } from "./service-fields.ts";
import { type ServiceInfo, awaitCreated, awaitUpdated, containersOf } from "./service-state.ts";
import { asGiven, reachable } from "./service-names.ts";
import { ensureSwarm, labelNode } from "./swarm.ts";
import { isRecord, text, texts } from "./values.ts";
import { removed, until } from "./waiting.ts";

/** How much longer than its grace period the containers of a service may take to go. */
const REMOVAL_MS = 30_000;

/**
 * A Swarm service, awaited where the program has a `convergeConfig`, as the official provider does it.
 * https://github.com/kreuzwerker/terraform-provider-docker/blob/master/internal/provider/resource_docker_service_funcs.go
 */
export const service: Kind = {
  async create(bench, subject) {
    const what = called(subject, "service");
    await ensureSwarm(bench, what);
    const spec = await requestOf(bench, subject);
    const made = (await asking(`${what} cannot be created`, () =>
      bench.docker.createService(spec as unknown as Docker.CreateServiceOptions),
    )) as { id: string };
    const failed = await awaitCreated(bench, subject.inputs, made.id);
    if (failed !== undefined) {
      // so does the provider: a service that does not come up is deleted
      await service.remove(bench, subject, made.id);
      throw new EngineRefusal(`${what} ${failed}`, 0);
    }
    return { id: made.id, properties: {} };
  },

  async update(bench, subject, id) {
    const what = called(subject, "service");
    const before = await inspect(bench, id, what);
    if (before === undefined) throw new EngineRefusal(`${what} is gone: run pulumi refresh, then update again`, 404);
    if (!isOwn(before.Spec.Labels, bench.owner)) throw foreign(what);
    const spec = { ...(await requestOf(bench, subject)), version: before.Version.Index };
    await asking(`${what} cannot be updated`, () => bench.docker.getService(id).update(spec) as Promise<unknown>);
    const failed = await awaitUpdated(bench, subject.inputs, id, before);
    if (failed === undefined) return { id, properties: {} };
    const now = await service.read(bench, subject, id);
    const made: EngineMade = { id, properties: {}, notReady: `${what} ${failed}` };
    return now === undefined ? made : { ...made, inputs: now.inputs };
  },

  async read(bench, subject, id) {
    const info = await inspect(bench, id, called(subject, "service"));
    if (info === undefined) return undefined;
    return {
      properties: {},
      inputs: withLabels(
        drifted(SERVICE_ROWS, subject.inputs, asGiven(pinned(info, subject.inputs), subject.inputs)),
        info,
      ),
    };
  },

  async remove(bench, subject, id) {
    const what = called(subject, "service");
    const info = await inspect(bench, id, what);
    if (info === undefined) return;
    if (!isOwn(info.Spec.Labels, bench.owner)) throw foreign(what);
    const containers = await containersOf(bench, id);
    await removed(what, () => bench.docker.getService(id).remove() as Promise<unknown>);
    // networks, secrets and volumes of it are free only when its containers have gone
    const grace = Number(valueAt(info.Spec, "TaskTemplate.ContainerSpec.StopGracePeriod") ?? 0) / 1e6;
    await until(async () => ((await isAnyLeft(bench, containers)) ? undefined : true), {
      timeoutMs: grace + REMOVAL_MS,
    });
  },
};

async function isAnyLeft({ docker }: Workbench, ids: readonly string[]): Promise<boolean> {
  if (ids.length === 0) return false;
  const left = await docker.listContainers({ all: true, filters: { id: [...ids] } });
  return left.length > 0;
}

/** As the engine is asked for it: with the labels of the rehearsal, on a node that it may run on, where it can be reached. */
async function requestOf(bench: Workbench, subject: EngineSubject): Promise<Readonly<Record<string, unknown>>> {
  const { inputs, urn } = subject;
  const what = called(subject, "service");
  await labelNode(bench, texts(valueAt(inputs, "taskSpec.placement.constraints")), what);
  const spec = reachable(bench, serviceSpec(inputs), what);
  return { ...spec, Labels: { ...(spec["Labels"] as object | undefined), ...ownLabels(bench.owner, urn) } };
}

function inspect({ docker }: Workbench, id: string, what: string): Promise<ServiceInfo | undefined> {
  return found(`${what} cannot be read`, () => docker.getService(id).inspect() as Promise<ServiceInfo>);
}

/** The client adds the digest to a tag; the program's own image is then no drift. */
function pinned(info: ServiceInfo, inputs: Properties): Readonly<Record<string, unknown>> {
  const given = text(valueAt(inputs, "taskSpec.containerSpec.image"));
  const image = text(valueAt(info.Spec, "TaskTemplate.ContainerSpec.Image"));
  if (!image.startsWith(`${given}@`)) return info.Spec;
  const template = info.Spec.TaskTemplate ?? {};
  const container = isRecord(template["ContainerSpec"]) ? template["ContainerSpec"] : {};
  return { ...info.Spec, TaskTemplate: { ...template, ContainerSpec: { ...container, Image: given } } };
}

/** Labels that the program gives and somebody has changed; those of the rehearsal are none of the program's business. */
function withLabels(inputs: Properties, info: ServiceInfo): Properties {
  const given = labels.to(inputs["labels"] ?? []) as Record<string, string>;
  const now = info.Spec.Labels ?? {};
  if (Object.entries(given).every(([label, value]) => now[label] === value)) return inputs;
  const kept = Object.entries(now).filter(([label]) => label in given);
  return { ...inputs, labels: kept.map(([label, value]) => ({ label, value })) };
}
