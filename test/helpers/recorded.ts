import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { foldersFor } from "../../scripts/rehearsal/home.ts";

const RECORDED = fileURLToPath(new URL("../recorded", import.meta.url));

/**
 * What a release deployed: Pulumi's checkpoint, the simulated clouds, and the keys that both are sealed with. The
 * secrets in them were drawn by the simulator for this recording and open nothing.
 */
interface Recording {
  readonly checkpoint: string;
  readonly inventory: string;
  readonly keys: string;
}

const PROJECT = "groundwork";

export function saveRecording(release: string, project: string, stack: string): string {
  const paths = pathsOf(project, stack);
  const recording: Recording = {
    checkpoint: readFileSync(paths.checkpoint, "utf8"),
    inventory: readFileSync(paths.inventory, "utf8"),
    keys: readFileSync(paths.keys, "utf8"),
  };
  const file = fileOf(release, stack);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, gzipSync(JSON.stringify(recording), { level: 9 }));
  return file;
}

/** Lays a recording out as if an earlier rehearsal of this project had been kept. */
export function restoreRecording(release: string, project: string, stack: string): void {
  const recording = JSON.parse(gunzipSync(readFileSync(fileOf(release, stack))).toString("utf8")) as Recording;
  const paths = pathsOf(project, stack);
  rmSync(foldersFor(project, stack).backend, { recursive: true, force: true });
  for (const part of ["checkpoint", "inventory", "keys"] as const) {
    mkdirSync(dirname(paths[part]), { recursive: true });
    writeFileSync(paths[part], recording[part], { mode: 0o600 });
  }
}

function fileOf(release: string, stack: string): string {
  return join(RECORDED, release, `${stack}.json.gz`);
}

function pathsOf(project: string, stack: string): Recording {
  const { backend, inventory, keys } = foldersFor(project, stack);
  return { checkpoint: join(backend, ".pulumi/stacks", PROJECT, `${stack}.json`), inventory, keys };
}
