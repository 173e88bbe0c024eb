import { BadInput } from "@groundwork/lib/errors";
import { stringify } from "yaml";

/** Slack by an incoming webhook, whose address is a secret: it is read from a file. */
export interface SlackRoute {
  /** With its `#`. */
  readonly channel: string;
  /** Absolute path of the file that holds the webhook's address. */
  readonly apiUrlFile: string;
}

export interface EmailRoute {
  readonly to: string;
  readonly from: string;
  /** `host:port` of the mail server. */
  readonly smarthost: string;
  /** Default: the server asks for no password. */
  readonly login?: {
    readonly username: string;
    /** Absolute path of the file that holds the password. */
    readonly passwordFile: string;
  };
  /** Whether a server that cannot encrypt is refused. Default true. */
  readonly requireTls?: boolean;
}

export interface WebhookRoute {
  /** Alertmanager posts JSON there. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
  readonly url: string;
}

export interface AlertmanagerConfig {
  readonly slack?: SlackRoute;
  readonly email?: EmailRoute;
  readonly webhook?: WebhookRoute;
  /** Somewhere outside that expects a sign of life each minute and tells people when none comes. */
  readonly heartbeat?: WebhookRoute;
  /** Seconds. Default {@link DEFAULT_TIMES}. */
  readonly times?: Partial<AlertTimes>;
}

/** Seconds. */
export interface AlertTimes {
  /** How long the first message of a group waits for more alerts of the same group. */
  readonly wait: number;
  /** The same for critical alerts. */
  readonly criticalWait: number;
  /** Cool-down: the least time between two messages about the same group. */
  readonly coolDown: number;
  /** After which a critical alert that still fires is told again. */
  readonly repeatCritical: number;
  /** The same for a warning. */
  readonly repeatWarning: number;
}

/** systems.md, sophia: critical alerts are out within 10 s, cool-down is 5 min. The rest are Alertmanager's own defaults. https://prometheus.io/docs/alerting/latest/configuration/#route */
export const DEFAULT_TIMES: AlertTimes = {
  wait: 30,
  criticalWait: 5,
  coolDown: 300,
  repeatCritical: 4 * 3600,
  repeatWarning: 24 * 3600,
};

const HEARTBEAT_SECONDS = 60;
const NOBODY = "nobody";
const PEOPLE = "people";
const URGENT = "urgent";
const HEARTBEAT = "heartbeat";

/** What people read, in Slack's and the mails' words. */
export const TITLE =
  "[{{ .Status | toUpper }}] {{ .CommonLabels.system }}: {{ .CommonLabels.alertname }}{{ if .CommonLabels.part }} ({{ .CommonLabels.part }}){{ end }}";
export const TEXT =
  "{{ range .Alerts }}*{{ .Annotations.summary }}*\n{{ .Annotations.description }}\n<{{ .Annotations.runbook_url }}|Runbook>\n{{ end }}";
export const COLOR =
  '{{ if eq .Status "resolved" }}good{{ else if eq .CommonLabels.severity "critical" }}danger{{ else }}warning{{ end }}';

/**
 * Renders alertmanager.yml: warnings to Slack and the webhook, critical alerts also by email, `info` to nobody. Secrets are
 * named by file only. https://prometheus.io/docs/alerting/latest/configuration/
 */
export function renderAlertmanager(config: AlertmanagerConfig): string {
  check(config);
  const times = { ...DEFAULT_TIMES, ...config.times };
  return stringify(
    {
      route: routes(config, times),
      inhibit_rules: INHIBITIONS,
      receivers: [
        { name: NOBODY },
        { name: PEOPLE, ...chat(config) },
        { name: URGENT, ...chat(config), ...email(config) },
        ...(config.heartbeat === undefined ? [] : [{ name: HEARTBEAT, ...webhook(config.heartbeat, false) }]),
      ],
    },
    { lineWidth: 0 },
  );
}

/** Flags of a server that is alone; without the empty address it looks for others. https://github.com/prometheus/alertmanager#high-availability */
export function alertmanagerFlags(configFile: string, folder: string, listen: string): string[] {
  return [
    `--config.file=${configFile}`,
    `--storage.path=${folder}`,
    `--web.listen-address=${listen}`,
    "--cluster.listen-address=",
  ];
}

