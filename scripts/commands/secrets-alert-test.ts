import { BadInput } from "@groundwork/lib/errors";
import { renderAlertTest } from "../reports/secret-alerts.ts";
import { type AddCommand, EXIT_UNASKED, type Flags, guarded, loadChecker, print } from "./secrets-shared.ts";

export function register(add: AddCommand): void {
  add("alert-test", "send a test message to every receiver of alerts, and tell what came of it")
    .addHelpText("after", HELP)
    .action(guarded(alertTest));
}

const HELP = `
Addresses of webhooks and passwords of mail servers are read from the environment, as the mapping names them. No store is asked,
and the message counts against no limit.

Exit codes: 0 every receiver got it; 2 bad input; 3 one of them did not.`;

async function alertTest(flags: Flags): Promise<void> {
  const { readMapping, testAlerts } = await loadChecker();
  const { alerts } = readMapping(flags.mapping);
  if (alerts === undefined)
    throw new BadInput(`${flags.mapping} has no alerts: name their receivers, as docs/secret-drift.md shows`);
  const receivers = await testAlerts(alerts, Date.now());
  print(flags, { receivers }, renderAlertTest(receivers));
  if (receivers.some(({ delivered }) => !delivered)) process.exitCode = EXIT_UNASKED;
}
