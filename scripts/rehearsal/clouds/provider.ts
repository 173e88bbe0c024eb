import grpc from "@grpc/grpc-js";
import type { handleUnaryCall, sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as rpc from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import anyMessages from "google-protobuf/google/protobuf/any_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import { check } from "./checks.ts";
import { type Cloud, type Instance, PartialFailure, Refusal, type Run } from "./cloud.ts";
import { checkConfiguration, configurationOf, diffConfiguration } from "./configuration.ts";
import type { Change } from "./diff.ts";
import * as lifecycle from "./lifecycle.ts";
import type { Done } from "./lifecycle.ts";
import type { Live } from "./live.ts";
import { Cancelled, type Operations } from "./operations.ts";
import { formatPath } from "./paths.ts";
import {
  CHECK,
  CHECKED,
  CONFIGURE,
  CREATE,
  CREATED,
  DELETE,
  DIFF,
  FAILED,
  FOUND,
  INVOKE,
  INVOKED,
  READ,
  SERVICE,
  UPDATE,
  UPDATED,
  serialize,
  treeOf,
  withTrees,
} from "./service.ts";
import { LostCluster, asReported } from "./lost-cluster.ts";
import type { CheckFailure } from "./validate.ts";
import { type TreeObject, holdsSecret } from "./values.ts";

/** What a provider server needs besides the clouds. */
export interface Backing {
  readonly cloud: Cloud;
  readonly operations: Operations;
  /** The engine run that an engine's own address stands for. */
  runOf(engineAddress: string): Run;
  mayReplace(urn: string, paths: readonly string[]): void;
  /** Of packages behind which something real stands. */
  readonly live?: Live;
}

interface Connection extends Instance {
  config: TreeObject;
  readonly cancel: () => void;
}

/** Pulumi's provider protocol for one package. */
export class Provider {
  readonly #package: string;
  readonly #version: string;
  readonly #backing: Backing;
  /** Calls name only the URN of a resource; which provider instance asks is told by the connection. */
  readonly #connections = new Map<string, Connection>();

  constructor(packageName: string, version: string, backing: Backing) {
    this.#package = packageName;
    this.#version = version;
    this.#backing = backing;
  }

  /** Starts to listen on a free port of 127.0.0.1. */
  async listen(): Promise<{ port: number; close: () => void }> {
    // an engine sends whole manifests and chart values in one message
    const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
    const server = new grpc.Server(unlimited);
    server.addService(SERVICE, this.#methods());
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    return { port, close: () => server.forceShutdown() };
  }

  #methods(): grpc.UntypedServiceImplementation {
    const missing = Object.keys(SERVICE).map((name) => [name, unimplemented(name)]);
    return {
      ...(Object.fromEntries(missing) as grpc.UntypedServiceImplementation),
      getPluginInfo: unary(() => new pluginMessages.PluginInfo().setVersion(this.#version)),
      attach: unary((request: InstanceType<typeof pluginMessages.PluginAttach>, peer) => {
        this.#connect(peer, request.getAddress());
        return new emptyMessages.Empty();
      }),
      cancel: unary((_, peer) => {
        this.#connections.get(peer)?.cancel();
        return new emptyMessages.Empty();
      }),
      checkConfig: unary((request: rpc.CheckRequest) => this.#checkConfig(request)),
      diffConfig: unary((request: rpc.DiffRequest) => this.#diffConfig(request)),
      configure: unary((request: rpc.ConfigureRequest, peer) => this.#configure(request, peer)),
      check: unary((request: rpc.CheckRequest, peer) => this.#check(request, peer)),
      diff: unary((request: rpc.DiffRequest, peer) => this.#diff(request, peer)),
      create: unary((request: rpc.CreateRequest, peer) => this.#create(request, peer)),
      update: unary((request: rpc.UpdateRequest, peer) => this.#update(request, peer)),
      delete: unary((request: rpc.DeleteRequest, peer) => this.#delete(request, peer)),
      read: unary((request: rpc.ReadRequest, peer) => this.#read(request, peer)),
      invoke: unary((request: rpc.InvokeRequest, peer) => this.#invoke(request, peer)),
    };
  }

  #connect(peer: string, engineAddress: string): Connection {
    let cancel = (): void => undefined;
    const cancelled = new Promise<void>((resolve) => (cancel = resolve));
    const run = this.#backing.runOf(engineAddress);
    const connection = { packageName: this.#package, config: {}, run, cancelled, cancel: () => cancel() };
    this.#connections.set(peer, connection);
    return connection;
  }

  #connection(peer: string): Connection {
    return this.#connections.get(peer) ?? this.#connect(peer, "");
  }

  #checkConfig(request: rpc.CheckRequest): rpc.CheckResponse {
    const news = treeOf(request, CHECK.news);
    const failures = checkConfiguration(this.#backing.cloud, this.#package, news);
    return checkResponse(news, failures);
  }

  #diffConfig(request: rpc.DiffRequest): rpc.DiffResponse {
    const olds = treeOf(request, DIFF.oldInputs, DIFF.olds);
    const news = treeOf(request, DIFF.news);
    const { changed, replaces } = diffConfiguration(this.#backing.cloud, this.#package, olds, news);
    const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
    return new messages.DiffResponse()
      .setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME)
      .setDiffsList([...changed])
      .setReplacesList([...replaces]);
  }

  #configure(request: rpc.ConfigureRequest, peer: string): rpc.ConfigureResponse {
    this.#connection(peer).config = configurationOf(
      this.#backing.cloud,
      this.#package,
      treeOf(request, CONFIGURE.args),
    );
    // resources and outputs arrive as plain ids and values: nothing here needs more
    return new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
  }

  async #check(request: rpc.CheckRequest, peer: string): Promise<rpc.CheckResponse> {
    const given = treeOf(request, CHECK.olds);
    const olds = Object.keys(given).length === 0 ? undefined : given;
    const urn = request.getUrn();
    const token = tokenOf(urn);
    const connection = this.#connection(peer);
    const skipped = LostCluster.of(this.#backing.cloud, connection)?.check(olds);
    if (skipped !== undefined) return checkResponse(skipped, []);
    const { inputs, failures } = check(this.#backing.cloud, connection, {
      urn,
      token,
      news: treeOf(request, CHECK.news),
      olds,
      seed: request.getRandomseed_asU8(),
    });
    const { live } = this.#backing;
    if (live === undefined || failures.length > 0) return checkResponse(inputs, failures);
    return checkResponse(inputs, await live.check(connection, { urn, token, inputs }, olds));
  }

  #diff(request: rpc.DiffRequest, peer: string): rpc.DiffResponse {
    const urn = request.getUrn();
    const result = lifecycle.diff(this.#backing.cloud, this.#connection(peer), {
      urn,
      token: tokenOf(urn),
      id: request.getId(),
      oldInputs: treeOf(request, DIFF.oldInputs, DIFF.olds),
      oldOutputs: treeOf(request, DIFF.olds),
      news: treeOf(request, DIFF.news),
      ignore: request.getIgnorechangesList(),
    });
    if (!result.changes.some(({ replaces }) => replaces)) this.#backing.mayReplace(urn, result.mayReplace);
    return diffResponse(result.changes, result.deleteBeforeReplace);
  }

  async #create(request: rpc.CreateRequest, peer: string): Promise<rpc.CreateResponse> {
    const connection = this.#connection(peer);
    const { cloud, live } = this.#backing;
    const subject = subjectOf(request.getUrn(), treeOf(request, CREATE.properties));
    const response = new messages.CreateResponse();
    const lost = LostCluster.of(cloud, connection);
    if (lost !== undefined && request.getPreview()) return withTrees(response, [CREATED.properties, subject.inputs]);
    if (request.getPreview()) {
      return withTrees(response, [CREATED.properties, lifecycle.planCreate(cloud, connection, subject)]);
    }
    const done = await this.#mutate(connection, "create", subject, () => {
      lost?.refuse();
      return live === undefined ? lifecycle.create(cloud, connection, subject) : live.create(connection, subject);
    });
    return withTrees(response.setId(done?.id ?? ""), [CREATED.properties, done?.properties ?? {}]);
  }

  async #update(request: rpc.UpdateRequest, peer: string): Promise<rpc.UpdateResponse> {
    const connection = this.#connection(peer);
    const { cloud, live } = this.#backing;
    const subject = subjectOf(request.getUrn(), treeOf(request, UPDATE.news));
    const old = treeOf(request, UPDATE.olds);
    const id = request.getId();
    const response = new messages.UpdateResponse();
    if (request.getPreview()) {
      return withTrees(response, [UPDATED.properties, lifecycle.planUpdate(cloud, connection, subject, id, old)]);
    }
    const done = await this.#mutate(connection, "update", subject, () => {
      LostCluster.of(cloud, connection)?.refuse();
      return live === undefined
        ? lifecycle.update(cloud, connection, subject, id, old)
        : live.update(connection, subject, id, old);
    });
    return withTrees(response, [UPDATED.properties, done?.properties ?? {}]);
  }

  async #delete(request: rpc.DeleteRequest, peer: string): Promise<InstanceType<typeof emptyMessages.Empty>> {
    const connection = this.#connection(peer);
    const subject = subjectOf(request.getUrn(), treeOf(request, DELETE.oldInputs));
    const old = treeOf(request, DELETE.properties);
    const { cloud, live } = this.#backing;
    await this.#mutate(connection, "delete", subject, async () => {
      const lost = LostCluster.of(cloud, connection);
      if (lost !== undefined) lost.remove(subject);
      else if (live === undefined) lifecycle.remove(cloud, connection, subject, request.getId(), old);
      else await live.remove(connection, subject, request.getId(), old);
      return undefined;
    });
    return new emptyMessages.Empty();
  }

  #mutate(
    connection: Connection,
    kind: "create" | "update" | "delete",
    { urn, token }: { readonly urn: string; readonly token: string },
    perform: () => Done | undefined | Promise<Done | undefined>,
  ): Promise<Done | undefined> {
    return this.#backing.operations.run(connection, { kind, urn, token }, perform);
  }

  async #read(request: rpc.ReadRequest, peer: string): Promise<rpc.ReadResponse> {
    const wanted = {
      urn: request.getUrn(),
      token: tokenOf(request.getUrn()),
      id: request.getId(),
      properties: treeOf(request, READ.properties),
      inputs: treeOf(request, READ.inputs),
    };
    const connection = this.#connection(peer);
    const lost = LostCluster.of(this.#backing.cloud, connection);
    const done = lost === undefined ? await this.#found(connection, wanted) : lost.read(wanted);
    const response = new messages.ReadResponse();
    if (done === undefined) lost?.forget(wanted.urn);
    if (done === undefined) return response;
    return withTrees(response.setId(done.id), [FOUND.properties, done.properties], [FOUND.inputs, done.inputs]);
  }

  async #found(connection: Connection, wanted: lifecycle.ReadRequest): Promise<Done | undefined> {
    const { cloud, live } = this.#backing;
    const done = live === undefined ? lifecycle.read(cloud, connection, wanted) : await live.read(connection, wanted);
    return asReported(cloud, wanted.token, done);
  }

  #invoke(request: rpc.InvokeRequest, peer: string): rpc.InvokeResponse {
    const args = treeOf(request, INVOKE.args);
    const answer = lifecycle.invoke(this.#backing.cloud, this.#connection(peer), request.getTok(), args);
    const response = new messages.InvokeResponse();
    if (typeof answer["failure"] === "string") {
      return response.setFailuresList([new messages.CheckFailure().setReason(answer["failure"])]);
    }
    return withTrees(response, [INVOKED.result, answer]);
  }
}

