import type { Properties } from "../clouds/table.ts";
import { type Codec, type Row, duration, each, labels, object, ratio, variables } from "./codec.ts";
import { healthcheck, mount } from "./shared-fields.ts";
import { isRecord, objects, text, texts } from "./values.ts";

const strategy = object([
  ["parallelism", "Parallelism"],
  ["delay", "Delay", duration],
  ["failureAction", "FailureAction"],
  ["monitor", "Monitor", duration],
  ["maxFailureRatio", "MaxFailureRatio", ratio],
  ["order", "Order"],
]);

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Service/operation/ServiceCreate */
const READ_BY_ALL = 0o444;

/** A file of a secret or config; owner and mode have the provider's defaults, which the engine itself does not know. */
function file(kind: "secret" | "config"): Codec {
  const Kind = kind === "secret" ? "Secret" : "Config";
  const rows = object([
    [`${kind}Id`, `${Kind}ID`],
    [`${kind}Name`, `${Kind}Name`],
    ["fileName", "File.Name"],
    ["fileUid", "File.UID"],
    ["fileGid", "File.GID"],
    ["fileMode", "File.Mode"],
  ]);
  return {
    to: (given) => rows.to({ fileUid: "0", fileGid: "0", fileMode: READ_BY_ALL, ...(given as object) }),
    from: rows.from,
  };
}

const network: Codec = {
  to: (given) => {
    const { id, name, aliases, driverOpts } = isRecord(given) ? given : {};
    const options = texts(driverOpts).map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]);
    return {
      Target: id ?? name,
      ...(aliases === undefined ? {} : { Aliases: aliases }),
      ...(options.length === 0 ? {} : { DriverOpts: Object.fromEntries(options) as unknown }),
    };
  },
  from: (found) => {
    const { Target, Aliases } = isRecord(found) ? found : {};
    return { id: Target, ...(Aliases === undefined ? {} : { aliases: Aliases }) };
  },
};

const hosts: Codec = {
  to: (given) => objects(given).map(({ host, ip }) => `${text(ip)} ${text(host)}`),
  from: (found) => texts(found).map((line) => ({ host: line.split(" ")[1], ip: line.split(" ")[0] })),
};

/** `KIND=number`. */
const generic: Codec = {
  to: (given) =>
    texts(isRecord(given) ? given["discreteResourcesSpecs"] : undefined).map((written) => ({
      DiscreteResourceSpec: { Kind: written.split("=")[0], Value: Number(written.split("=")[1]) },
    })),
  from: (found) => ({
    discreteResourcesSpecs: objects(found).map(({ DiscreteResourceSpec: spec }) => {
      const { Kind, Value } = isRecord(spec) ? spec : {};
      return `${text(Kind)}=${Number(Value)}`;
    }),
  }),
};

const preferences: Codec = {
  to: (given) => texts(given).map((spread) => ({ Spread: { SpreadDescriptor: spread.replace(/^spread=/, "") } })),
  from: (found) =>
    objects(found).map(({ Spread: spread }) => `spread=${text(isRecord(spread) ? spread["SpreadDescriptor"] : "")}`),
};

const platforms = each(
  object([
    ["architecture", "Architecture"],
    ["os", "OS"],
  ]),
);

const CONTAINER: readonly Row[] = (
  [
    ["image", "Image"],
    ["args", "Args"],
    ["commands", "Command"],
    ["env", "Env", variables],
    ["dir", "Dir"],
    ["user", "User"],
    ["groups", "Groups"],
    ["hostname", "Hostname"],
    ["readOnly", "ReadOnly"],
    ["capAdds", "CapabilityAdd"],
    ["capDrops", "CapabilityDrop"],
    ["init", "Init"],
    ["stopSignal", "StopSignal"],
    ["stopGracePeriod", "StopGracePeriod", duration],
    ["sysctl", "Sysctls"],
    ["isolation", "Isolation"],
    ["labels", "Labels", labels],
    ["hosts", "Hosts", hosts],
    ["dnsConfig.nameservers", "DNSConfig.Nameservers"],
    ["dnsConfig.searches", "DNSConfig.Search"],
    ["dnsConfig.options", "DNSConfig.Options"],
    ["healthcheck", "Healthcheck", healthcheck],
    ["mounts", "Mounts", each(mount)],
    ["secrets", "Secrets", each(file("secret"))],
    ["configs", "Configs", each(file("config"))],
  ] satisfies Row[]
).map(([property, place, codec]): Row => {
  const at = `TaskTemplate.ContainerSpec.${place}`;
  const path = `taskSpec.containerSpec.${property}`;
  return codec === undefined ? [path, at] : [path, at, codec];
});

const TASK: readonly Row[] = (
  [
    ["resources.limits.nanoCpus", "Resources.Limits.NanoCPUs"],
    ["resources.limits.memoryBytes", "Resources.Limits.MemoryBytes"],
    ["resources.reservation.nanoCpus", "Resources.Reservations.NanoCPUs"],
    ["resources.reservation.memoryBytes", "Resources.Reservations.MemoryBytes"],
    ["resources.reservation.genericResources", "Resources.Reservations.GenericResources", generic],
    ["restartPolicy.condition", "RestartPolicy.Condition"],
    ["restartPolicy.delay", "RestartPolicy.Delay", duration],
    ["restartPolicy.maxAttempts", "RestartPolicy.MaxAttempts"],
    ["restartPolicy.window", "RestartPolicy.Window", duration],
    ["placement.constraints", "Placement.Constraints"],
    ["placement.prefs", "Placement.Preferences", preferences],
    ["placement.maxReplicas", "Placement.MaxReplicas"],
    ["placement.platforms", "Placement.Platforms", platforms],
    ["networksAdvanceds", "Networks", each(network)],
    ["logDriver.name", "LogDriver.Name"],
    ["logDriver.options", "LogDriver.Options"],
    ["forceUpdate", "ForceUpdate"],
    ["runtime", "Runtime"],
  ] satisfies Row[]
).map(([property, place, codec]): Row => {
  const path = `taskSpec.${property}`;
  return codec === undefined ? [path, `TaskTemplate.${place}`] : [path, `TaskTemplate.${place}`, codec];
});

const port = object([
  ["name", "Name"],
  ["protocol", "Protocol"],
  ["targetPort", "TargetPort"],
  ["publishedPort", "PublishedPort"],
  ["publishMode", "PublishMode"],
]);

/** A service in the engine's own words, both ways. */
export const SERVICE_ROWS: readonly Row[] = [
  ["name", "Name"],
  ...CONTAINER,
  ...TASK,
  ["mode.replicated.replicas", "Mode.Replicated.Replicas"],
  ["updateConfig", "UpdateConfig", strategy],
  ["rollbackConfig", "RollbackConfig", strategy],
  ["endpointSpec.mode", "EndpointSpec.Mode"],
  ["endpointSpec.ports", "EndpointSpec.Ports", each(port)],
];

const spec = object([...SERVICE_ROWS, ["labels", "Labels", labels]]);

/** The request that makes or changes a service, but for its own labels. */
export function serviceSpec(inputs: Properties): Readonly<Record<string, unknown>> {
  const mode = isRecord(inputs["mode"]) ? inputs["mode"] : {};
  const written = spec.to(inputs) as Record<string, unknown>;
  const kind = mode["global"] === true ? { Global: {} } : { Replicated: { Replicas: 1 } };
  return { ...written, Mode: mode["global"] === true ? kind : (written["Mode"] ?? kind) };
}
