import type { IAlertmanagerConfig } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1alpha1";
import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { COLOR, DEFAULT_TIMES, INHIBITIONS, TEXT } from "./alertmanager.ts";
import type { AlertTimes, EmailRoute, SlackRoute } from "./alertmanager.ts";

/** Who is told of alerts; secrets go into a Secret that only the operator reads. */
export interface KubernetesReceivers {
  readonly slack?: Omit<SlackRoute, "apiUrlFile"> & {
    /** Address of the incoming webhook; whoever has it can post. A secret. */
    readonly apiUrl: pulumi.Input<string>;
  };
  readonly email?: Omit<EmailRoute, "login"> & {
    /** The password is a secret. */
    readonly login?: { readonly username: string; readonly password: pulumi.Input<string> };
  };
  readonly times?: Partial<AlertTimes>;
}

export interface ReceiversArgs extends KubernetesReceivers {
  /** Name of the object. */
  readonly system: string;
  readonly namespace: pulumi.Input<string>;
  /** Namespaces whose alerts have routes of their own, where this one would see those of all. Default: it sees its own. */
  readonly elsewhere?: readonly string[];
}

/** There is a Prometheus in each region, which puts the region's name to its alerts; rules of the stack know no system. */
const REGIONAL_TITLE =
  "[{{ .Status | toUpper }}] {{ .CommonLabels.region }} {{ or .CommonLabels.system .CommonLabels.namespace }}: {{ .CommonLabels.alertname }}{{ if .CommonLabels.part }} ({{ .CommonLabels.part }}){{ end }}";

const SECRET = "alert-receivers";
const SLACK_KEY = "slack-api-url";
const MAIL_KEY = "smtp-password";
const PEOPLE = "people";
const URGENT = "urgent";
const NOBODY = "nobody";

/**
 * Routes of one system's alerts, as an AlertmanagerConfig: warnings to Slack, critical alerts also by email, `info` to
 * nobody. The operator holds its first route to the alerts that name its namespace, but for what stands in Alertmanager's
 * own. https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.AlertmanagerConfigMatcherStrategy
 */
export function createReceivers(name: string, args: ReceiversArgs, parent: pulumi.ComponentResource): void {
  const { system, namespace, slack, email } = args;
  const stringData: Record<string, pulumi.Input<string>> = {
    ...(slack && { [SLACK_KEY]: slack.apiUrl }),
    ...(email?.login && { [MAIL_KEY]: email.login.password }),
  };
  const secret = new kubernetes.core.v1.Secret(
    `${name}-receivers`,
    { metadata: { name: SECRET, namespace }, type: "Opaque", stringData },
    { parent },
  );
  new kubernetes.apiextensions.CustomResource(
    `${name}-routes`,
    {
      apiVersion: "monitoring.coreos.com/v1alpha1",
      kind: "AlertmanagerConfig",
      metadata: { name: system, namespace },
      spec: routes(args),
    },
    { parent, dependsOn: [secret] },
  );
}

function routes(args: ReceiversArgs): IAlertmanagerConfig["spec"] {
  const times = { ...DEFAULT_TIMES, ...args.times };
  const is = (name: string, value: string, matchType: "=" | "=~" = "=") => [{ name, value, matchType }];
  const { elsewhere = [] } = args;
  return {
    route: {
      receiver: PEOPLE,
      groupBy: ["alertname", "namespace", "system", "part"],
      groupWait: `${times.wait}s`,
      groupInterval: `${times.coolDown}s`,
      repeatInterval: `${times.repeatWarning}s`,
      routes: [
        ...(elsewhere.length > 0 ? [{ matchers: is("namespace", elsewhere.join("|"), "=~"), receiver: NOBODY }] : []),
        // `none` is what the stack's own signs of life are
        { matchers: is("severity", "info|none", "=~"), receiver: NOBODY },
        {
          matchers: is("severity", "critical"),
          receiver: URGENT,
          groupWait: `${times.criticalWait}s`,
          repeatInterval: `${times.repeatCritical}s`,
        },
      ],
    },
    inhibitRules: INHIBITIONS.map(({ source_matchers, target_matchers, equal }) => ({
      sourceMatch: source_matchers.map(matcher),
      targetMatch: target_matchers.map(matcher),
      equal: [...equal],
    })),
    receivers: [
      { name: NOBODY },
      { name: PEOPLE, ...slackConfigs(args) },
      { name: URGENT, ...slackConfigs(args), ...emailConfigs(args) },
    ],
  };
}

/** `severity=~"warning|info"` as the operator's own kind writes it. */
function matcher(text: string): { name: string; matchType: "=" | "!=" | "=~" | "!~"; value: string } {
  const [, name = "", matchType = "=", value = ""] = /^(\w+)(=~|!~|!=|=)"(.*)"$/.exec(text) ?? [];
  return { name, matchType: matchType as "=", value };
}

function slackConfigs({ slack }: ReceiversArgs) {
  if (slack === undefined) return {};
  const apiURL = { name: SECRET, key: SLACK_KEY };
  return {
    slackConfigs: [
      { apiURL, channel: slack.channel, sendResolved: true, title: REGIONAL_TITLE, text: TEXT, color: COLOR },
    ],
  };
}

function emailConfigs({ email }: ReceiversArgs) {
  if (email === undefined) return {};
  const { to, from, smarthost, login, requireTls = true } = email;
  return {
    emailConfigs: [
      {
        to,
        from,
        smarthost,
        ...(login && { authUsername: login.username, authPassword: { name: SECRET, key: MAIL_KEY } }),
        requireTLS: requireTls,
        sendResolved: true,
        headers: [{ key: "Subject", value: REGIONAL_TITLE }],
      },
    ],
  };
}
