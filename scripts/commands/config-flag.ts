import { BadInput } from "@groundwork/lib/errors";
import { parse } from "yaml";
import type { ConfigChange } from "../rehearsal/settings.ts";

/** Collects a repeatable flag of the form `key=value`, whose values are YAML. */
export function configFlag(flag: string): (text: string, before: ConfigChange) => ConfigChange {
  return (text, before) => {
    const cut = text.indexOf("=");
    if (cut < 1) throw new BadInput(`${flag} ${text} names no value: write key=value, such as nodes.max=8`);
    return { ...before, [text.slice(0, cut)]: yamlValue(`${flag} ${text}`, text.slice(cut + 1)) };
  };
}

function yamlValue(what: string, value: string): unknown {
  try {
    return parse(value);
  } catch {
    throw new BadInput(`${what} has a value that is not YAML: write one such as 8, full or [a, b]`);
  }
}
