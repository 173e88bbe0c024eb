import { ensureBinaries } from "../../../scripts/rehearsal/control-planes/build.ts";

/** A process of its own that wants the control plane's programs: tells what it does, a line each, and at last that it has them. */
const [, , cacheDir = ""] = process.argv;
const told = (line: string): void => void process.stdout.write(`${line}\n`);
await ensureBinaries({ cacheDir, progress: told });
told("has them");
