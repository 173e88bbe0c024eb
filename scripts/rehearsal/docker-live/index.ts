export { DockerLive } from "./docker-live.ts";
export { DockerSession } from "./session.ts";
