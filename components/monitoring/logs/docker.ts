import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { BadInput } from "@groundwork/lib/errors";
import type { Size } from "@groundwork/lib/quantity";
import { parseMemory, toMebibytes } from "@groundwork/lib/quantity";
import { stringify } from "yaml";
import { IMAGES } from "../../images.ts";
import { hardenedContainer, LOOPBACK } from "../../workload/hardened.ts";
import { engineImage } from "../../workload/image.ts";
import { password } from "../../workload/password.ts";
import type { Endpoint } from "../../workload/spec.ts";
import { SECRETS_FOLDER } from "../../workload/spec.ts";
import type { LogsUser } from "./elasticsearch.ts";
import {
  datasetOf,
  elasticsearchSettings,
  indexTemplate,
  lifecyclePolicy,
  NAMESPACE,
  POLICY,
  roles,
  TEMPLATE,
  userRolesFile,
  USERS,
  usersFile,
} from "./elasticsearch.ts";
import { kibanaSettings } from "./kibana.ts";
import { logPipeline, logstashSettings, renderPipeline } from "./logstash.ts";

export interface DockerLogsArgs {
  /** The system that it belongs to, for labels and as the name of its log stream. */
  readonly system: string;
  /** Elasticsearch needs 1 GiB, Logstash and Kibana 768 MiB each. */
  readonly sizes: { readonly elasticsearch: Size; readonly logstash: Size; readonly kibana: Size };
  /** Networks on which the shipper and Grafana find it. */
  readonly networks: readonly docker.Network[];
  /** Kibana's port on the Docker host. */
  readonly hostPort: number;
  /** Days that a line can be searched for. Default 14. */
  readonly retentionDays?: number;
  /** Whether its data volumes refuse deletion. */
  readonly protect: boolean;
}

interface Account {
  readonly password: pulumi.Output<string>;
  readonly hash: pulumi.Output<string>;
}

interface Common {
  readonly args: DockerLogsArgs;
  readonly accounts: Readonly<Record<LogsUser, Account>>;
  readonly parent: pulumi.Resource;
  /** URL of Elasticsearch, as the others see it. */
  readonly url: string;
}

const DEFAULT_RETENTION_DAYS = 14;
const ELASTICSEARCH_PORT = 9200;
const BEATS_PORT = 5044;
const LOGSTASH_API_PORT = 9600;
const KIBANA_PORT = 5601;
/** The group of the image's own folders, where it keeps its keystore. https://www.elastic.co/docs/deploy-manage/deploy/self-managed/install-elasticsearch-docker-prod#_configuration_files_must_be_readable_by_the_elasticsearch_user */
const ELASTICSEARCH_USER = "1000:0";
const USER = "1000:1000";
const LEAST = { elasticsearch: "1Gi", logstash: "768Mi", kibana: "768Mi" } as const;

/**
 * Elasticsearch (one node), Logstash and Kibana on one Docker Engine. Accounts come as files and not by calls, so that
 * nothing has to run once after the start; the retention rule is written by Logstash each time it starts.
 */
export class DockerLogs extends pulumi.ComponentResource {
  /** Where the shipper sends to. */
  readonly shipTo: Endpoint;
  /** Where people reach Kibana, as seen from the host. */
  readonly url: string;
  /** Of the user `elastic`, who may do everything; a Pulumi secret. It counts at the first start. */
  readonly secret: pulumi.Output<string>;
  /** For Grafana: may read logs and nothing else. */
  readonly reader: {
    readonly endpoint: Endpoint;
    readonly index: string;
    readonly user: string;
    readonly secret: pulumi.Output<string>;
  };

  constructor(name: string, args: DockerLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:monitoring:DockerLogs", name, {}, opts);
    check(args);
    const accounts = makeAccounts(name, this);
    const hosts = { elasticsearch: `${name}-elasticsearch`, logstash: `${name}-logstash`, kibana: `${name}-kibana` };
    const common = { args, accounts, parent: this, url: `http://${hosts.elasticsearch}:${ELASTICSEARCH_PORT}` };
    this.secret = password(`${name}-password`, { parent: this });
    this.url = `http://localhost:${args.hostPort}`;
    this.shipTo = { host: pulumi.output(hosts.logstash), port: BEATS_PORT };
    this.reader = {
      endpoint: { host: pulumi.output(hosts.elasticsearch), port: ELASTICSEARCH_PORT },
      index: `logs-${datasetOf(args.system)}-${NAMESPACE}`,
      user: "grafana",
      secret: accounts.grafana.password,
    };
    const store = elasticsearch(hosts.elasticsearch, common, this.secret);
    logstash(hosts.logstash, common, store);
    kibana(hosts.kibana, common, this.url, store);
    this.registerOutputs({ url: this.url });
  }
}

