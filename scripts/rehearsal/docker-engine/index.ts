export { buildImage, ended, removeLayers } from "./build.ts";
export type { BuildJob } from "./build.ts";
export { ensureDockerEngine, findDockerEngine } from "./engine.ts";
export { ensureImage } from "./images.ts";
export { standInsFolder } from "./stand-ins.ts";
export type { DockerEngine, EngineOptions, ImageOptions, MissingImage, PresentImage } from "./types.ts";
