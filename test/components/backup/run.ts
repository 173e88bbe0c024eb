import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { metricsServer, backupScript } from "../../../components/backup/script.ts";
import type { TierWork } from "../../../components/backup/script.ts";
import type { BackupSpec } from "../../../components/backup/spec.ts";
import { backupPlan } from "../../../components/backup/spec.ts";
import type { TierName } from "../../../components/workload/spec.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { give } from "../../helpers/server.ts";

export const PASSWORD = "canary";

export interface Result {
  readonly status: number | null;
  readonly output: string;
}

/** A generated script with its folder, run as its container would run it. */
export class BackupUnderTest {
  readonly folder: string;
  readonly script: string;
  readonly passwordFile: string;
  readonly shell: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Runs as this user, whose the folder is; default as the tests do. */
  owner: { uid?: number; gid?: number } = {};

  constructor(tier: TierName, work: TierWork, environment: NodeJS.ProcessEnv, spec: BackupSpec = {}, port = 0) {
    this.folder = temporaryFolder({ password: PASSWORD, "metrics.pl": metricsServer() });
    this.passwordFile = join(this.folder, "password");
    this.script = join(this.folder, "backup.sh");
    this.shell = work.shell;
    this.environment = { PATH: process.env["PATH"], ...environment };
    const metrics = { port, server: join(this.folder, "metrics.pl") };
    const args = { system: "s", tier, folder: join(this.folder, "data"), plan: backupPlan(spec), work, metrics };
    writeFileSync(this.script, backupScript(args));
  }

  run(...args: string[]): Result {
    const { status, stdout, stderr } = spawnSync(this.shell, [this.script, ...args], {
      encoding: "utf8",
      env: this.environment,
      timeout: 60_000,
      ...this.owner,
    });
    return { status, output: stdout + stderr };
  }

  /** Gives it to a user: PostgreSQL's own programs refuse to be run by root. */
  ownedBy(owner: { uid?: number; gid?: number }): void {
    this.owner = owner;
    for (const path of ["", "password", "backup.sh"]) give(join(this.folder, path), owner);
  }

  names(): string[] {
    return this.run("list").output.split("\n").filter(Boolean);
  }

  path(...parts: string[]): string {
    return join(this.folder, "data", ...parts);
  }
}