/** The hash is made once and kept in the state: a new one at each run would replace Elasticsearch each time. */
function makeAccounts(name: string, parent: pulumi.Resource): Record<LogsUser, Account> {
  const entries = (Object.keys(USERS) as LogsUser[]).map((user) => {
    const made = new random.RandomPassword(`${name}-${user}-password`, { length: 32, special: false }, { parent });
    return [user, { password: pulumi.secret(made.result), hash: pulumi.secret(made.bcryptHash) }] as const;
  });
  return Object.fromEntries(entries) as Record<LogsUser, Account>;
}

function elasticsearch(
  name: string,
  { args, accounts, parent }: Common,
  superuser: pulumi.Output<string>,
): docker.Container {
  const config = "/usr/share/elasticsearch/config";
  const users = pulumi
    .all([accounts.kibana.hash, accounts.logstash.hash, accounts.grafana.hash])
    .apply(([forKibana, forLogstash, forGrafana]) =>
      usersFile({ kibana: forKibana, logstash: forLogstash, grafana: forGrafana }),
    );
  const health = "elasticsearch_health";
  const image = engineImage(`${name}-image`, IMAGES.elasticsearch, { parent });
  return hardenedContainer(
    `${name}-container`,
    {
      host: name,
      system: args.system,
      part: "elasticsearch",
      image: image.imageId,
      user: ELASTICSEARCH_USER,
      environment: {
        ES_JAVA_OPTS: heap(args.sizes.elasticsearch),
        ELASTIC_PASSWORD_FILE: `${SECRETS_FOLDER}/elastic_password`,
      },
      limits: args.sizes.elasticsearch,
      networks: args.networks,
      check: {
        test: [
          "CMD",
          "curl",
          "-fsS",
          "-o",
          "/dev/null",
          "-K",
          `${SECRETS_FOLDER}/${health}`,
          `http://127.0.0.1:${ELASTICSEARCH_PORT}/_cluster/health?local=true`,
        ],
        interval: 30,
        timeout: 10,
        retries: 3,
        startPeriod: 120,
      },
      files: { elastic_password: superuser, [health]: curlLogin("grafana", accounts.grafana.password) },
      configuration: {
        [`${config}/elasticsearch.yml`]: stringify(elasticsearchSettings(name)),
        [`${config}/roles.yml`]: stringify(roles()),
        [`${config}/users`]: users,
        [`${config}/users_roles`]: userRolesFile(),
      },
      // no scratch folder: Java maps native libraries from /tmp, which `noexec` forbids
      volumes: { "/usr/share/elasticsearch/data": volume(name, args, parent) },
      openFiles: 65_535,
      stopTimeout: 60,
    },
    { parent },
  );
}

function logstash(name: string, { args, accounts, parent, url }: Common, store: pulumi.Resource): void {
  const config = "/usr/share/logstash/config";
  const days = args.retentionDays ?? DEFAULT_RETENTION_DAYS;
  const image = engineImage(`${name}-image`, IMAGES.logstash, { parent });
  const pipeline = accounts.logstash.password.apply((secret) =>
    renderPipeline(
      logPipeline({
        beatsPort: BEATS_PORT,
        elasticsearch: url,
        user: "logstash",
        password: secret,
        dataset: datasetOf(args.system),
        namespace: NAMESPACE,
      }),
    ),
  );
  hardenedContainer(
    `${name}-container`,
    {
      host: name,
      system: args.system,
      part: "logstash",
      image: image.imageId,
      user: USER,
      command: ["bash", "-c", startScript(url, config)],
      environment: { LS_JAVA_OPTS: heap(args.sizes.logstash) },
      limits: args.sizes.logstash,
      networks: args.networks,
      check: {
        test: ["CMD", "curl", "-fsS", "-o", "/dev/null", `http://127.0.0.1:${LOGSTASH_API_PORT}/`],
        interval: 30,
        timeout: 10,
        retries: 3,
        startPeriod: 180,
      },
      files: {
        "logstash.conf": pipeline,
        logstash_login: curlLogin("logstash", accounts.logstash.password),
      },
      configuration: {
        [`${config}/logstash.yml`]: stringify(logstashSettings(LOGSTASH_API_PORT)),
        [`${config}/policy.json`]: `${JSON.stringify(lifecyclePolicy(days), null, 2)}\n`,
        [`${config}/template.json`]: `${JSON.stringify(indexTemplate(), null, 2)}\n`,
      },
      // as Elasticsearch: JRuby too loads native code from /tmp
      volumes: { "/usr/share/logstash/data": volume(name, args, parent) },
      stopTimeout: 60,
    },
    { parent, dependsOn: store },
  );
}