function routes({ heartbeat }: AlertmanagerConfig, times: AlertTimes) {
  return {
    receiver: PEOPLE,
    group_by: ["alertname", "system", "part"],
    group_wait: `${times.wait}s`,
    group_interval: `${times.coolDown}s`,
    repeat_interval: `${times.repeatWarning}s`,
    routes: [
      ...(heartbeat === undefined ? [] : [heartbeatRoute()]),
      { matchers: ['severity="info"'], receiver: NOBODY },
      {
        matchers: ['severity="critical"'],
        receiver: URGENT,
        group_wait: `${times.criticalWait}s`,
        repeat_interval: `${times.repeatCritical}s`,
      },
    ],
  };
}

function heartbeatRoute() {
  const each = `${HEARTBEAT_SECONDS}s`;
  return {
    matchers: ['alertname="Watchdog"'],
    receiver: HEARTBEAT,
    group_wait: "0s",
    group_interval: each,
    repeat_interval: each,
  };
}

/** While a part is critical, its warnings say nothing new. The sign of life goes on. */
export const INHIBITIONS = [
  {
    source_matchers: ['severity="critical"'],
    target_matchers: ['severity=~"warning|info"', 'alertname!="Watchdog"'],
    equal: ["system", "part"],
  },
  {
    source_matchers: ['severity="warning"'],
    target_matchers: ['severity="info"', 'alertname!="Watchdog"'],
    equal: ["system", "part"],
  },
];

function chat({ slack, webhook: hook }: AlertmanagerConfig) {
  return {
    ...(slack !== undefined && {
      slack_configs: [
        {
          channel: slack.channel,
          api_url_file: slack.apiUrlFile,
          send_resolved: true,
          title: TITLE,
          text: TEXT,
          color: COLOR,
        },
      ],
    }),
    ...(hook !== undefined && webhook(hook, true)),
  };
}

function webhook({ url }: WebhookRoute, sendResolved: boolean) {
  return { webhook_configs: [{ url, send_resolved: sendResolved }] };
}

function email({ email: route }: AlertmanagerConfig) {
  if (route === undefined) return {};
  const { to, from, smarthost, login, requireTls = true } = route;
  return {
    email_configs: [
      {
        to,
        from,
        smarthost,
        ...(login !== undefined && { auth_username: login.username, auth_password_file: login.passwordFile }),
        require_tls: requireTls,
        send_resolved: true,
        headers: { Subject: TITLE },
      },
    ],
  };
}

const ADDRESS = /^[^\s@<>]+@[^\s@<>]+$/;

function check({ slack, email: mail, webhook: hook, heartbeat, times = {} }: AlertmanagerConfig): void {
  if (slack !== undefined) {
    refuseUnless(/^#[\w-]+$/.test(slack.channel), "slack.channel", slack.channel, 'a channel with its "#"');
  }
  if (mail !== undefined) {
    refuseUnless(ADDRESS.test(mail.to), "email.to", mail.to, "an email address");
    refuseUnless(ADDRESS.test(mail.from), "email.from", mail.from, "an email address");
    refuseUnless(
      /^[\w.-]+:\d+$/.test(mail.smarthost),
      "email.smarthost",
      mail.smarthost,
      "host:port of the mail server",
    );
  }
  for (const [key, route] of [
    ["webhook", hook],
    ["heartbeat", heartbeat],
  ] as const) {
    if (route !== undefined) refuseUnless(URL.canParse(route.url), `${key}.url`, route.url, "an http or https address");
  }
  for (const [key, seconds] of Object.entries(times)) {
    refuseUnless(Number.isInteger(seconds) && seconds > 0, `times.${key}`, seconds, "whole seconds above 0");
  }
}

function refuseUnless(isRight: boolean, key: string, value: unknown, expected: string): void {
  if (!isRight) throw new BadInput(`alertmanager: ${key} is ${JSON.stringify(value)}; write ${expected}.`);
}
