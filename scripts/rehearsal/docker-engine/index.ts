export { ensureDockerEngine, findDockerEngine } from "./engine.ts";
export type { DockerEngine, EngineOptions, ImageOptions, MissingImage, PresentImage } from "./types.ts";
