import {
  CreateSecretCommand,
  DescribeSecretCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  paginateBatchGetSecretValue,
  paginateListSecrets,
} from "@aws-sdk/client-secrets-manager";
import { SecretValue } from "../secret-value.ts";
import {
  type Asked,
  type Listed,
  MISSING,
  type Missing,
  type Store,
  TOUCHED,
  answered,
  isStill,
  refused,
} from "../store.ts";
import { type AwsStoreOptions, Regional, awsAnswer, awsProblem, awsScope, nameIn, wrongAwsScope } from "./aws.ts";

const SERVICE = "AWS Secrets Manager";
/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html */
const NAMES_AT_ONCE = 20;
/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
const PAGE = 100;
/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
const NAME = /^[\w/+=.@-]{1,512}$/;

/**
 * Secrets of one account and region, as texts. It needs secretsmanager:ListSecrets and BatchGetSecretValue, GetSecretValue of
 * what it compares, and PutSecretValue, CreateSecret and DescribeSecret of what it heals.
 */
export class AwsSecretsManagerStore implements Store {
  readonly name: string;
  readonly readable = true;
  readonly #clients: Regional<SecretsManagerClient>;

  constructor({ name, endpoint }: AwsStoreOptions) {
    this.name = name;
    this.#clients = new Regional(SecretsManagerClient, endpoint);
  }

  list(scope: string): Promise<Asked<readonly Listed[]>> {
    const { region, prefix } = awsScope(scope);
    const filter = prefix === "" ? {} : { Filters: [{ Key: "name" as const, Values: [prefix] }] };
    return awsAnswer(SERVICE, async () => {
      const found: Listed[] = [];
      for await (const page of paginateListSecrets({ client: this.#clients.of(region), pageSize: PAGE }, filter))
        // the filter takes the prefix of any word of the name
        for (const secret of page.SecretList ?? []) if (secret.Name?.startsWith(prefix)) found.push(listed(secret));
      return found;
    });
  }

  read(scope: string, names: readonly string[]): Promise<Asked<ReadonlyMap<string, Asked<SecretValue | Missing>>>> {
    const client = this.#clients.of(awsScope(scope).region);
    const known = names.map((name) => nameIn(scope, name));
    return awsAnswer(SERVICE, async () => {
      const found = new Map<string, Asked<SecretValue | Missing>>();
      for (let from = 0; from < known.length; from += NAMES_AT_ONCE)
        await readBatch(client, known.slice(from, from + NAMES_AT_ONCE), found);
      return new Map(names.map((name) => [name, found.get(nameIn(scope, name)) ?? answered(MISSING)]));
    });
  }

  async write(scope: string, asked: string, value: SecretValue, ifFound?: Listed | Missing): Promise<Asked<Listed>> {
    const { region, prefix } = awsScope(scope);
    const name = nameIn(scope, asked);
    if (!name.startsWith(prefix)) return refused("rejected", `the name lies outside of the scope ${scope}`);
    const client = this.#clients.of(region);
    if (ifFound !== undefined && ifFound !== MISSING) {
      // PutSecretValue has no condition: whoever writes between these two requests is written over, and AWS keeps that version
      const now = await awsAnswer(SERVICE, () => described(client, name).catch(missing));
      if (!now.ok) return now;
      if (!isStill(now.value, ifFound)) return refused("conflict", TOUCHED);
    }
    return awsAnswer(SERVICE, async () => {
      // this one fails where there is one by now
      if (ifFound === MISSING) await client.send(new CreateSecretCommand({ Name: name, SecretString: value.reveal() }));
      else await put(client, name, value);
      return described(client, name);
    });
  }

  wrongScope(scope: string): string | undefined {
    return wrongAwsScope(scope);
  }

  wrongName(name: string): string | undefined {
    return NAME.test(name) ? undefined : "write up to 512 letters, digits and any of /_+=.@-";
  }

  /** Nothing can be asked without a region, so there is nothing to ask before a scope is named. */
  service(scope: string): string {
    return awsScope(scope).region;
  }

  health(scope: string): Promise<Asked<true>> {
    return awsAnswer(SERVICE, async () => {
      await this.#clients.of(awsScope(scope).region).send(new ListSecretsCommand({ MaxResults: 1 }));
      return true as const;
    });
  }
}

async function described(client: SecretsManagerClient, name: string): Promise<Listed> {
  const answer = await client.send(new DescribeSecretCommand({ SecretId: name }));
  const { Name, LastChangedDate, VersionIdsToStages } = answer;
  return listed({ Name, LastChangedDate, SecretVersionsToStages: VersionIdsToStages });
}

function missing(error: unknown): Missing {
  if (error instanceof ResourceNotFoundException) return MISSING;
  throw error;
}

async function put(client: SecretsManagerClient, name: string, value: SecretValue): Promise<void> {
  try {
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value.reveal() }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    await client.send(new CreateSecretCommand({ Name: name, SecretString: value.reveal() }));
  }
}

async function readBatch(
  client: SecretsManagerClient,
  names: readonly string[],
  found: Map<string, Asked<SecretValue | Missing>>,
): Promise<void> {
  const wanted = new Set(names);
  for await (const page of paginateBatchGetSecretValue({ client }, { SecretIdList: [...names] })) {
    for (const { Name: name = "", SecretString: value } of page.SecretValues ?? [])
      if (wanted.has(name))
        found.set(
          name,
          value === undefined
            ? refused("rejected", "it is binary, and only texts are compared")
            : answered(new SecretValue(value)),
        );
    for (const { SecretId: name = "", ErrorCode: code = "" } of page.Errors ?? [])
      if (wanted.has(name) && code !== "ResourceNotFoundException") found.set(name, awsProblem(SERVICE, code));
  }
}

function listed(secret: {
  readonly Name?: string | undefined;
  readonly LastChangedDate?: Date | undefined;
  readonly SecretVersionsToStages?: Record<string, string[]> | undefined;
}): Listed {
  const [version] =
    Object.entries(secret.SecretVersionsToStages ?? {}).find(([, stages]) => stages.includes("AWSCURRENT")) ?? [];
  return {
    name: secret.Name ?? "",
    ...(secret.LastChangedDate !== undefined && { updatedAt: secret.LastChangedDate.getTime() }),
    ...(version !== undefined && { version }),
  };
}
