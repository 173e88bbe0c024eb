import { BadInput } from "@groundwork/lib/errors";
import { isScalar, parseDocument, visit } from "yaml";
import type { ConfigChange } from "../rehearsal/settings.ts";

/** Collects a repeatable flag of the form `key=value`, whose values are YAML. */
export function configFlag(flag: string): (text: string, before: ConfigChange) => ConfigChange {
  return (text, before) => {
    const cut = text.indexOf("=");
    if (cut < 1) throw new BadInput(`${flag} ${text} names no value: write key=value, such as nodes.max=8`);
    const key = text.slice(0, cut);
    return { ...before, [key]: yamlValue(`${flag} ${key}`, text.slice(cut + 1)) };
  };
}

/**
 * What YAML makes of the text, where it is the same: a number that would be written in another way (`1.30`, `0x10`, an
 * account id with a leading zero) stays the text that it was typed as, and nothing, or what YAML takes for a remark, is no
 * null.
 */
function yamlValue(what: string, value: string): unknown {
  const document = parseDocument(value);
  if (document.errors.length > 0) {
    throw new BadInput(`${what} has a value that is not YAML: write one such as 8, full or [a, b]`);
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null && contents.source === "")) {
    return value.trim();
  }
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === "number" && node.source !== String(node.value)) node.value = node.source;
    },
  });
  return document.toJS();
}
