import { renderCheck } from "../reports/secrets.ts";
import { type AddCommand, type Flags, exitBy, guarded, loadChecker, print, withChecker } from "./secrets-shared.ts";

export function register(add: AddCommand): void {
  add("check", "ask every store and tell what differs; changes nothing").action(guarded(check));
}

async function check(flags: Flags): Promise<void> {
  await withChecker(flags, async (checker) => {
    const { drifts, unasked, unknown } = await checker.check();
    const secrets = checker.mapping.secrets.length;
    const { verdictOf } = await loadChecker();
    print(
      flags,
      { secrets, unknown, findings: checker.history.open(), unasked },
      renderCheck(verdictOf(secrets, drifts, unknown), drifts, unasked),
    );
    exitBy(drifts.length, unasked.length);
  });
}
