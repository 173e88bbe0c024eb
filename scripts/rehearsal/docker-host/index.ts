export { askDockerHost } from "./ask.ts";
export { dockerPlan } from "./plan.ts";
export type { DockerPlan } from "./plan.ts";
export { hostProblems } from "./problems.ts";
export type { DockerHost } from "./problems.ts";
