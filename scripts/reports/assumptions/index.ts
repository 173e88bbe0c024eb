import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Assumptions } from "@groundwork/lib/capacity/assumptions";
import { nothingAssumed } from "@groundwork/lib/capacity/assumptions";
import { BadInput } from "@groundwork/lib/errors";
import { parseDocument } from "yaml";
import { FILE, object, only } from "./checks.ts";
import { parseDemand } from "./demand.ts";
import { parseModel } from "./model.ts";
import { parseGrowth, parseHost } from "./numbers.ts";
import { parseUsage } from "./usage.ts";

const SECTIONS = ["demand", "growth", "model", "host", "usage"] as const;

/**
 * What a project's `capacity.yaml` states of one stack; without the file, or the stack in it, nothing is stated.
 * @throws BadInput for what is no YAML, a key that does not exist, or a value of the wrong shape
 */
export function readAssumptions(projectRoot: string, stack: string): Assumptions {
  const path = join(projectRoot, FILE);
  if (!existsSync(path)) return nothingAssumed(stack);
  const stacks = parsed(path);
  const own = Object.hasOwn(stacks, stack) ? stacks[stack] : undefined;
  if (own === undefined || own === null) return nothingAssumed(stack);
  const sections = only(object(own, stack, "sections such as demand"), SECTIONS, stack);
  const { demand, growth, model, host, usage } = sections;
  // lib/pricing asks for it by its own name; what is wrong in it is told here, with the rest
  parseUsage(usage, `${stack}.usage`);
  return {
    stack,
    demand: parseDemand(demand, `${stack}.demand`),
    growth: parseGrowth(growth, `${stack}.growth`),
    model: parseModel(model, `${stack}.model`),
    ...(host === undefined ? {} : { host: parseHost(host, `${stack}.host`) }),
    usage: usage === undefined || usage === null ? {} : object(usage, `${stack}.usage`, "systems"),
  };
}

function parsed(path: string): Readonly<Record<string, unknown>> {
  const document = parseDocument(readFileSync(path, "utf8"));
  const [first] = document.errors;
  if (first !== undefined) {
    const line = first.linePos?.[0].line ?? 1;
    const reason = first.message.split(/\s+at line|\n/)[0]?.replace(/:$/, "");
    throw new BadInput(`${FILE} is not valid YAML at line ${line} (${reason}): correct that line of ${path}`);
  }
  return object(document.toJS() ?? {}, "its top", "names of stacks with sections below them");
}
