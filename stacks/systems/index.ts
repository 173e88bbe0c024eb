import { finaiNexus } from "./finai-nexus.ts";
import { flowx } from "./flowx.ts";
import { sophia } from "./sophia.ts";
import type { System } from "./system.ts";
import { tracks } from "./tracks.ts";
import { webPlatform } from "./web-platform.ts";

/** Every system that an environment can carry, by the name that `groundwork:systems` uses. */
export const SYSTEMS: Readonly<Record<string, System>> = Object.fromEntries(
  [finaiNexus, flowx, sophia, tracks, webPlatform].map((system) => [system.name, system]),
);
