import {
  DescribeParametersCommand,
  GetParametersCommand,
  ParameterType,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { SecretValue } from "../secret-value.ts";
import { type Asked, type Listed, MISSING, type Missing, type Store, answered, refused } from "../store.ts";
import { type AwsStoreOptions, CLIENT, awsProblem, awsScope, wrongAwsScope } from "./aws.ts";

const SERVICE = "AWS Systems Manager Parameter Store";
/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const NAMES_AT_ONCE = 10;
/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html */
const PAGE = 50;

/**
 * Parameters of one account and region, written as SecureString. It needs ssm:DescribeParameters, GetParameters of what it
 * compares, PutParameter of what it heals, and the use of their KMS key.
 */
export class AwsSsmStore implements Store {
  readonly name: string;
  readonly readable = true;
  readonly #endpoint: string | undefined;
  readonly #clients = new Map<string, SSMClient>();

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
          new DescribeParametersCommand({
            MaxResults: PAGE,
            ...(token !== undefined && { NextToken: token }),
            ...(prefix !== "" && { ParameterFilters: [{ Key: "Name", Option: "BeginsWith", Values: [prefix] }] }),
          }),
        );
        for (const parameter of page.Parameters ?? []) found.push(listed(parameter));
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
      for (let from = 0; from < names.length; from += NAMES_AT_ONCE) {
        const batch = names.slice(from, from + NAMES_AT_ONCE);
        const answer = await this.#client(region).send(
          new GetParametersCommand({ Names: batch, WithDecryption: true }),
        );
        for (const { Name: name = "", Value: value } of answer.Parameters ?? [])
          if (value !== undefined) found.set(name, answered(new SecretValue(value)));
      }
      return answered(found);
    } catch (error) {
      return awsProblem(SERVICE, error);
    }
  }

  async write(scope: string, name: string, value: SecretValue): Promise<Asked<Listed>> {
    const { region, prefix } = awsScope(scope);
    if (!name.startsWith(prefix)) return refused("rejected", `the name lies outside of the scope ${scope}`);
    try {
      const input = { Name: name, Value: value.reveal(), Type: ParameterType.SECURE_STRING, Overwrite: true };
      const { Version: version } = await this.#client(region).send(new PutParameterCommand(input));
      const filter = { Key: "Name", Option: "Equals", Values: [name] };
      const { Parameters: [written] = [] } = await this.#client(region).send(
        new DescribeParametersCommand({ ParameterFilters: [filter] }),
      );
      return answered(listed(written ?? { Name: name, Version: version }));
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

  #client(region: string): SSMClient {
    const known = this.#clients.get(region);
    if (known !== undefined) return known;
    const client = new SSMClient({
      region,
      ...CLIENT,
      ...(this.#endpoint !== undefined && { endpoint: this.#endpoint }),
    });
    this.#clients.set(region, client);
    return client;
  }
}

function listed(parameter: {
  readonly Name?: string | undefined;
  readonly LastModifiedDate?: Date | undefined;
  readonly Version?: number | undefined;
}): Listed {
  return {
    name: parameter.Name ?? "",
    ...(parameter.LastModifiedDate !== undefined && { updatedAt: parameter.LastModifiedDate.getTime() }),
    ...(parameter.Version !== undefined && { version: String(parameter.Version) }),
  };
}
