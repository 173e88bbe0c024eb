export { DockerLive } from "./docker-live.ts";
export { ownerOf } from "./ownership.ts";
