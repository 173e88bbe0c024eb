/**
 * The workloads that answer browsers with pages and files, by system. All others answer programs with data, which no
 * cache may keep and no challenge may stop.
 */
export const PAGES: Readonly<Record<string, readonly string[]>> = {
  "finai-nexus": ["frontend"],
  flowx: ["dashboard"],
};

/** What is for operators, not for whoever comes in through a gateway. */
export const HIDDEN_PATHS: readonly string[] = ["/metrics", "/health/detailed", "/health/circuit-breakers"];
