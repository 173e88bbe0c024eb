import type { BlobScanner } from "./blob-scanner.ts";
import { type Exposure, exposureKey, exposuresOf } from "./finding.ts";
import { type Fragment, scanFragments } from "./fragments.ts";
import { Repository } from "./repository.ts";

export interface RepositoryScan {
  readonly target: string;
  readonly exposures: readonly Exposure[];
  /** Root of the work tree. */
  readonly folder: string;
  /** Whether commits of its origin are not there, and were not looked at. */
  readonly isShallow: boolean;
}

interface Occurrence {
  readonly path: string;
  readonly commit: string;
  readonly date: string;
  /** Which commit it is, parents first. */
  readonly order: number;
}

type Found = Exposure & { readonly order?: number };

/** Tells how far it is, after each of so many. */
const TELL_EACH = 200;

/** Files as they are, every version of them in history, the messages of commits and the names of files. */
export async function scanRepository(
  folder: string,
  withHistory: boolean,
  scanner: BlobScanner,
  tell: (doing: string) => void,
): Promise<RepositoryScan> {
  const repository = await Repository.open(folder);
  const target = `repository ${repository.folder}`;
  const found = new Map<string, Found>();
  const paths = new Set<string>();
  await scanFiles(repository, target, scanner, found, paths, tell);
  const messages: Exposure[] = [];
  if (withHistory) {
    const occurrences = new Map<string, Occurrence[]>();
    for await (const message of scanCommits(repository, target, scanner, occurrences, paths)) messages.push(message);
    await scanVersions(repository, target, scanner, occurrences, found, tell);
  }
  for await (const { place, sighting } of scanFragments(namesOf(paths), scanner.finders)) {
    const { line: _, ...rest } = sighting;
    const exposure: Exposure = {
      ...rest,
      target,
      where: "work-tree",
      path: place,
      lines: [],
      property: "name of the file",
    };
    found.set(exposureKey(exposure), exposure);
  }
  const files = [...found.values()].map(({ order: _, ...exposure }) => exposure);
  return { target, exposures: [...files, ...messages], folder: repository.folder, isShallow: repository.isShallow };
}

function* namesOf(paths: Iterable<string>): Generator<Fragment<string>> {
  for (const path of paths) yield { place: path, text: path };
}

async function scanFiles(
  repository: Repository,
  target: string,
  scanner: BlobScanner,
  found: Map<string, Found>,
  paths: Set<string>,
  tell: (doing: string) => void,
): Promise<void> {
  const files = await repository.files();
  for (const [index, path] of files.entries()) {
    paths.add(path);
    if (index % TELL_EACH === 0) tell(`${index} of ${files.length} files`);
    const content = await repository.file(path);
    if (content === undefined) continue;
    for (const exposure of exposuresOf(await scanner.scan(content), { target, where: "work-tree", path }))
      found.set(exposureKey(exposure), exposure);
  }
}

/** Collects which commit has brought which version, and looks at what the commits say. */
async function* scanCommits(
  repository: Repository,
  target: string,
  scanner: BlobScanner,
  occurrences: Map<string, Occurrence[]>,
  paths: Set<string>,
): AsyncGenerator<Exposure> {
  const messages: Fragment<{ readonly id: string; readonly date: string }>[] = [];
  const seen = new Set<string>();
  let order = 0;
  for await (const { id, date, message, blobs } of repository.commits()) {
    order += 1;
    messages.push({ place: { id, date }, text: message });
    for (const { oid, path } of blobs) {
      paths.add(path);
      const key = `${oid} ${path}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const known = occurrences.get(oid) ?? [];
      known.push({ path, commit: id, date, order });
      occurrences.set(oid, known);
    }
  }
  scanner.counts.commits += order;
  for await (const { place, sighting } of scanFragments(messages, scanner.finders)) {
    const { line, ...rest } = sighting;
    const where = { where: "commit-message", path: "commit message", commit: place.id, date: place.date } as const;
    yield { ...rest, target, ...where, lines: [line] };
  }
}

async function scanVersions(
  repository: Repository,
  target: string,
  scanner: BlobScanner,
  occurrences: ReadonlyMap<string, readonly Occurrence[]>,
  found: Map<string, Found>,
  tell: (doing: string) => void,
): Promise<void> {
  let done = 0;
  const unknown: string[] = [];
  for (const [oid, places] of occurrences) {
    const sightings = scanner.known(oid);
    if (sightings === undefined) unknown.push(oid);
    else for (const place of places) merge(found, target, place, sightings);
  }
  for await (const content of repository.contents(unknown)) {
    if (done++ % TELL_EACH === 0) tell(`${done} of ${unknown.length} versions in the history`);
    const sightings = await scanner.scan(content);
    for (const place of occurrences.get(content.oid) ?? []) merge(found, target, place, sightings);
  }
}

/** One finding for each file and text, however many versions have it, with the commit that brought it. */
function merge(
  found: Map<string, Found>,
  target: string,
  { path, commit, date, order }: Occurrence,
  sightings: Parameters<typeof exposuresOf>[0],
): void {
  for (const exposure of exposuresOf(sightings, { target, where: "history", path })) {
    const key = exposureKey(exposure);
    const known: Found = found.get(key) ?? exposure;
    const isEarlier = known.order === undefined || order < known.order;
    const versions = (known.versions ?? 0) + 1;
    const lines = known.where === "history" && isEarlier ? exposure.lines : known.lines;
    found.set(key, { ...known, versions, lines, ...(isEarlier && { commit, date, order }) });
  }
}
