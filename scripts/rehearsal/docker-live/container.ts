import type Docker from "dockerode";
import type { ContainerInspectInfo } from "dockerode";
import type { EngineMade, EngineSubject } from "../clouds/live-engine.ts";
import type { Properties } from "../clouds/table.ts";
import { drifted } from "./codec.ts";
import { LIMITS, containerRequest, endpoint, limitsRequest, portsRead } from "./container-fields.ts";
import { gone, logsOf, ready } from "./container-state.ts";
import { type Kind, type Workbench, called } from "./kind.ts";
import { foreign } from "./network.ts";
import { isOwn, ownLabels } from "./ownership.ts";
import { EngineRefusal, asking, found, refused } from "./refusals.ts";
import { knowsStartInterval } from "./start-checks.ts";
import { archiveOf } from "./uploads.ts";
import { isRecord, objects, text, texts } from "./values.ts";
import { removed } from "./waiting.ts";

/**
 * A container as the official provider makes, waits for and deletes it.
 * https://github.com/kreuzwerker/terraform-provider-docker/blob/master/internal/provider/resource_docker_container_funcs.go
 */
export const container: Kind = {
  async create(bench, subject) {
    const what = called(subject, "container");
    const { inputs, urn } = subject;
    const files = await archiveOf(inputs, bench.directory);
    const request = forEngine(bench, containerRequest(inputs));
    const made = await asking(`${what} cannot be created`, () =>
      bench.docker.createContainer({
        ...request,
        name: text(inputs["name"]),
        Labels: { ...(request["Labels"] as object | undefined), ...ownLabels(bench.owner, urn) },
      }),
    );
    try {
      await connect(bench, made, inputs, what);
      if (files !== undefined) {
        await asking(`the uploads of ${what} cannot be written`, () => made.putArchive(files, { path: "/" }));
      }
    } catch (error) {
      return partly(bench, subject, made.id, refused(what, error).message);
    }
    return started(bench, subject, made.id);
  },

  async update(bench, subject, id, before) {
    const what = called(subject, "container");
    const { inputs } = subject;
    if (await isForeign(bench, id, what)) throw foreign(what);
    const wanted = limitsRequest(inputs);
    if (JSON.stringify(wanted) !== JSON.stringify(limitsRequest(before)) || (await hasDrifted(bench, subject, id))) {
      await asking(`${what} cannot be updated`, () => bench.docker.getContainer(id).update(wanted) as Promise<unknown>);
    }
    // what an earlier run left half done is brought up now; for what runs and is healthy there is nothing to do
    return started(bench, subject, id);
  },

  async read(bench, subject, id) {
    const what = called(subject, "container");
    const info = await inspect(bench, id, what);
    if (info === undefined) return undefined;
    const { inputs } = subject;
    const mustRun = inputs["mustRun"] !== false && inputs["start"] !== false;
    if (mustRun && !info.State.Running && !info.State.Restarting) {
      // so does the provider: what must run and does not is deleted, and the next update makes a pristine one
      if (isOwn(info.Config.Labels, bench.owner)) await container.remove(bench, subject, id);
      return undefined;
    }
    const now = drifted(LIMITS, { ...inputs }, info);
    const name = info.Name.replace(/^\//, "");
    return {
      properties: told(info, inputs),
      inputs: {
        ...now,
        ...(inputs["name"] !== undefined && inputs["name"] !== name && { name }),
        ...networksRead(inputs, info),
      },
    };
  },

  async remove(bench, subject, id) {
    const what = called(subject, "container");
    const info = await inspect(bench, id, what);
    if (info === undefined) return;
    if (!isOwn(info.Config.Labels, bench.owner)) throw foreign(what);
    const { destroyGraceSeconds, removeVolumes, attach } = subject.inputs;
    const docker = bench.docker.getContainer(id);
    if (attach !== true && Number(destroyGraceSeconds ?? 0) > 0 && info.State.Running) {
      await found(`${what} cannot be stopped`, async () => {
        try {
          await docker.stop({ t: Number(destroyGraceSeconds) });
        } catch (error) {
          // it has just ended by itself
          if (!isRecord(error) || error["statusCode"] !== 304) throw error;
        }
      });
    }
    await removed(what, () => docker.remove({ force: true, v: removeVolumes !== false }) as Promise<unknown>);
    await gone(bench, id);
  },
};

/** Older engines refuse what they do not know. */
function forEngine(bench: Workbench, request: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const check = request["Healthcheck"];
  if (!isRecord(check) || check["StartInterval"] === undefined || knowsStartInterval(bench)) return request;
  bench.note(
    `healthcheck.startInterval needs Docker Engine 25, and this one speaks API ${bench.apiVersion}: the rehearsal makes those checks itself`,
  );
  return { ...request, Healthcheck: { ...check, StartInterval: undefined } };
}

async function connect(bench: Workbench, made: Docker.Container, inputs: Properties, what: string): Promise<void> {
  const networks = objects(inputs["networksAdvanced"]);
  if (networks.length === 0) return;
  await asking(`${what} cannot leave the network bridge`, async () => {
    try {
      await bench.docker.getNetwork("bridge").disconnect({ Container: made.id });
    } catch (error) {
      if (!/is not connected to/i.test(error instanceof Error ? error.message : "")) throw error;
    }
  });
  for (const network of networks) {
    const name = text(network["name"]);
    await asking(
      `${what} cannot join the network ${name}`,
      () =>
        bench.docker
          .getNetwork(name)
          .connect({ Container: made.id, EndpointConfig: endpoint(network) }) as Promise<unknown>,
    );
  }
}

/** Starts it where it is to start and waits as it asks for. What does not become ready stays, and the state knows it. */
async function started(bench: Workbench, subject: EngineSubject, id: string): Promise<EngineMade> {
  const what = called(subject, "container");
  const { inputs } = subject;
  const begun = Date.now();
  const info = await inspect(bench, id, what);
  if (info === undefined) throw new EngineRefusal(`${what} is gone: run pulumi refresh, then update again`, 404);
  if (inputs["start"] !== false && !info.State.Running && (inputs["mustRun"] !== false || neverRan(info))) {
    try {
      await asking(`${what} cannot be started`, () => bench.docker.getContainer(id).start() as Promise<unknown>);
    } catch (error) {
      return partly(bench, subject, id, refused(what, error).message);
    }
  }
  const outcome = await ready(bench, subject, id, begun);
  if (outcome.exited !== undefined) {
    // so does the provider: one that must run and ended at once is deleted
    const last = await logsOf(bench, id);
    await container.remove(bench, subject, id);
    throw new EngineRefusal(`${what} ${outcome.exited}${last === "" ? "" : `; its last words: ${last}`}`, 0);
  }
  if (outcome.notReady !== undefined) return partly(bench, subject, id, `${what} ${outcome.notReady}`);
  return { id, properties: { ...(await read(bench, id, what, inputs)), ...outcome.properties } };
}

function neverRan(info: ContainerInspectInfo): boolean {
  return info.State.Status === "created";
}

async function partly(bench: Workbench, subject: EngineSubject, id: string, notReady: string): Promise<EngineMade> {
  return { id, notReady, properties: await read(bench, id, called(subject, "container"), subject.inputs) };
}

async function read(bench: Workbench, id: string, what: string, inputs: Properties): Promise<Properties> {
  const info = await inspect(bench, id, what);
  return info === undefined ? {} : told(info, inputs);
}

function inspect({ docker }: Workbench, id: string, what: string): Promise<ContainerInspectInfo | undefined> {
  return found(`${what} cannot be read`, () => docker.getContainer(id).inspect());
}

async function isForeign(bench: Workbench, id: string, what: string): Promise<boolean> {
  const info = await inspect(bench, id, what);
  return info !== undefined && !isOwn(info.Config.Labels, bench.owner);
}

async function hasDrifted(bench: Workbench, subject: EngineSubject, id: string): Promise<boolean> {
  const info = await inspect(bench, id, called(subject, "container"));
  const now = drifted(LIMITS, { ...subject.inputs }, info);
  return LIMITS.some(([property]) => now[property] !== subject.inputs[property]);
}

function told(info: ContainerInspectInfo, inputs: Properties): Properties {
  const attached = Object.entries(info.NetworkSettings.Networks);
  return {
    hostname: info.Config.Hostname,
    networkDatas: attached.map(([networkName, settings]) => ({
      networkName,
      ipAddress: settings.IPAddress,
      ipPrefixLength: settings.IPPrefixLen,
      gateway: settings.Gateway,
      globalIpv6Address: settings.GlobalIPv6Address,
      globalIpv6PrefixLength: settings.GlobalIPv6PrefixLen,
      ipv6Gateway: settings.IPv6Gateway,
      macAddress: settings.MacAddress,
    })),
    ...(inputs["ports"] === undefined ? {} : { ports: portsRead(inputs, info.NetworkSettings.Ports) }),
    ...(info.State.Running ? {} : { exitCode: info.State.ExitCode }),
  };
}

/** The networks that it is still on; somebody may have taken it off one, or put it on another. */
function networksRead(inputs: Properties, info: ContainerInspectInfo): Properties {
  const given = objects(inputs["networksAdvanced"]);
  if (given.length === 0) return {};
  const attached = Object.entries(info.NetworkSettings.Networks);
  const isOn = ({ name }: Properties) =>
    attached.some(([own, { NetworkID }]) => own === name || NetworkID === name || NetworkID.startsWith(text(name)));
  const kept = given.filter(isOn);
  const names = texts(given.map(({ name }) => name));
  const others = attached.filter(([own, { NetworkID }]) => !names.includes(own) && !names.includes(NetworkID));
  if (kept.length === given.length && others.length === 0) return {};
  return { networksAdvanced: [...kept, ...others.map(([name]) => ({ name }))] };
}
