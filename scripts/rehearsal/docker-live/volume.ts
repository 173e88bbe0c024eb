import type { VolumeInspectInfo } from "dockerode";
import { type Row, labels, object } from "./codec.ts";
import { type Kind, type Workbench, called } from "./kind.ts";
import { foreign } from "./network.ts";
import { isOwn, ownLabels } from "./ownership.ts";
import { EngineRefusal, asking, found } from "./refusals.ts";
import { text } from "./values.ts";
import { removed } from "./waiting.ts";

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Volume/operation/VolumeCreate */
const ROWS: readonly Row[] = [
  ["name", "Name"],
  ["driver", "Driver"],
  ["driverOpts", "DriverOpts"],
  ["labels", "Labels", labels],
];
const request = object(ROWS);

export const volume: Kind = {
  async create(bench, subject) {
    const what = called(subject, "volume");
    const body = request.to(subject.inputs) as Record<string, unknown>;
    const name = text(subject.inputs["name"]);
    // the engine would answer with the one that is there, and a destroy would delete somebody else's data
    if (name !== "" && (await inspect(bench, name, what)) !== undefined) {
      throw new EngineRefusal(
        `${what} cannot be created: the engine has a volume of that name already: write another name, or remove that volume yourself`,
        409,
      );
    }
    const made = await asking(`${what} cannot be created`, () =>
      bench.docker.createVolume({
        ...body,
        Labels: {
          ...(body["Labels"] as Record<string, string> | undefined),
          ...ownLabels(bench.owner, subject.urn),
        },
      }),
    );
    const info = await inspect(bench, made.name, what);
    if (info === undefined) throw new EngineRefusal(`${what} is gone right after it was created: run this again`, 404);
    return { id: info.Name, properties: told(info) };
  },

  async read(bench, subject, id) {
    const info = await inspect(bench, id, called(subject, "volume"));
    // one of that name that carries no label of ours was made after ours had been removed
    if (info === undefined || !isOwn(info.Labels, bench.owner)) return undefined;
    return { properties: told(info), inputs: subject.inputs };
  },

  async remove(bench, subject, id) {
    const what = called(subject, "volume");
    const info = await inspect(bench, id, what);
    if (info === undefined) return;
    if (!isOwn(info.Labels, bench.owner)) throw foreign(what);
    await removed(what, () => bench.docker.getVolume(id).remove() as Promise<unknown>);
  },
};

function inspect({ docker }: Workbench, name: string, what: string): Promise<VolumeInspectInfo | undefined> {
  return found(`${what} cannot be read`, () => docker.getVolume(name).inspect());
}

function told({ Driver, Mountpoint, Name }: Pick<VolumeInspectInfo, "Driver" | "Mountpoint" | "Name">) {
  return { name: Name, driver: Driver, mountpoint: Mountpoint };
}
