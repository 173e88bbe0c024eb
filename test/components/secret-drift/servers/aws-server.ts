import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type Asked, type FakeServer, json, serve } from "./server.ts";

interface Kept {
  value: string;
  version: string;
  number: number;
  changed: number;
}

export interface FakeAws extends FakeServer {
  /** By name. */
  readonly secrets: Map<string, Kept>;
  /** What a person sets on the console. */
  set(name: string, value: string): void;
  /** Names that our credential may not read. */
  readonly denied: Set<string>;
  /** Entries of a page. */
  page: number;
}

type Body = Readonly<Record<string, unknown>>;
type Operation = (body: Body) => { readonly status?: number; readonly body: unknown };

const CONTENT = { "content-type": "application/x-amz-json-1.1" };

/**
 * Secrets Manager and Parameter Store as far as the checker asks them, by AWS's JSON 1.1 protocol.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Operations.html
 */
export async function fakeAws(): Promise<FakeAws> {
  const secrets = new Map<string, Kept>();
  const denied = new Set<string>();
  let now = 1_767_225_600;
  const set = (name: string, value: string) => {
    const number = (secrets.get(name)?.number ?? 0) + 1;
    secrets.set(name, { value, version: randomUUID(), number, changed: (now += 1) });
  };
  const state = { page: 2 };
  const operations = { ...secretsManager(secrets, denied, set, state), ...parameterStore(secrets, set, state) };
  const server = await serve((asked, response) => answer(operations, asked, response));
  const fake = Object.assign(server, { secrets, denied, set, page: state.page });
  // the operations were made before, and read the size that is set later
  Object.defineProperty(fake, "page", { get: () => state.page, set: (size: number) => void (state.page = size) });
  return fake;
}

function answer(
  operations: Readonly<Record<string, Operation>>,
  { headers, body }: Asked,
  response: ServerResponse,
): void {
  const target = String(headers["x-amz-target"]);
  const operation = operations[target];
  if (operation === undefined) return json(response, 400, { __type: "UnknownOperationException" }, CONTENT);
  if (!String(headers["authorization"]).startsWith("AWS4-HMAC-SHA256 "))
    return json(response, 400, { __type: "MissingAuthenticationTokenException" }, CONTENT);
  const { status = 200, body: answered } = operation(JSON.parse(body) as Body);
  json(response, status, answered, CONTENT);
}

/** A page of names, and the token of the next one. */
function paged(names: readonly string[], token: unknown, size: number): { names: readonly string[]; next?: string } {
  const from = Number(token ?? 0);
  const next = from + size;
  return { names: names.slice(from, next), ...(next < names.length && { next: String(next) }) };
}

function secretsManager(
  secrets: ReadonlyMap<string, Kept>,
  denied: ReadonlySet<string>,
  set: (name: string, value: string) => void,
  state: { readonly page: number },
): Record<string, Operation> {
  const described = (name: string) => {
    const { version, changed } = secrets.get(name) ?? { version: "", changed: 0 };
    return { Name: name, ARN: `arn:${name}`, LastChangedDate: changed, stages: { [version]: ["AWSCURRENT"] } };
  };
  const missing = {
    status: 400,
    body: { __type: "ResourceNotFoundException", Message: "Secrets Manager can't find it." },
  };
  return {
    "secretsmanager.ListSecrets": ({ NextToken, Filters }) => {
      const [filter] = (Filters ?? []) as { Values: string[] }[];
      // any word of the name may begin with it. https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_search-secret.html
      const fits = (name: string) =>
        filter === undefined || name.startsWith(filter.Values[0] ?? "") || name.includes(`/${filter.Values[0] ?? ""}`);
      const { names, next } = paged([...secrets.keys()].filter(fits), NextToken, state.page);
      const SecretList = names
        .map(described)
        .map(({ stages, ...each }) => ({ ...each, SecretVersionsToStages: stages }));
      return { body: { SecretList, NextToken: next } };
    },
    "secretsmanager.DescribeSecret": ({ SecretId }) => {
      if (!secrets.has(String(SecretId))) return missing;
      const { stages, ...each } = described(String(SecretId));
      return { body: { ...each, VersionIdsToStages: stages } };
    },
    "secretsmanager.BatchGetSecretValue": ({ SecretIdList, NextToken }) => {
      const wanted = SecretIdList as string[];
      if (wanted.length > 20) return { status: 400, body: { __type: "ValidationException" } };
      const { names, next } = paged(wanted, NextToken, state.page);
      const problem = (name: string) =>
        denied.has(name) ? "AccessDeniedException" : secrets.has(name) ? undefined : "ResourceNotFoundException";
      return {
        body: {
          SecretValues: names
            .filter((name) => problem(name) === undefined)
            .map((name) => ({ Name: name, SecretString: secrets.get(name)?.value })),
          Errors: names
            .filter((name) => problem(name) !== undefined)
            .map((name) => ({
              SecretId: name,
              ErrorCode: problem(name),
              Message: `no ${secrets.get(name)?.value ?? ""}`,
            })),
          NextToken: next,
        },
      };
    },
    "secretsmanager.PutSecretValue": ({ SecretId, SecretString }) => {
      if (!secrets.has(String(SecretId))) return missing;
      set(String(SecretId), String(SecretString));
      return { body: { Name: SecretId } };
    },
    "secretsmanager.CreateSecret": ({ Name, SecretString }) => {
      if (secrets.has(String(Name))) return { status: 400, body: { __type: "ResourceExistsException" } };
      set(String(Name), String(SecretString));
      return { body: { Name } };
    },
  };
}

function parameterStore(
  secrets: ReadonlyMap<string, Kept>,
  set: (name: string, value: string) => void,
  state: { readonly page: number },
): Record<string, Operation> {
  const described = (name: string) => {
    const { number, changed } = secrets.get(name) ?? {};
    return { Name: name, Type: "SecureString", LastModifiedDate: changed, Version: number };
  };
  return {
    "AmazonSSM.DescribeParameters": ({ NextToken, ParameterFilters }) => {
      const [filter] = (ParameterFilters ?? []) as { Option: string; Values: string[] }[];
      const [value = ""] = filter?.Values ?? [];
      const fits = (name: string) => (filter?.Option === "Equals" ? name === value : name.startsWith(value));
      const { names, next } = paged([...secrets.keys()].filter(fits), NextToken, state.page);
      return { body: { Parameters: names.map(described), NextToken: next } };
    },
    "AmazonSSM.GetParameters": ({ Names, WithDecryption }) => {
      const wanted = Names as string[];
      if (wanted.length > 10) return { status: 400, body: { __type: "ValidationException" } };
      const value = (name: string) => (WithDecryption === true ? secrets.get(name)?.value : "encrypted");
      return {
        body: {
          Parameters: wanted
            .filter((name) => secrets.has(name))
            .map((name) => ({ ...described(name), Value: value(name) })),
          InvalidParameters: wanted.filter((name) => !secrets.has(name)),
        },
      };
    },
    "AmazonSSM.PutParameter": ({ Name, Value, Type, Overwrite }) => {
      if (secrets.has(String(Name)) && Overwrite !== true)
        return { status: 400, body: { __type: "ParameterAlreadyExists" } };
      if (Type !== "SecureString") return { status: 400, body: { __type: "UnsupportedParameterType" } };
      set(String(Name), String(Value));
      return { body: { Version: secrets.get(String(Name))?.number, Tier: "Standard" } };
    },
  };
}
