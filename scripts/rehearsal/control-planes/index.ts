export { ensureBinaries } from "./build.ts";
export type { Binaries } from "./build.ts";
export { ControlPlanes } from "./clusters.ts";
export { ControlPlane } from "./control-plane.ts";
export { DEFAULT_SHARE } from "./loads.ts";
export type { Load } from "./loads.ts";
export { drain } from "./nodes.ts";
export type { Region } from "./region.ts";
export { forgetLeftovers } from "./processes.ts";
