import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** A value that must be nowhere, under a name that says nothing of it. */
export interface Hidden {
  readonly name: string;
  readonly value: string;
}

/** Every form in which programs write a text down. */
function formsOf(value: string): Buffer[] {
  const json = JSON.stringify(value).slice(1, -1);
  // Go's encoding/json escapes what HTML would take for its own. https://pkg.go.dev/encoding/json#HTMLEscape
  const goJson = json.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
  const texts = [value, json, goJson, JSON.stringify(goJson).slice(1, -1), encodeURIComponent(value), encodeURI(value)];
  const encoded = [0, 1, 2].flatMap((offset) => {
    const inside = withoutEdges(Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]).toString("base64"), offset);
    return [inside, inside.replaceAll("+", "-").replaceAll("/", "_")];
  });
  return [...new Set([...texts, ...encoded, Buffer.from(value).toString("hex")])].map((text) => Buffer.from(text));
}

/** The digits of a base64 text which do not depend on what stands before and after the value. */
function withoutEdges(base64: string, offset: number): string {
  return base64.slice(offset === 0 ? 0 : 4).replace(/.{0,3}=*$/, "");
}

/** Where, in these texts and in all files below these folders, something hidden can be read. */
export function leaksOf(
  hidden: readonly Hidden[],
  where: { readonly folders: readonly string[]; readonly texts: Readonly<Record<string, string>> },
): string[] {
  const files = where.folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const contents: [string, Buffer][] = [
    ...Object.entries(where.texts).map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]),
    ...files.map((file): [string, Buffer] => [file, readFileSync(file)]),
  ];
  const forms = hidden.flatMap(({ name, value }) => formsOf(value).map((form) => ({ name, form })));
  return contents.flatMap(([place, content]) => {
    const found = forms.filter(({ form }) => content.includes(form)).map(({ name }) => name);
    return [...new Set(found)].map((name) => `${name} in ${place}`);
  });
}
