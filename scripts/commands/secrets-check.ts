import { renderCheck } from "../reports/secrets.ts";
import { type AddCommand, type Flags, exitBy, guarded, loadChecker, print, withChecker } from "./secrets-shared.ts";

export function register(add: AddCommand): void {
  add("check", "ask every store and tell what differs; changes nothing").action(guarded(check));
}

async function check(flags: Flags): Promise<void> {
  await withChecker(flags, async (checker) => {
    const round = await checker.check();
    const { drifts, unasked } = round;
    const [secrets, unknown] = [checker.mapping.secrets.length, checker.unknown(round)];
    const { verdictOf } = await loadChecker();
    const verdict = verdictOf(secrets, new Set(drifts.map(({ secret }) => secret)).size, unknown);
    print(
      flags,
      { secrets, unknown, findings: checker.history.open(), unasked },
      renderCheck(verdict, drifts, unasked),
    );
    exitBy(drifts.length, unasked.length);
  });
}
