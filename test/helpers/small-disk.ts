import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import { temporaryFolder } from "./folder.ts";

/** A file system that a test can fill without harm to others; leaving the `using` block unmounts it. */
export interface SmallDisk extends Disposable {
  readonly folder: string;
  fill(): void;
  empty(): void;
}

/** Linux, as root or with sudo. */
export function smallDisk(megabytes: number): SmallDisk {
  const folder = join(temporaryFolder(), "disk");
  mkdirSync(folder);
  asRoot("mount", "-t", "tmpfs", "-o", `size=${megabytes}m,mode=0777`, "tmpfs", folder);
  const ballast = join(folder, "ballast");
  return {
    folder,
    fill: () => {
      const { bavail, bsize } = statfsSync(folder);
      try {
        writeFileSync(ballast, Buffer.alloc(bavail * bsize));
      } catch (error) {
        // what is being tested writes too: full sooner is full
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    [Symbol.dispose]: () => asRoot("umount", "--lazy", folder),
  };
}

function asRoot(command: string, ...args: string[]): void {
  const words = [...(process.getuid?.() === 0 ? [] : ["sudo", "-n"]), command, ...args];
  const { exitCode, stderr } = execaSync(words[0] ?? "", words.slice(1), { reject: false });
  if (exitCode === 0) return;
  throw new Error(
    `a full disk is tried on a tmpfs, and \`${words.join(" ")}\` failed (${stderr}): run the tests where this user may mount one`,
  );
}
