// Writes the service as plain JavaScript into the folder given: the image starts without stripping types, and a file
// that does not parse stops the build. https://nodejs.org/docs/latest-v24.x/api/module.html#modulestriptypescripttypescode-options
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";

const output = process.argv[2] ?? "build";
mkdirSync(output, { recursive: true });
for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith(".ts") && name !== "build.ts")) {
  const source = readFileSync(join(import.meta.dirname, file), "utf8");
  const script = stripTypeScriptTypes(source).replaceAll(/(from "\.\/[\w-]+)\.ts"/g, '$1.js"');
  writeFileSync(join(output, file.replace(/\.ts$/, ".js")), script);
}
