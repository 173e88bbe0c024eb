import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";

/** Where the images are, in the project; components/images.ts makes references of it. */
export const FILE = "components/images.json";

/** An image as the file has it. */
export interface Pin {
  readonly repository: string;
  readonly tag: string;
  readonly digest?: string;
  readonly why?: string;
}

export type Pins = Readonly<Record<string, Pin>>;

/** https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests */
export const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests, with a registry before it */
const REPOSITORY = /^(?:[\w.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const KNOWN: readonly string[] = ["repository", "tag", "digest", "why"];

/** Every image of the project, checked. */
export function readPins(project: string): Pins {
  const file = join(project, FILE);
  let pins: unknown;
  try {
    pins = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof SyntaxError ? "is no JSON" : "cannot be read";
    throw new BadInput(`${file} ${why}; write the folder of the project as --project.`);
  }
  if (typeof pins !== "object" || pins === null || Array.isArray(pins))
    throw new BadInput(`${file} is no object; write image names with { repository, tag } each.`);
  for (const [name, pin] of Object.entries(pins)) checkPin(`${file}: ${name}`, pin);
  return pins as Pins;
}

function checkPin(key: string, pin: unknown): void {
  const fields = typeof pin === "object" && pin !== null ? (pin as Readonly<Record<string, unknown>>) : {};
  const { repository, tag, digest } = fields;
  const stranger = Object.keys(fields).find((field) => !KNOWN.includes(field));
  if (stranger !== undefined) throw new BadInput(`${key}.${stranger} is not a field; write ${KNOWN.join(", ")}.`);
  requireText(`${key}.repository`, repository, REPOSITORY, 'a repository such as "quay.io/team/app"');
  requireText(`${key}.tag`, tag, TAG, 'a tag such as "1.2.3"');
  if (digest !== undefined)
    requireText(`${key}.digest`, digest, DIGEST, "what `groundwork images --pin` writes, or remove it");
}

function requireText(key: string, value: unknown, pattern: RegExp, instead: string): void {
  if (typeof value !== "string" || !pattern.test(value))
    throw new BadInput(`${key} is ${JSON.stringify(value)}; write ${instead}.`);
}

/** The file with these digests in place of its own: the whole of it, or as it was. */
export function writeDigests(project: string, pins: Pins, digests: ReadonlyMap<string, string>): void {
  const next = Object.entries(pins).map(([name, { repository, tag, digest: former, ...rest }]) => {
    const digest = digests.get(name) ?? former;
    return [name, { repository, tag, ...(digest !== undefined && { digest }), ...rest }];
  });
  const file = join(project, FILE);
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, `${JSON.stringify(Object.fromEntries(next), null, 2)}\n`, { flush: true });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
