import { type Finders, type Sighting, scanText } from "./text.ts";

/** A piece of something that is no file: a property, a variable, a message. */
export interface Fragment<Place> {
  readonly place: Place;
  readonly text: string;
}

/** What is looked at together, in characters: each look has its price. */
const TOGETHER = 256 * 1024;

/** Looks for everything in many short texts. Lines count from the beginning of each. */
export async function* scanFragments<Place>(
  fragments: Iterable<Fragment<Place>>,
  finders: Finders,
): AsyncGenerator<{ readonly place: Place; readonly sighting: Sighting }> {
  let batch: Fragment<Place>[] = [];
  let length = 0;
  for (const fragment of fragments) {
    batch.push(fragment);
    length += fragment.text.length;
    if (length < TOGETHER) continue;
    yield* scanBatch(batch, finders);
    batch = [];
    length = 0;
  }
  yield* scanBatch(batch, finders);
}

async function* scanBatch<Place>(batch: readonly Fragment<Place>[], finders: Finders) {
  const starts: number[] = [];
  let lines = 0;
  for (const { text } of batch) {
    starts.push(lines);
    lines += text.split("\n").length;
  }
  for (const sighting of await scanText(batch.map(({ text }) => text).join("\n"), finders)) {
    const index = starts.findLastIndex((start) => start < sighting.line);
    const fragment = batch[index];
    if (fragment !== undefined)
      yield { place: fragment.place, sighting: { ...sighting, line: sighting.line - (starts[index] ?? 0) } };
  }
}
