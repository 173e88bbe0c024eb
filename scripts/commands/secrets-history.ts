import { renderHistory, renderTrend } from "../reports/secrets.ts";
import { type AddCommand, type Flags, guarded, loadChecker, print, withChecker } from "./secrets-shared.ts";

const DAY = 24 * 60 * 60 * 1000;

export function register(add: AddCommand): void {
  add("history", "what was found in the last 30 days, and how it went day by day").action(guarded(history));
}

async function history(flags: Flags): Promise<void> {
  const { RETENTION_DAYS } = await loadChecker();
  await withChecker(flags, (checker) => {
    const now = Date.now();
    const from = now - RETENTION_DAYS * DAY;
    const findings = checker.history.findings(from);
    const latency = checker.history.latency(from);
    const { trends } = checker.history;
    const rounds = new Map(trends.rounds(from, DAY).map((each) => [each.at, each.rounds]));
    const days = trends.findings(from, now).map((day) => ({ ...day, rounds: rounds.get(day.at) ?? 0 }));
    const latencyByDay = trends.latency(from, DAY);
    const text = [renderHistory(findings, RETENTION_DAYS), renderTrend(days, latencyByDay)].filter(
      (each) => each !== "",
    );
    print(flags, { findings, days, latency, latencyByDay }, text.join("\n\n"));
    return Promise.resolve();
  });
}
