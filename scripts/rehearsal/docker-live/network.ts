import type Docker from "dockerode";
import type { NetworkInspectInfo } from "dockerode";
import type { Properties } from "../clouds/table.ts";
import { type Row, labels, object } from "./codec.ts";
import { type Kind, type Workbench, called } from "./kind.ts";
import { isOwn, ownLabels } from "./ownership.ts";
import { EngineRefusal, asking, found } from "./refusals.ts";
import { ensureSwarm } from "./swarm.ts";
import { isRecord, objects, text } from "./values.ts";
import { removed } from "./waiting.ts";

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Network/operation/NetworkCreate */
const ROWS: readonly Row[] = [
  ["name", "Name"],
  ["driver", "Driver"],
  ["internal", "Internal"],
  ["attachable", "Attachable"],
  ["ingress", "Ingress"],
  ["ipv6", "EnableIPv6"],
  ["options", "Options"],
  ["labels", "Labels", labels],
  ["ipamDriver", "IPAM.Driver"],
  ["ipamOptions", "IPAM.Options"],
];
const request = object(ROWS);

export const network: Kind = {
  async create(bench, subject) {
    const what = called(subject, "network");
    const { inputs, urn } = subject;
    if (text(inputs["driver"]) === "overlay") await ensureSwarm(bench, what);
    const body = request.to(inputs) as Record<string, unknown>;
    const ipam = isRecord(body["IPAM"]) ? body["IPAM"] : {};
    const settings = {
      ...body,
      CheckDuplicate: true,
      Labels: { ...(body["Labels"] as object | undefined), ...ownLabels(bench.owner, urn) },
      IPAM: { Driver: "default", ...ipam, Config: objects(inputs["ipamConfigs"]).map(ipamConfig) },
    };
    const made = await asking(`${what} cannot be created`, () =>
      bench.docker.createNetwork(settings as unknown as Docker.NetworkCreateOptions),
    );
    const info = await inspect(bench, made.id, what);
    return { id: made.id, properties: info === undefined ? {} : told(info, inputs) };
  },

  async read(bench, subject, id) {
    const info = await inspect(bench, id, called(subject, "network"));
    return info === undefined ? undefined : { properties: told(info, subject.inputs), inputs: subject.inputs };
  },

  async remove(bench, subject, id) {
    const what = called(subject, "network");
    const info = await inspect(bench, id, what);
    if (info === undefined) return;
    if (!isOwn(info.Labels, bench.owner)) throw foreign(what);
    await removed(what, () => bench.docker.getNetwork(id).remove());
  },
};

/** What carries no label of this rehearsal is somebody else's, whatever the state says. */
export function foreign(what: string): EngineRefusal {
  return new EngineRefusal(
    `${what} is not removed: it carries no label of this rehearsal, so somebody else made it; remove it yourself, or take it out of the state`,
    0,
  );
}

async function inspect({ docker }: Workbench, id: string, what: string): Promise<NetworkInspectInfo | undefined> {
  return found(`${what} cannot be read`, () => docker.getNetwork(id).inspect());
}

function ipamConfig(config: Properties) {
  const { subnet, gateway, ipRange, auxAddress } = config;
  return {
    ...(subnet === undefined ? {} : { Subnet: subnet }),
    ...(gateway === undefined ? {} : { Gateway: gateway }),
    ...(ipRange === undefined ? {} : { IPRange: ipRange }),
    ...(auxAddress === undefined ? {} : { AuxiliaryAddresses: auxAddress }),
  };
}

/** What the engine has chosen. Swarm gives an overlay its subnet when the first task comes. */
function told(info: NetworkInspectInfo, inputs: Properties): Properties {
  const configs = objects(info.IPAM?.Config).map((config) => ({
    subnet: config["Subnet"],
    ...(text(config["Gateway"]) === "" ? {} : { gateway: config["Gateway"] }),
  }));
  return {
    scope: info.Scope,
    ...(inputs["ipamConfigs"] === undefined && configs.length > 0 && { ipamConfigs: configs }),
  };
}
