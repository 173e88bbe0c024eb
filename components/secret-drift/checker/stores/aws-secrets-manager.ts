import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { SecretValue } from "../secret-value.ts";
import { type Asked, type Listed, MISSING, type Missing, type Store, answered, refused } from "../store.ts";
import { type AwsStoreOptions, CLIENT, awsProblem, awsScope, wrongAwsScope } from "./aws.ts";

const SERVICE = "AWS Secrets Manager";
/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html */
const NAMES_AT_ONCE = 20;
/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
const PAGE = 100;

/**
 * Secrets of one account and region, as texts. It needs secretsmanager:ListSecrets and BatchGetSecretValue, GetSecretValue of
 * what it compares, and PutSecretValue, CreateSecret and DescribeSecret of what it heals.
 */
export class AwsSecretsManagerStore implements Store {
  readonly name: string;
  readonly readable = true;
  readonly #endpoint: string | undefined;
  readonly #clients = new Map<string, SecretsManagerClient>();

  constructor({ name, endpoint }: AwsStoreOptions) {
    this.name = name;
    this.#endpoint = endpoint;
  }

  async list(scope: string): Promise<Asked<readonly Listed[]>> {
    const { region, prefix } = awsScope(scope);
    const found: Listed[] = [];
    try {
      for (let token: string | undefined; ;) {
        const page = await this.#client(region).send(
          new ListSecretsCommand({
            MaxResults: PAGE,
            ...(token !== undefined && { NextToken: token }),
            ...(prefix !== "" && { Filters: [{ Key: "name", Values: [prefix] }] }),
          }),
        );
        // the filter takes the prefix of any word of the name
        for (const secret of page.SecretList ?? []) if (secret.Name?.startsWith(prefix)) found.push(listed(secret));
        token = page.NextToken;
        if (token === undefined) return answered(found);
      }
    } catch (error) {
      return awsProblem(SERVICE, error);
    }
  }

  async read(
    scope: string,
    names: readonly string[],
  ): Promise<Asked<ReadonlyMap<string, Asked<SecretValue | Missing>>>> {
    const { region } = awsScope(scope);
    const found = new Map<string, Asked<SecretValue | Missing>>(names.map((name) => [name, answered(MISSING)]));
    try {
      for (let from = 0; from < names.length; from += NAMES_AT_ONCE)
        await this.#batch(region, names.slice(from, from + NAMES_AT_ONCE), found);
      return answered(found);
    } catch (error) {
      return awsProblem(SERVICE, error);
    }
  }

  async write(scope: string, name: string, value: SecretValue): Promise<Asked<Listed>> {
    const { region, prefix } = awsScope(scope);
    if (!name.startsWith(prefix)) return refused("rejected", `the name lies outside of the scope ${scope}`);
    const client = this.#client(region);
    try {
      await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value.reveal() }));
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) return awsProblem(SERVICE, error);
      try {
        await client.send(new CreateSecretCommand({ Name: name, SecretString: value.reveal() }));
      } catch (second) {
        return awsProblem(SERVICE, second);
      }
    }
    try {
      const { Name, LastChangedDate, VersionIdsToStages } = await client.send(
        new DescribeSecretCommand({ SecretId: name }),
      );
      return answered(listed({ Name, LastChangedDate, SecretVersionsToStages: VersionIdsToStages }));
    } catch (error) {
      return awsProblem(SERVICE, error);
    }
  }

  wrongScope(scope: string): string | undefined {
    return wrongAwsScope(scope);
  }

  /** Nothing can be asked without a region, so there is nothing to ask before a scope is named. */
  health(): Promise<Asked<true>> {
    return Promise.resolve(answered(true));
  }

  async #batch(
    region: string,
    names: readonly string[],
    found: Map<string, Asked<SecretValue | Missing>>,
  ): Promise<void> {
    const wanted = new Set(names);
    for (let token: string | undefined; ;) {
      const page = await this.#client(region).send(
        new BatchGetSecretValueCommand({ SecretIdList: [...names], ...(token !== undefined && { NextToken: token }) }),
      );
      for (const { Name: name = "", SecretString: value } of page.SecretValues ?? [])
        if (wanted.has(name))
          found.set(
            name,
            value === undefined
              ? refused("rejected", "it is binary, and only texts are compared")
              : answered(new SecretValue(value)),
          );
      for (const { SecretId: name = "", ErrorCode: code = "" } of page.Errors ?? [])
        if (wanted.has(name) && code !== "ResourceNotFoundException") found.set(name, awsProblem(SERVICE, named(code)));
      token = page.NextToken;
      if (token === undefined) return;
    }
  }

  #client(region: string): SecretsManagerClient {
    const known = this.#clients.get(region);
    if (known !== undefined) return known;
    const client = new SecretsManagerClient({
      region,
      ...CLIENT,
      ...(this.#endpoint !== undefined && { endpoint: this.#endpoint }),
    });
    this.#clients.set(region, client);
    return client;
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

function named(code: string): Error {
  const error = new Error(code);
  error.name = code;
  return error;
}