function unimplemented(name: string): handleUnaryCall<unknown, unknown> {
  return (_call, answer) => {
    answer({ code: grpc.status.UNIMPLEMENTED, details: `the simulator has no ${name}` });
  };
}

/** A call with one answer. What it throws becomes the error that a real provider would answer with. */
function unary<Request, Response>(
  handle: (request: Request, peer: string) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => {
    Promise.resolve()
      .then(() => handle(call.request, call.getPeer()))
      .then(
        (response) => answer(null, response),
        (error: unknown) => answer(errorOf(error)),
      );
  };
}

function errorOf(error: unknown): Partial<grpc.StatusObject> {
  const details = error instanceof Error ? error.message : String(error);
  if (error instanceof PartialFailure) return partialFailure(error);
  if (error instanceof Cancelled) return { code: grpc.status.CANCELLED, details };
  if (error instanceof Refusal) return { code: grpc.status.UNKNOWN, details };
  return { code: grpc.status.INTERNAL, details: `the simulator itself failed: ${describeMistake(error)}` };
}

/** Where it went wrong. What a parser complains of may quote a secret, so of its errors only the place is told. */
function describeMistake(error: unknown): string {
  if (!(error instanceof Error)) return "something that is no error was thrown";
  const places = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  const what = error instanceof SyntaxError ? error.name : `${error.name}: ${error.message}`;
  return [what, ...places.slice(0, 4)].join("\n");
}

