import type { DiffReport } from "@groundwork/lib/diff-report";
import { capacity, throughput } from "./capacity.ts";
import { cost } from "./cost.ts";
import { plain, plural } from "./format.ts";
import { policy, projection, quotas } from "./limits.ts";
import { resources } from "./resources.ts";
import type { Section } from "./tables.ts";

/** All that a report tells of one stack, in the order in which a person decides; a section with nothing to tell is left out. */
export function sections(report: DiffReport): readonly Section[] {
  const all = [
    resources(report),
    capacity(report),
    throughput(report),
    cost(report),
    policy(report),
    quotas(report),
    projection(report),
    notes(report),
  ];
  return all.filter(({ tables, lines }) => tables.length > 0 || lines.length > 0);
}

function notes({ notes: own, capacity: { after } }: DiffReport): Section {
  const lines = [...new Set([...own, ...after.notes])].map((note) => plain(note, LONGEST_SENTENCE));
  return { id: "notes", title: "Notes", summary: plural(lines.length, "note"), tables: [], lines };
}

const LONGEST_SENTENCE = 400;
