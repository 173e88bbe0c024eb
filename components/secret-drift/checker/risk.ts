/** How much harm a wrong value does, which decides how careful healing is, and who is told. */
export type Risk = "low" | "medium" | "high";
export const RISKS: readonly Risk[] = ["low", "medium", "high"];
