import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { temporaryFolder } from "../../../helpers/folder.ts";

const BUILD = join(import.meta.dirname, "../../../../components/reference/service/kernel/build.ts");

/** The path of the kernel, compiled by the script that the Dockerfile runs. */
export function compiledKernel(): string {
  const file = join(temporaryFolder(), "kernel.wasm");
  execFileSync(process.execPath, [BUILD, file], { stdio: "pipe" });
  return file;
}
