// Compiles assembly/ into the file given, with the options of assembly/asconfig.json: AssemblyScript emits, and its
// binaryen optimises until nothing more is gained. The Dockerfile and the tests both build the kernel by this script.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const output = resolve(process.argv[2] ?? "build/kernel/kernel.wasm");
const assembly = join(import.meta.dirname, "../assembly");
const compiler = fileURLToPath(new URL("../bin/asc.js", import.meta.resolve("assemblyscript")));

mkdirSync(dirname(output), { recursive: true });
execFileSync(
  process.execPath,
  [compiler, "index.ts", "--config", "asconfig.json", "--target", "release", "--outFile", output],
  // paths in the configuration are relative to the folder that the compiler runs in
  { cwd: assembly, stdio: "inherit" },
);
