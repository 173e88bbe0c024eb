import type { RehearsalReport, ViolationReport } from "@groundwork/lib/rehearsal-report";

/** What would stop an update; advice does not. */
export function mandatoryOf({ policy }: RehearsalReport): readonly ViolationReport[] {
  return policy.violations.filter(({ level }) => level === "mandatory");
}