/** The policy and the template must be there before the first line, which would make a stream without them. */
export function startScript(url: string, config: string): string {
  const curl = `curl -fsS -o /dev/null -K ${SECRETS_FOLDER}/logstash_login`;
  const put = `${curl} -X PUT -H 'Content-Type: application/json'`;
  return [
    "set -eu",
    `until ${curl} '${url}/_cluster/health?wait_for_status=yellow&timeout=5s'; do sleep 2; done`,
    `${put} --data-binary @${config}/policy.json '${url}/_ilm/policy/${POLICY}'`,
    `${put} --data-binary @${config}/template.json '${url}/_index_template/${TEMPLATE}'`,
    `exec logstash -f ${SECRETS_FOLDER}/logstash.conf`,
  ].join("\n");
}

function kibana(
  name: string,
  { args, accounts, parent, url }: Common,
  publicUrl: string,
  store: pulumi.Resource,
): void {
  const image = engineImage(`${name}-image`, IMAGES.kibana, { parent });
  const key = password(`${name}-key`, { parent });
  const settings = pulumi.all([accounts.kibana.password, key]).apply(([secret, encryptionKey]) =>
    stringify(
      kibanaSettings({
        port: KIBANA_PORT,
        url: publicUrl,
        elasticsearch: url,
        user: "kibana",
        password: secret,
        encryptionKey,
      }),
    ),
  );
  hardenedContainer(
    `${name}-container`,
    {
      host: name,
      system: args.system,
      part: "kibana",
      image: image.imageId,
      user: USER,
      command: ["kibana", "-c", `${SECRETS_FOLDER}/kibana.yml`],
      environment: { NODE_OPTIONS: `--max-old-space-size=${part(args.sizes.kibana, 0.6)}` },
      limits: args.sizes.kibana,
      networks: args.networks,
      ports: [{ internal: KIBANA_PORT, external: args.hostPort, ip: LOOPBACK }],
      check: {
        // it sends who is not logged in to its login page, once it can ask Elasticsearch
        test: ["CMD-SHELL", `curl -s -I http://127.0.0.1:${KIBANA_PORT} | grep -q '302 Found'`],
        interval: 30,
        timeout: 10,
        retries: 3,
        startPeriod: 180,
      },
      files: { "kibana.yml": settings },
      scratch: ["/tmp"],
      stopTimeout: 30,
    },
    { parent, dependsOn: store },
  );
}

function volume(name: string, { protect }: DockerLogsArgs, parent: pulumi.Resource): docker.Volume {
  return new docker.Volume(`${name}-data`, { name: `${name}-data` }, { parent, protect });
}

/** A curl configuration file, so that no password is in a list of processes. https://curl.se/docs/manpage.html#-K */
function curlLogin(user: string, secret: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.interpolate`user = "${user}:${secret}"\n`;
}

/** Half of the memory: the other half is for the file cache and what Java has beside its heap. https://www.elastic.co/docs/reference/elasticsearch/jvm-settings#set-jvm-heap-size */
function heap(size: Size): string {
  return `-Xms${part(size, 0.5)}m -Xmx${part(size, 0.5)}m`;
}

/** MiB. */
function part({ memory }: Size, share: number): number {
  return Math.floor(toMebibytes(parseMemory(memory)) * share);
}

function check({ sizes, retentionDays = DEFAULT_RETENTION_DAYS, hostPort }: DockerLogsArgs): void {
  for (const [name, least] of Object.entries(LEAST) as [keyof typeof LEAST, (typeof LEAST)[keyof typeof LEAST]][]) {
    if (parseMemory(sizes[name].memory) < parseMemory(least)) {
      throw new BadInput(`logs: sizes.${name}.memory is ${sizes[name].memory}; write at least ${least}.`);
    }
  }
  if (!Number.isInteger(retentionDays) || retentionDays < 1) {
    throw new BadInput(`logs: retentionDays is ${retentionDays}; write whole days from 1.`);
  }
  if (!Number.isInteger(hostPort) || hostPort < 1 || hostPort > 65_535) {
    throw new BadInput(`logs: hostPort is ${hostPort}; write a port from 1 to 65535.`);
  }
}
