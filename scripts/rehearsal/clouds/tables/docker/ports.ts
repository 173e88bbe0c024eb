import type { Ctx, Properties, Thing } from "../../table.ts";
import { list, plain, text } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { CONTAINER, SERVICE } from "./rules.ts";

interface Binding {
  readonly path: string;
  readonly ip: string;
  readonly port: number;
  readonly protocol: string;
}

const ANY = ["0.0.0.0", "::"];
const SOURCE = "https://docs.docker.com/engine/network/port-publishing/";

function bindings(inputs: Properties): Binding[] {
  const ofContainer = list(inputs.ports).map((each, index) => {
    const { external, ip, protocol } = plain(each);
    return { path: `ports[${index}].external`, ip: text(ip), port: external, protocol: text(protocol) };
  });
  const ofService = list(plain(inputs.endpointSpec).ports).map((each, index) => {
    const { publishedPort, protocol } = plain(each);
    return {
      path: `endpointSpec.ports[${index}].publishedPort`,
      ip: "",
      port: publishedPort,
      protocol: text(protocol),
    };
  });
  return [...ofContainer, ...ofService]
    .map((each) => ({ ...each, ip: each.ip || "0.0.0.0", protocol: each.protocol || "tcp", port: Number(each.port) }))
    .filter(({ port }) => port > 0);
}

function clash(one: Binding, other: Binding): boolean {
  if (one.port !== other.port || one.protocol !== other.protocol) return false;
  return one.ip === other.ip || ANY.includes(one.ip) || ANY.includes(other.ip);
}

function running(thing: Thing): boolean {
  return thing.inputs.start !== false;
}

/** The first host port from the wanted one on that nobody has, for the advice in the refusal. */
function free(wanted: Binding, taken: readonly Binding[]): number {
  for (let port = wanted.port + 1; port <= 65535; port++) {
    if (!taken.some((other) => clash({ ...wanted, port }, other))) return port;
  }
  return 0;
}

/** A host port belongs to one container or service of an engine; an address of `0.0.0.0` takes it on all addresses. */
export function portClash(ctx: Ctx): SourcedFailure | undefined {
  if (ctx.inputs.start === false) return undefined;
  const others = [CONTAINER, SERVICE]
    .flatMap((token) => ctx.all(token))
    .filter((thing) => thing.id !== ctx.old?.id && running(thing))
    .flatMap((thing) => bindings(thing.inputs).map((binding) => ({ binding, owner: text(thing.properties.name) })));
  const own = bindings(ctx.inputs);
  for (const [index, binding] of own.entries()) {
    const taken = [...others, ...own.slice(0, index).map((each) => ({ binding: each, owner: "this one" }))];
    const holder = taken.find((other) => clash(binding, other.binding));
    if (!holder) continue;
    const bound = `Bind for ${binding.ip}:${binding.port} failed: port is already allocated by ${holder.owner}`;
    const advice = `write another, e.g. ${free(
      binding,
      taken.map((each) => each.binding),
    )}`;
    return { path: binding.path, reason: `${bound}; ${advice}`, source: SOURCE };
  }
  return undefined;
}
