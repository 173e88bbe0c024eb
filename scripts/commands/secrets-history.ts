import { renderHistory } from "../reports/secrets.ts";
import { type AddCommand, type Flags, guarded, loadChecker, print, withChecker } from "./secrets-shared.ts";

const DAY = 24 * 60 * 60 * 1000;

export function register(add: AddCommand): void {
  add("history", "what was found in the last 30 days").action(guarded(history));
}

async function history(flags: Flags): Promise<void> {
  const { RETENTION_DAYS } = await loadChecker();
  await withChecker(flags, (checker) => {
    const from = Date.now() - RETENTION_DAYS * DAY;
    const findings = checker.history.findings(from);
    const latency = checker.history.latency(from);
    print(flags, { findings, latency }, renderHistory(findings, RETENTION_DAYS));
    return Promise.resolve();
  });
}
