import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { metricsServer, backupScript } from "../../../components/backup/script.ts";
import type { TierWork } from "../../../components/backup/script.ts";
import type { BackupSpec } from "../../../components/backup/spec.ts";
import { backupPlan } from "../../../components/backup/spec.ts";
import type { TierName } from "../../../components/workload/spec.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

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
    });
    return { status, output: stdout + stderr };
  }

  names(): string[] {
    return this.run("list").output.split("\n").filter(Boolean);
  }

  path(...parts: string[]): string {
    return join(this.folder, "data", ...parts);
  }
}
