// Writes the service as plain JavaScript into the folder given: the image starts without stripping types, and a file
// that does not parse stops the build. https://nodejs.org/docs/latest-v24.x/api/module.html#modulestriptypescripttypescode-options
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";

const output = process.argv[2] ?? "build";
/** AssemblyScript is another language, and what builds is not part of what is built. */
const LEFT_OUT = ["node_modules/**", "assembly/**", "**/build.ts", "**/*.d.ts"];

for (const file of globSync("**/*.ts", { cwd: import.meta.dirname, exclude: LEFT_OUT })) {
  const source = readFileSync(join(import.meta.dirname, file), "utf8");
  const target = join(output, file.replace(/\.ts$/, ".js"));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(
    target,
    stripTypeScriptTypes(source).replaceAll(/((?:from|import) "\.{1,2}\/[\w./-]+)\.ts"/g, '$1.js"'),
  );
}
