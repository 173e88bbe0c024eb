import { finaiNexus } from "./finai-nexus.ts";
import { flowx } from "./flowx.ts";
import { sophia } from "./sophia.ts";
import type { System } from "./system.ts";
import { tracks } from "./tracks.ts";
import { webPlatform } from "./web-platform.ts";

/**
 * Every system that an environment can carry, by the name that `groundwork:systems` uses. New ones go to the end: the
 * balancers' rules of each lie where its number says.
 */
export const SYSTEMS: Readonly<Record<string, System>> = Object.fromEntries(
  [finaiNexus, flowx, sophia, tracks, webPlatform].map((system) => [system.name, system]),
);
