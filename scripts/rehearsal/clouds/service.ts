import { createRequire } from "node:module";
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import type { TreeObject } from "./values.ts";
import { addFields, decodeStruct, encodeStruct, takeFields } from "./wire.ts";

// Numbers of the fields that hold property trees: github.com/pulumi/pulumi/proto/pulumi/provider.proto
export const CONFIGURE = { args: 2 } as const;
export const CHECK = { olds: 2, news: 3 } as const;
export const CHECKED = { inputs: 1 } as const;
export const DIFF = { olds: 3, news: 4, oldInputs: 6 } as const;
export const CREATE = { properties: 2 } as const;
export const CREATED = { properties: 2 } as const;
export const UPDATE = { olds: 3, news: 4, oldInputs: 8 } as const;
export const UPDATED = { properties: 1 } as const;
export const DELETE = { properties: 3, oldInputs: 5 } as const;
export const READ = { properties: 3, inputs: 4 } as const;
export const FOUND = { properties: 2, inputs: 3 } as const;
export const INVOKE = { args: 2 } as const;
export const INVOKED = { result: 1 } as const;
/** Of ErrorResourceInitFailed, in the details of an error. */
export const FAILED = { properties: 2, inputs: 4 } as const;

const REQUESTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  configure: CONFIGURE,
  checkConfig: CHECK,
  diffConfig: DIFF,
  check: CHECK,
  diff: DIFF,
  create: CREATE,
  update: UPDATE,
  delete: DELETE,
  read: READ,
  invoke: INVOKE,
};

export type FieldTree = readonly [field: number, tree: TreeObject];

interface Message {
  serializeBinary(): Uint8Array;
}

const taken = new WeakMap<object, ReadonlyMap<number, Uint8Array>>();
const added = new WeakMap<object, readonly FieldTree[]>();

/** A property tree of a request; the first of the fields that the engine sent. */
export function treeOf(request: object, ...fields: readonly number[]): TreeObject {
  const bytes = fields.map((field) => taken.get(request)?.get(field)).find((found) => found !== undefined);
  return bytes === undefined ? {} : decodeStruct(bytes);
}

/** A response with property trees. */
export function withTrees<Response extends Message>(response: Response, ...trees: readonly FieldTree[]): Response {
  added.set(response, trees);
  return response;
}

export function serialize(message: Message): Buffer {
  const trees = added.get(message) ?? [];
  return addFields(
    message.serializeBinary(),
    trees.map(([field, tree]) => [field, encodeStruct(tree)]),
  );
}

const GENERATED = (
  createRequire(import.meta.url)("@pulumi/pulumi/proto/provider_grpc_pb.js") as {
    ResourceProviderService: ServiceDefinition;
  }
).ResourceProviderService;

/** Pulumi's provider service, whose property trees do not pass through the generated classes. */
export const SERVICE: ServiceDefinition = Object.fromEntries(
  Object.entries(GENERATED).map(([name, method]) => [
    name,
    withoutStructs(method, Object.values(REQUESTS[name] ?? {})),
  ]),
);

function withoutStructs(
  method: MethodDefinition<unknown, unknown>,
  fields: readonly number[],
): MethodDefinition<unknown, unknown> {
  if (fields.length === 0) return method;
  return {
    ...method,
    requestDeserialize: (bytes) => {
      const parts = takeFields(bytes, fields);
      const request = method.requestDeserialize(parts.rest) as object;
      taken.set(request, parts.taken);
      return request;
    },
    responseSerialize: (response) => serialize(response as Message),
  };
}
