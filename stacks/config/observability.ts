import { BadInput } from "@groundwork/lib/errors";
import type { AddonName } from "../../components/cluster/addons/names.ts";
import type { Settings } from "./keys.ts";
import type { EnvironmentConfig } from "./types.ts";

/** Who is told of alerts, where their runbooks are and whether there are traces, of every target. */
export function observability(
  project: string,
  settings: Settings,
): Pick<EnvironmentConfig, "alerts" | "traces" | "runbookUrl"> {
  const { target, alerts, traces, runbookUrl } = settings;
  refuseHalfReceivers(project, settings);
  if (target === "cloud") refuseWithoutAddons(project, settings);
  else refuseTracesAlone(project, settings);
  return { alerts, traces, ...(runbookUrl !== "" && { runbookUrl }) };
}

/** Add-ons without which a key would do nothing, and say nothing. */
function refuseWithoutAddons(project: string, { alerts, traces, addons }: Settings): void {
  const needs = (key: string, isGiven: boolean, addon: AddonName): void => {
    if (isGiven && addons[addon] === false)
      throw new BadInput(
        `${project}:${key} is given and ${project}:addons.${addon} is false; remove one of them, because the one needs the other.`,
      );
  };
  needs("alerts", Object.keys(alerts).length > 0, "kube-prometheus-stack");
  needs("traces", traces, "opentelemetry-collector");
}

/** What is half told would be found out at the first alert. */
function refuseHalfReceivers(project: string, { alerts, slackWebhookUrl, smtpPassword }: Settings): void {
  const needs = (what: string, has: boolean, missing: string): void => {
    if (!has) throw new BadInput(`${project}:alerts has ${what} and not ${missing}; write both, or neither.`);
  };
  if (alerts.slackChannel !== undefined) needs("slackChannel", slackWebhookUrl !== "", `${project}:slackWebhookUrl`);
  if (alerts.emailTo === undefined) return;
  needs("emailTo", alerts.emailFrom !== undefined, "emailFrom");
  needs("emailTo", alerts.smarthost !== undefined, "smarthost");
  if (alerts.smtpUsername !== undefined) needs("smtpUsername", smtpPassword !== "", `${project}:smtpPassword`);
}

/** Grafana is where traces are looked at. */
function refuseTracesAlone(project: string, { traces, monitoring }: Settings): void {
  if (traces && !monitoring)
    throw new BadInput(`${project}:traces is true and ${project}:monitoring is false; write true for both, or false.`);
}
