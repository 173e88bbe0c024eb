import { BadInput } from "@groundwork/lib/errors";
import { list, plain, text } from "../rehearsal/clouds/tables/values.ts";
import { bareKey, qualifiedKey, readProject, readYaml, stackFile } from "../rehearsal/project.ts";

/** The regions of a drill. */
export interface Regions {
  /** The one that is lost. */
  readonly lost: string;
  /** Whether it is the one that leads. */
  readonly leads: boolean;
  readonly others: readonly string[];
}

const KEY = "regions";

/** @throws BadInput when the stack has no region that can be lost, before anything is started */
export function regionsOf(directory: string, stack: string, wanted: string | undefined): Regions {
  const project = readProject(directory);
  const document = readYaml(stackFile(project, stack), `Pulumi.${stack}.yaml`).toJS() as Record<string, unknown> | null;
  const written = plain(document?.["config"])[qualifiedKey(project.name, KEY)];
  const regions = list(written ?? project.defaults[bareKey(project.name, KEY)]).map(plain);
  const names = regions.map(({ name }) => text(name));
  if (names.length < 2) {
    const why = names.length === 0 ? "no regions" : "one region, which nothing can take over from";
    throw new BadInput(`stack ${stack} has ${why}: drill one of a cloud target with two or more, such as prod`);
  }
  const primary = text(regions.find(({ role }) => role === "primary")?.["name"]);
  const lost = wanted ?? primary;
  if (!names.includes(lost)) {
    throw new BadInput(`--region ${lost} is not a region of ${stack}: write one of ${names.join(", ")}`);
  }
  return { lost, leads: lost === primary, others: names.filter((name) => name !== lost) };
}
