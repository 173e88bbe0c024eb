import { BadInput } from "@groundwork/lib/errors";
import { choices } from "@groundwork/lib/suggest";
import type { Colour } from "../../components/gateway/switch.ts";
import { COLOURS } from "../../components/gateway/switch.ts";
import { REFERENCE } from "../systems/colours.ts";
import type { BlueGreenRelease, System } from "../systems/system.ts";
import type { Reader } from "./values.ts";
import { object, oneOf, record, text } from "./values.ts";

/** One workload's release, as a person writes it: a colour that is not written does not run. */
export interface ReleaseChoice {
  readonly live: Colour;
  readonly blue?: string;
  readonly green?: string;
}

const EXAMPLE = "ghcr.io/acme/api:1.4.2";
const REFERENCE_PATTERN = /^[a-z0-9][\w./-]*(:\d+\/[\w./-]+)?(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$/;

export const imageReference = text(REFERENCE_PATTERN, `an image reference with a tag or digest, e.g. "${EXAMPLE}"`);

const imageOfColour: Reader<string> = (value, key) =>
  value === REFERENCE
    ? REFERENCE
    : text(
        REFERENCE_PATTERN,
        `an image reference with a tag or digest, e.g. "${EXAMPLE}", or "${REFERENCE}" for the reference service`,
      )(value, key);

/** The keys that say what workloads run. */
interface Chosen {
  readonly releases: Readonly<Record<string, Readonly<Record<string, ReleaseChoice>>>>;
  readonly images: Readonly<Record<string, string>>;
}

/** What is left out is no image, which `object` cannot tell from one that is missing. */
const NONE = "";

const readRelease: Reader<ReleaseChoice> = (value, key) => {
  const { live, ...images } = object<Required<ReleaseChoice>>({
    live: { read: oneOf(...COLOURS) },
    blue: { read: imageOfColour, fallback: NONE },
    green: { read: imageOfColour, fallback: NONE },
  })(value, key);
  if (images[live] === NONE)
    throw new BadInput(
      `${key}.live is "${live}", and ${key}.${live} is missing; write its image, e.g. "${EXAMPLE}", or make the other colour live.`,
    );
  const { blue, green } = images;
  return { live, ...(blue !== NONE && { blue }), ...(green !== NONE && { green }) };
};

export const readReleases = record(
  () => record(() => readRelease, "workload names with a release each, { live, blue, green }"),
  "system names with their workloads",
);

/** The systems with what is released blue-green. @throws BadInput for what cannot be */
export function withReleases(project: string, settings: Chosen, systems: readonly System[]): readonly System[] {
  const key = `${project}:releases`;
  const names = systems.map(({ name }) => name);
  const stranger = Object.keys(settings.releases).find((name) => !names.includes(name));
  if (stranger !== undefined)
    throw new BadInput(`${key}.${stranger} is not a system of this stack; ${choices(stranger, names)}.`);
  return systems.map((system) => {
    const releases = Object.entries(settings.releases[system.name] ?? {});
    if (releases.length === 0 || system.docker === undefined) return system;
    for (const [workload] of releases) refuseUnlessReleasable(key, project, system, workload, settings);
    const named = releases.map(([workload, choice]) => [workload, releaseOf(choice)] as const);
    return { ...system, docker: { ...system.docker, releases: Object.fromEntries(named) } };
  });
}

function releaseOf({ live, ...images }: ReleaseChoice): BlueGreenRelease {
  return { live, images };
}

function refuseUnlessReleasable(
  key: string,
  project: string,
  { name: system, workloads }: System,
  workload: string,
  { images }: Chosen,
): void {
  const found = workloads.find(({ name }) => name === workload);
  const exposed = workloads.filter(({ exposure }) => exposure !== undefined).map(({ name }) => name);
  if (found === undefined)
    throw new BadInput(`${key}.${system}.${workload} is not a workload of ${system}; ${choices(workload, exposed)}.`);
  if (found.exposure === undefined)
    throw new BadInput(
      `${key}.${system}.${workload} is not behind the gateway, so that there are no requests to switch; write one of ${exposed.join(", ")}.`,
    );
  if (images[`${system}/${workload}`] !== undefined)
    throw new BadInput(
      `${key}.${system}.${workload} and ${project}:images.${system}/${workload} both say what ${workload} runs; remove the latter.`,
    );
}
