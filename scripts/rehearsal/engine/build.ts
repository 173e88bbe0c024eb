import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findGo, runGo } from "./go.ts";
import type { InstallJob } from "./install.ts";
import { MINIMUM_GO_VERSION } from "./versions.ts";

const MODULE = "github.com/pulumi/pulumi/pkg/v3";

/** Builds the CLI, which has the whole engine in it, from its Go module. Everything that Go writes goes into the job's folders. */
export async function buildFromGoModule(job: InstallJob): Promise<void> {
  const go = await findGo(job.env, job.temporary, MINIMUM_GO_VERSION);
  // apart from the caches, which Go would else take for packages of this module
  const module = join(job.temporary, "module");
  await mkdir(module);
  await writeFile(join(module, "go.mod"), goMod(job.version));
  job.progress(`engine: downloading the Go modules of pulumi ${job.version} (about 30 s, 2 GB, removed afterwards)`);
  await runGo(go, ["mod", "tidy"], module);
  job.progress(`engine: compiling pulumi ${job.version} (about 2 min on 2 cores; once, then it is cached)`);
  const output = ["-ldflags", linkerFlags(job.version), "-o", join(job.folder, "pulumi")];
  await runGo(go, ["build", ...output, `${MODULE}/cmd/pulumi`], module);
}

function goMod(version: string): string {
  return `module pulumicli

go ${MINIMUM_GO_VERSION}

// a replace in the CLI's own go.mod, which does not reach those who build it as a dependency
replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e

require ${MODULE} v${version}

tool ${MODULE}/cmd/pulumi
`;
}

/** Without symbols, a third smaller; the version is what the CLI tells and what it checks SDKs against. */
function linkerFlags(version: string): string {
  return `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`;
}