/** As the bridge answers when the thing was made, but did not become ready: the engine keeps it and its id. */
function partialFailure({ id, message, properties, inputs }: PartialFailure): Partial<grpc.StatusObject> {
  const failed = new messages.ErrorResourceInitFailed().setId(id).setReasonsList([message]);
  const detail = new anyMessages.Any();
  detail.pack(
    serialize(withTrees(failed, [FAILED.properties, properties], [FAILED.inputs, inputs])),
    "pulumirpc.ErrorResourceInitFailed",
  );
  const status = new statusMessages.Status().setCode(grpc.status.UNKNOWN).setMessage(message);
  status.addDetails(detail);
  const metadata = new grpc.Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}

function checkResponse(inputs: TreeObject, failures: readonly CheckFailure[]): rpc.CheckResponse {
  const told = failures.map(({ path, reason }) => {
    // the engine prints the value of the property that a failure names, and a secret's too: the reason alone names the path
    const property = holdsSecret(inputs[path] ?? null) ? "" : path;
    return new messages.CheckFailure().setProperty(property).setReason(reason);
  });
  return withTrees(new messages.CheckResponse().setFailuresList(told), [CHECKED.inputs, inputs]);
}

function diffResponse(changes: readonly Change[], deleteBeforeReplace: boolean): rpc.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  const { Kind } = messages.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  const response = new messages.DiffResponse()
    .setHasdetaileddiff(true)
    .setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setDeletebeforereplace(deleteBeforeReplace);
  for (const { path, kind, replaces, output } of changes) {
    const property = formatPath(path);
    const detail = new messages.PropertyDiff().setKind(kinds[kind][replaces ? 1 : 0]).setInputdiff(output !== true);
    response.getDetaileddiffMap().set(property, detail);
    response.addDiffs(formatPath(path.slice(0, 1)));
    if (replaces) response.addReplaces(formatPath(path.slice(0, 1)));
  }
  return response;
}

function subjectOf(urn: string, inputs: TreeObject): { urn: string; token: string; inputs: TreeObject } {
  return { urn, token: tokenOf(urn), inputs };
}

/** `urn:pulumi:stack::project::parent$type::name` */
function tokenOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}
