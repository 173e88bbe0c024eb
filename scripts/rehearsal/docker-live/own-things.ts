import { BUILT_IMAGE, CONTAINER, NETWORK, SERVICE, VOLUME } from "../clouds/tables/docker/rules.ts";
import { CONFIG, SECRET } from "../clouds/tables/docker/swarm-data.ts";
import type { Workbench } from "./kind.ts";
import { OWNER_LABEL, RESOURCE_LABEL, isMadeAs, ownTags } from "./ownership.ts";
import { asking } from "./refusals.ts";
import { isRecord, objects, text, texts } from "./values.ts";

/** Something on the engine that carries a rehearsal's label. */
export interface OwnThing {
  readonly token: string;
  readonly id: string;
  readonly name: string;
  readonly urn: string;
}

/** Of a container that Swarm has made for a service. https://docs.docker.com/reference/cli/docker/service/ps/ */
export const SERVICE_LABEL = "com.docker.swarm.service.id";

type Labels = Readonly<Record<string, string>> | null | undefined;

/** The engine's own list of what a rehearsal has made. */
export async function ownThings({ docker, owner }: Workbench): Promise<readonly OwnThing[]> {
  const filters = { label: [`${OWNER_LABEL}=${owner}`] };
  const isManager = await asking("the engine's state", async () => {
    const { Swarm } = (await docker.info()) as { Swarm?: { ControlAvailable?: boolean } };
    return Swarm?.ControlAvailable === true;
  });
  const [containers, networks, volumes, images, services, secrets, configs] = await asking(
    "what is on the engine cannot be listed",
    () =>
      Promise.all([
        docker.listContainers({ all: true, filters }),
        docker.listNetworks({ filters }),
        docker.listVolumes({ filters: JSON.stringify(filters) as never }),
        docker.listImages({ filters: JSON.stringify(filters) as never }),
        isManager ? docker.listServices({ filters: JSON.stringify(filters) as never }) : [],
        isManager ? docker.listSecrets({ filters: JSON.stringify(filters) as never }) : [],
        isManager ? docker.listConfigs({ filters: JSON.stringify(filters) as never }) : [],
      ]),
  );
  const thing = (token: string, id: string, name: string, labels: Labels): OwnThing => ({
    token,
    id,
    name,
    urn: labels?.[RESOURCE_LABEL] ?? "",
  });
  // those of services, and of other people, carry the labels of the image where a rehearsal has built it
  const plain = containers.filter(({ Labels }) => isMadeAs(CONTAINER, Labels));
  return [
    ...plain.map(({ Id, Names, Labels }) => thing(CONTAINER, Id, (Names[0] ?? "").replace(/^\//, ""), Labels)),
    ...networks.map(({ Id, Name, Labels }) => thing(NETWORK, Id, Name, Labels)),
    ...volumes.Volumes.map(({ Name, Labels }) => thing(VOLUME, Name, Name, Labels)),
    ...images.flatMap(({ Id, RepoTags, Labels }) =>
      ownTags(texts(RepoTags), Labels).map((name) => thing(BUILT_IMAGE, Id.replace("sha256:", ""), name, Labels)),
    ),
    ...swarmThings(SERVICE, services),
    ...swarmThings(SECRET, secrets),
    ...swarmThings(CONFIG, configs),
  ];

  function swarmThings(token: string, listed: unknown): OwnThing[] {
    return objects(listed).map(({ ID, Spec }) => {
      const { Name, Labels } = isRecord(Spec) ? Spec : {};
      return thing(token, text(ID), text(Name), Labels as Labels);
    });
  }
}
