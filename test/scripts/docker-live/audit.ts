import type Docker from "dockerode";
import type { ContainerInspectInfo } from "dockerode";
import { execa } from "execa";
import { pathToFileURL } from "node:url";
import { type ExportedState, resourcesOf } from "../../../scripts/rehearsal/deployment.ts";
import { loadKeys } from "../../../scripts/rehearsal/keys.ts";
import { texts } from "../../../scripts/rehearsal/docker-live/values.ts";
import type { Session } from "../../../scripts/rehearsal/session.ts";
import { type Hidden, leaksOf } from "../../helpers/leaks.ts";
import { logs } from "../../images/running.ts";

const CONTAINER = "docker:index/container:Container";
const NETWORK = "docker:index/network:Network";
const VOLUME = "docker:index/volume:Volume";
const RANDOM_PASSWORD = "random:index/randomPassword:RandomPassword";

/** What lets a container do more than it must, one sentence each; `hasUploads`: Docker refuses those on a read-only root. */
export function unconfined(info: ContainerInspectInfo, hasUploads: boolean): string[] {
  const { HostConfig: host, Config: config, Mounts: mounts } = info;
  const [drops, adds, options] = [host.CapDrop, host.CapAdd, host.SecurityOpt].map(texts) as [
    string[],
    string[],
    string[],
  ];
  const writable = mounts.filter(({ Type, RW }) => Type === "bind" && RW).map(({ Source }) => Source);
  const faults: readonly (readonly [boolean, string])[] = [
    [/^(|0|root)(:|$)/.test(config.User), "runs as root"],
    [/:(0|root)$/.test(config.User), "runs in root's group"],
    [(host.Memory ?? 0) === 0, "has no limit of memory"],
    [host.MemorySwap !== host.Memory, "may swap"],
    [(host.NanoCpus ?? 0) === 0, "has no limit of CPU"],
    [!drops.includes("ALL"), "keeps capabilities"],
    [adds.length > 0, `has capabilities added: ${adds.join(", ")}`],
    [host.Privileged === true, "is privileged"],
    [!options.includes("no-new-privileges:true"), "may get new privileges"],
    [options.some((option) => option.endsWith("unconfined")), "is outside seccomp or AppArmor"],
    [host.ReadonlyRootfs !== true && !hasUploads, "has a root that can be written, and nothing is put into it"],
    [host.NetworkMode === "host" || host.PidMode === "host" || host.IpcMode === "host", "shares the host's namespaces"],
    [writable.length > 0, `can write folders of the host: ${writable.join(", ")}`],
    [host.RestartPolicy?.Name !== "unless-stopped", "does not come back by itself"],
    [config.Healthcheck === undefined, "has no health check"],
  ];
  return faults.flatMap(([isFault, what]) => (isFault ? [`${info.Name.slice(1)} ${what}`] : []));
}

/** The same for each container of a state that is on the engine, and how many those are. */
export async function audited(
  docker: Docker,
  state: ExportedState,
): Promise<{ readonly containers: number; readonly faults: readonly string[] }> {
  const found = await Promise.all(
    (await namesOn(docker, state, CONTAINER)).map(async ({ name, inputs }) => {
      const uploads = (inputs["uploads"] ?? []) as readonly unknown[];
      return unconfined(await docker.getContainer(name).inspect(), uploads.length > 0);
    }),
  );
  return { containers: found.length, faults: found.flat() };
}

/**
 * Where a secret of the state can be read by whoever may look and not enter: what `docker inspect` tells of containers,
 * images, networks and volumes, how the images were made, and what the containers write.
 */
export async function leaksOnEngine(
  docker: Docker,
  state: ExportedState,
  hidden: readonly Hidden[],
): Promise<readonly string[]> {
  const read: Record<string, string> = {};
  for (const { name } of await namesOn(docker, state, CONTAINER)) {
    const container = docker.getContainer(name);
    const info = await container.inspect();
    const image = docker.getImage(info.Image);
    read[`inspect of ${name}`] = JSON.stringify(info);
    read[`image of ${name}`] = JSON.stringify([await image.inspect(), await image.history()]);
    read[`log of ${name}`] = await logs(container);
  }
  for (const { name } of await namesOn(docker, state, NETWORK))
    read[`network ${name}`] = JSON.stringify(await docker.getNetwork(name).inspect());
  for (const { name } of await namesOn(docker, state, VOLUME))
    read[`volume ${name}`] = JSON.stringify(await docker.getVolume(name).inspect());
  return leaksOf(hidden, { folders: [], texts: read });
}

interface Named {
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What is left out is in the state and not on the engine. */
async function namesOn(docker: Docker, state: ExportedState, type: string): Promise<Named[]> {
  const there = new Set(await present(docker, type));
  return resourcesOf(state)
    .filter((resource) => resource.type === type)
    .map(({ inputs = {} }) => ({ name: String(inputs["name"]), inputs }))
    .filter(({ name }) => there.has(name));
}

async function present(docker: Docker, type: string): Promise<readonly string[]> {
  if (type === NETWORK) return (await docker.listNetworks()).map(({ Name }) => Name);
  if (type === VOLUME) return (await docker.listVolumes()).Volumes.map(({ Name }) => Name);
  return (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names.map((name) => name.slice(1)));
}

/** Every password and key that the stack has made, by the name of its resource, as only the holder of the passphrase reads them. */
export async function secretsOf(session: Session, stack: string): Promise<ReadonlyMap<string, string>> {
  const { engine, folders } = session;
  const { stdout } = await execa(engine.pulumi, ["stack", "export", "--stack", stack, "--show-secrets"], {
    cwd: folders.copy,
    env: {
      PATH: [engine.binDir, process.env["PATH"] ?? ""].join(":"),
      HOME: folders.temporary,
      ...engine.env,
      PULUMI_HOME: folders.pulumiHome,
      PULUMI_BACKEND_URL: pathToFileURL(folders.backend).href,
      PULUMI_CONFIG_PASSPHRASE: loadKeys(folders.keys).passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
    extendEnv: false,
  });
  const made = resourcesOf(JSON.parse(stdout) as ExportedState).filter(({ type }) => type === RANDOM_PASSWORD);
  return new Map(made.map(({ urn, outputs }) => [urn.split("::").at(-1) ?? urn, plaintext(outputs?.["result"])]));
}

function plaintext(value: unknown): string {
  const text: unknown = JSON.parse((value as { readonly plaintext: string }).plaintext);
  if (typeof text !== "string") throw new Error("a password is no text");
  return text;
}
