import { finaiNexus } from "./finai-nexus.ts";
import type { System } from "./system.ts";
import { tracks } from "./tracks.ts";

/** Every system that an environment can carry, by the name that `groundwork:systems` uses. */
export const SYSTEMS: Readonly<Record<string, System>> = Object.fromEntries(
  [finaiNexus, tracks].map((system) => [system.name, system]),
);
