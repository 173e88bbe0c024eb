import { existsSync } from "node:fs";
import { join } from "node:path";
import { CLOUDFLARE_PLANS } from "@groundwork/lib/cloudflare-plans";
import type { CloudflarePlan } from "@groundwork/lib/cloudflare-plans";
import { BadInput } from "@groundwork/lib/errors";
import { readYaml } from "./project.ts";

/** Config keys (Pulumi's path notation, e.g. `workloads.tracks.scraper.replicas`) and the values to set them to. */
export type ConfigChange = Readonly<Record<string, unknown>>;

/** What `rehearsal.yaml` says of one stack: everything a rehearsal does there besides deploying it. */
export interface StackSettings {
  /** The capacity change that is previewed and applied. Default: none, and the two operations are left out. */
  readonly change: ConfigChange;
  /** What lifts the protection of stateful resources before the teardown. Default: none. */
  readonly shutdown: ConfigChange;
  /** AWS quotas that the account has had raised, by region or `default`. Default: those of a new account. */
  readonly quotas: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The machine behind the simulated Docker Engine. Default: 32 cores, 128 GiB, no GPU. */
  readonly host: { readonly cpus: number; readonly memoryGiB: number; readonly gpu: boolean };
  /** What the Cloudflare zone has booked. Default: pro is assumed. */
  readonly cloudflare: { readonly plan?: CloudflarePlan };
}

const FILE = "rehearsal.yaml";
const SECTIONS = ["change", "shutdown", "quotas", "host", "cloudflare"];
const DEFAULT_HOST = { cpus: 32, memoryGiB: 128, gpu: false };

export function readSettings(root: string, stack: string): StackSettings {
  const path = join(root, FILE);
  const all = existsSync(path) ? (readYaml(path, FILE).toJS() as Record<string, unknown> | null) : {};
  const own = section(all?.[stack] ?? {}, stack);
  for (const key of Object.keys(own)) {
    if (!SECTIONS.includes(key)) {
      throw new BadInput(`${FILE} has the unknown key ${stack}.${key}: write one of ${SECTIONS.join(", ")}`);
    }
  }
  return {
    change: section(own["change"] ?? {}, `${stack}.change`),
    shutdown: section(own["shutdown"] ?? {}, `${stack}.shutdown`),
    quotas: quotas(own["quotas"] ?? {}, stack),
    host: host(own["host"] ?? {}, stack),
    cloudflare: cloudflare(own["cloudflare"] ?? {}, stack),
  };
}

function section(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new BadInput(`${FILE} has ${path} as ${JSON.stringify(value)}: write keys with values below it`);
}

function quotas(value: unknown, stack: string): Record<string, Record<string, number>> {
  const regions = Object.entries(section(value, `${stack}.quotas`));
  return Object.fromEntries(
    regions.map(([region, limits]) => {
      const entries = Object.entries(section(limits, `${stack}.quotas.${region}`));
      return [
        region,
        Object.fromEntries(
          entries.map(([name, limit]) => [name, positive(limit, `${stack}.quotas.${region}.${name}`)]),
        ),
      ];
    }),
  );
}

function host(value: unknown, stack: string): StackSettings["host"] {
  const given = section(value, `${stack}.host`);
  for (const key of Object.keys(given)) {
    if (!(key in DEFAULT_HOST)) {
      throw new BadInput(
        `${FILE} has the unknown key ${stack}.host.${key}: write one of ${Object.keys(DEFAULT_HOST).join(", ")}`,
      );
    }
  }
  return {
    cpus: positive(given["cpus"] ?? DEFAULT_HOST.cpus, `${stack}.host.cpus`),
    memoryGiB: positive(given["memoryGiB"] ?? DEFAULT_HOST.memoryGiB, `${stack}.host.memoryGiB`),
    gpu: yesOrNo(given["gpu"] ?? DEFAULT_HOST.gpu, `${stack}.host.gpu`),
  };
}

function cloudflare(value: unknown, stack: string): StackSettings["cloudflare"] {
  const { plan, ...others } = section(value, `${stack}.cloudflare`);
  const stranger = Object.keys(others)[0];
  if (stranger !== undefined)
    throw new BadInput(`${FILE} has the unknown key ${stack}.cloudflare.${stranger}: write plan`);
  if (plan === undefined) return {};
  const known = CLOUDFLARE_PLANS.find((each) => each === plan);
  if (known !== undefined) return { plan: known };
  throw new BadInput(
    `${FILE} has ${stack}.cloudflare.plan as ${JSON.stringify(plan)}: write one of ${CLOUDFLARE_PLANS.join(", ")}`,
  );
}

function positive(value: unknown, path: string): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new BadInput(`${FILE} has ${path} as ${JSON.stringify(value)}: write a number above 0`);
}

function yesOrNo(value: unknown, path: string): boolean {
  if (typeof value === "boolean") return value;
  throw new BadInput(`${FILE} has ${path} as ${JSON.stringify(value)}: write true or false`);
}
