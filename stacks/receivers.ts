import * as pulumi from "@pulumi/pulumi";
import type { KubernetesReceivers } from "../components/monitoring/kubernetes-receivers.ts";
import type { AlertSettings } from "./config.ts";

/** Who is told, of whatever target: the secrets go from the configuration to Alertmanager as the outputs that they are. */
export function receiversOf(alerts: AlertSettings): KubernetesReceivers {
  const settings = new pulumi.Config();
  const { slackChannel, emailTo, emailFrom, smarthost, smtpUsername } = alerts;
  return {
    ...(slackChannel !== undefined && {
      slack: { channel: slackChannel, apiUrl: settings.requireSecret("slackWebhookUrl") },
    }),
    ...(emailTo !== undefined &&
      emailFrom !== undefined &&
      smarthost !== undefined && {
        email: {
          to: emailTo,
          from: emailFrom,
          smarthost,
          ...(smtpUsername !== undefined && {
            login: { username: smtpUsername, password: settings.requireSecret("smtpPassword") },
          }),
        },
      }),
  };
}
