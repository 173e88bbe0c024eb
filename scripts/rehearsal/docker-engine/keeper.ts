import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isProcessAlive, processStart } from "../lock.ts";

/**
 * Runs a private engine for as long as a process of its users' folder lives: so it ends also when the last of them is
 * killed. A user may come while it makes up its mind, so it says that it leaves before it looks a last time.
 * Arguments: folder of the users, file that says that it leaves, the engine's command. Fields of proc(5)'s stat: see lock.ts.
 */
export const KEEPER = `
users=$1 leaving=$2
shift 2
"$@" &
engine=$!
isUsed() {
  for file in "$users"/*; do
    read -r started <"$file" && read -r stat <"/proc/\${file##*/}/stat" || continue
    fields=\${stat##*) }
    state=\${fields%% *}
    [ "$state" != Z ] && [ "$state" != X ] && [ "$(echo "$fields" | cut -d ' ' -f 20)" = "$started" ] && return 0
  done 2>/dev/null
  return 1
}
while kill -0 "$engine" 2>/dev/null; do
  if isUsed; then sleep 1; continue; fi
  : >"$leaving"
  if isUsed; then rm -f "$leaving"; continue; fi
  kill -TERM "$engine"
  break
done
wait "$engine"
`;

/** How often this process itself has joined, by folder: it needs the engine until it has left as often. */
const joined = new Map<string, number>();

/** Processes that need the engine, a file each. */
export class Users {
  readonly folder: string;
  /** There from when the engine's keeper has decided to end it. */
  readonly leaving: string;

  constructor(folder: string) {
    this.folder = join(folder, "users");
    this.leaving = join(folder, "leaving");
    mkdirSync(this.folder, { recursive: true });
  }

  add(): void {
    joined.set(this.folder, (joined.get(this.folder) ?? 0) + 1);
    writeFileSync(join(this.folder, String(process.pid)), `${processStart(process.pid) ?? ""}\n`);
  }

  remove(): void {
    const left = (joined.get(this.folder) ?? 1) - 1;
    joined.set(this.folder, left);
    if (left > 0) return;
    rmSync(join(this.folder, String(process.pid)), { force: true });
  }

  /** Forgets those that have died, and says whether any is left. */
  areThere(): boolean {
    for (const name of readdirSync(this.folder)) {
      if (this.#isAlive(name)) return true;
      rmSync(join(this.folder, name), { force: true });
    }
    return false;
  }

  #isAlive(name: string): boolean {
    try {
      const started = readFileSync(join(this.folder, name), "utf8").trim();
      return isProcessAlive(Number(name)) && processStart(Number(name)) === started;
    } catch {
      return false; // it has just left
    }
  }
}
