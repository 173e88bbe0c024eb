export { testAlerts } from "./alerts/index.ts";
export type { Tested } from "./alerts/index.ts";
export { Checker, SourceUnreachable } from "./checker.ts";
export type { CheckerOptions } from "./checker.ts";
export { EXIT_CRASHED, describeCrash, hideCrashes } from "./crash.ts";
export * from "./exposure/index.ts";
export type { Drift, Unasked } from "./finding.ts";
export { takeApproval, takeApprovals } from "./healing/approval-file.ts";
export type { Taken } from "./healing/approval-file.ts";
export {
  HOURS as APPROVAL_HOURS,
  MOST_HOURS as MOST_APPROVAL_HOURS,
  approvalText,
  expiry as approvalExpiry,
} from "./healing/approval-text.ts";
export { givenValue } from "./given-value.ts";
export type { Healed } from "./healing/healer.ts";
export type { JournalEntry } from "./healing/journal.ts";
export { NAMESPACE as APPROVAL_NAMESPACE } from "./healing/ssh-signature.ts";
export { monitorHealth, storesHealth } from "./monitor/health.ts";
export { minutesFrom, wholeFrom } from "./monitor/numbers.ts";
export { startMonitor, untilSignalled } from "./monitor/start.ts";
export { RETENTION_DAYS } from "./history.ts";
export type { Finding } from "./history.ts";
export { InvalidMapping } from "./mapping.ts";
export type { Mapping, Place } from "./mapping.ts";
export { readMapping } from "./mapping-file.ts";
export type { Round } from "./round.ts";
export { SecretValue } from "./secret-value.ts";
export { verdictOf } from "./verdict.ts";
