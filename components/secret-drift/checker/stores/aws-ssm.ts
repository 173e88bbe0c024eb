import {
  DescribeParametersCommand,
  GetParametersCommand,
  ParameterType,
  PutParameterCommand,
  SSMClient,
  paginateDescribeParameters,
} from "@aws-sdk/client-ssm";
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
import { type AwsStoreOptions, Regional, awsAnswer, awsScope, nameIn, wrongAwsScope } from "./aws.ts";

const SERVICE = "AWS Systems Manager Parameter Store";
/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const NAMES_AT_ONCE = 10;
/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html */
const PAGE = 50;
/** Hierarchies begin with a slash. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
const NAME = /^(?:[\w.-]{1,1011}|(?=.{2,1011}$)(?:\/[\w.-]+)+)$/;
const RESERVED = /^\/?(?:aws|ssm)/i;
const DEEPEST = 15;
const INSTEAD =
  "write letters, digits, dots, hyphens and underscores, in up to 15 levels such as /prod/database, not beginning with aws or ssm";

/**
 * Parameters of one account and region, written as SecureString. It needs ssm:DescribeParameters, GetParameters of what it
 * compares, PutParameter of what it heals, and the use of their KMS key.
 */
export class AwsSsmStore implements Store {
  readonly name: string;
  readonly readable = true;
  readonly #clients: Regional<SSMClient>;

  constructor({ name, endpoint }: AwsStoreOptions) {
    this.name = name;
    this.#clients = new Regional(SSMClient, endpoint);
  }

  list(scope: string): Promise<Asked<readonly Listed[]>> {
    const { region, prefix } = awsScope(scope);
    const filter = prefix === "" ? {} : { ParameterFilters: [{ Key: "Name", Option: "BeginsWith", Values: [prefix] }] };
    return awsAnswer(SERVICE, async () => {
      const found: Listed[] = [];
      for await (const page of paginateDescribeParameters({ client: this.#clients.of(region), pageSize: PAGE }, filter))
        for (const parameter of page.Parameters ?? []) found.push(listed(parameter));
      return found;
    });
  }

  read(scope: string, names: readonly string[]): Promise<Asked<ReadonlyMap<string, Asked<SecretValue | Missing>>>> {
    const client = this.#clients.of(awsScope(scope).region);
    return awsAnswer(SERVICE, async () => {
      const found = new Map<string, Asked<SecretValue | Missing>>();
      const known = names.map((name) => nameIn(scope, name));
      for (let from = 0; from < known.length; from += NAMES_AT_ONCE) {
        const batch = known.slice(from, from + NAMES_AT_ONCE);
        const answer = await client.send(new GetParametersCommand({ Names: batch, WithDecryption: true }));
        for (const { Name: name = "", Value: value } of answer.Parameters ?? [])
          if (value !== undefined) found.set(name, answered(new SecretValue(value)));
      }
      return new Map(names.map((name) => [name, found.get(nameIn(scope, name)) ?? answered(MISSING)]));
    });
  }

  async write(scope: string, asked: string, value: SecretValue, ifFound?: Listed | Missing): Promise<Asked<Listed>> {
    const { region, prefix } = awsScope(scope);
    const name = nameIn(scope, asked);
    if (!name.startsWith(prefix)) return refused("rejected", `the name lies outside of the scope ${scope}`);
    const client = this.#clients.of(region);
    if (ifFound !== undefined && ifFound !== MISSING) {
      // PutParameter has no condition: whoever writes between these two requests is written over, and AWS keeps that version
      const now = await awsAnswer(SERVICE, () => described(client, name));
      if (!now.ok) return now;
      if (!isStill(now.value, ifFound)) return refused("conflict", TOUCHED);
    }
    return awsAnswer(SERVICE, async () => {
      const text = { Name: name, Value: value.reveal(), Type: ParameterType.SECURE_STRING };
      // it fails where there is one that is not to be overwritten
      const put = new PutParameterCommand({ ...text, Overwrite: ifFound !== MISSING });
      const { Version: version } = await client.send(put);
      return (await described(client, name)) ?? listed({ Name: name, Version: version });
    });
  }

  wrongScope(scope: string): string | undefined {
    return wrongAwsScope(scope);
  }

  wrongName(name: string): string | undefined {
    const isOne = NAME.test(name) && !RESERVED.test(name) && name.split("/").length <= DEEPEST + 1;
    return isOne ? undefined : INSTEAD;
  }

  /** Nothing can be asked without a region, so there is nothing to ask before a scope is named. */
  service(scope: string): string {
    return awsScope(scope).region;
  }

  health(scope: string): Promise<Asked<true>> {
    return awsAnswer(SERVICE, async () => {
      await this.#clients.of(awsScope(scope).region).send(new DescribeParametersCommand({ MaxResults: 1 }));
      return true as const;
    });
  }
}

async function described(client: SSMClient, name: string): Promise<Listed | undefined> {
  const filter = { Key: "Name", Option: "Equals", Values: [name] };
  const { Parameters: [one] = [] } = await client.send(new DescribeParametersCommand({ ParameterFilters: [filter] }));
  return one === undefined ? undefined : listed(one);
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
