import grpc from "@grpc/grpc-js";
import enginePb from "@pulumi/pulumi/proto/engine_pb.js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";
import languageRpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { pluginPackages, programPackages } from "./packages.ts";
import { ALREADY_REPORTED, startProgram } from "./program.ts";
import type { ProgramEnd, ProgramRun, RunningProgram } from "./program.ts";

type Unary<Request, Response> = (request: Request, peer: string) => Response | Promise<Response>;
type Method = grpc.handleUnaryCall<unknown, unknown>;

/** A language host that listens on 127.0.0.1. */
export interface LanguageHost {
  readonly port: number;
  /** Ends its programs and stops listening. */
  stop(): Promise<void>;
}

/** What these calls of the CLI need is code generation and package managers, which groundwork and its rehearsals never use. */
const refused: Readonly<Record<string, string>> = {
  installDependencies: "run `npm ci` in the project's folder",
  runPlugin: "components in other languages need the official Pulumi CLI with its language host",
  generateProgram: "`pulumi convert` and `pulumi import` need the official Pulumi CLI",
  generateProject: "`pulumi convert` needs the official Pulumi CLI",
  generatePackage: "`pulumi package add` needs the official Pulumi CLI",
  pack: "`pulumi package` needs the official Pulumi CLI",
  link: "`pulumi package add` needs the official Pulumi CLI",
  template: "`pulumi new` needs the official Pulumi CLI",
};

export interface LanguageHostOptions {
  /** Environment of the programs: attached hosts are not started by the engine and inherit nothing from it. Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Address of the engine that started this process; an engine that attaches tells its own by the handshake. */
  readonly engineAddress?: string;
}

/**
 * Serves Pulumi's LanguageRuntime protocol for Node programs, where the official host cannot be had. An engine attaches to
 * it with `PULUMI_DEBUG_LANGUAGES=nodejs:<port>`, which saves the start of a process, 0.25 s an operation.
 * @param sdkRoot whose @pulumi/pulumi runs programs that have none of their own
 */
export async function serveLanguageHost(sdkRoot: string, options: LanguageHostOptions = {}): Promise<LanguageHost> {
  const host = new NodeLanguageHost(sdkRoot, options);
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  server.addService(languageRpc.LanguageRuntimeService, host.methods());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    port,
    stop: async () => {
      await host.stop();
      server.forceShutdown();
    },
  };
}

class NodeLanguageHost {
  readonly #sdkRoot: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #defaultEngine: string;
  /** Several engines may be attached at once, and a request does not say whose it is: its connection does. */
  readonly #engines = new Map<string, string>();
  readonly #programs = new Map<RunningProgram, string>();

  constructor(sdkRoot: string, { env = process.env, engineAddress = "" }: LanguageHostOptions) {
    this.#sdkRoot = sdkRoot;
    this.#env = env;
    this.#defaultEngine = engineAddress;
  }

  methods(): Record<string, Method> {
    const refusals = Object.entries(refused).map(([name, instead]) => [name, refuse(name, instead)] as const);
    return {
      ...Object.fromEntries(refusals),
      handshake: answer((request: languagePb.LanguageHandshakeRequest, peer) => {
        this.#engines.set(peer, request.getEngineAddress());
        return new languagePb.LanguageHandshakeResponse();
      }),
      getPluginInfo: answer(() => new pluginPb.PluginInfo()),
      getRequiredPlugins: answer(requiredPlugins),
      getRequiredPackages: answer(requiredPackages),
      getProgramDependencies: answer(programDependencies),
      about: answer(about),
      runtimeOptionsPrompts: answer(() => new languagePb.RuntimeOptionsResponse()),
      run: this.#run() as Method,
      cancel: answer((_request, peer) => {
        this.#cancel((owner) => owner === peer);
        return new emptyPb.Empty();
      }),
    };
  }

  async stop(): Promise<void> {
    const ended = [...this.#programs.keys()].map((program) => program.ended);
    this.#cancel(() => true);
    await Promise.allSettled(ended);
  }

  #cancel(concerns: (peer: string) => boolean): void {
    for (const [program, peer] of this.#programs) if (concerns(peer)) program.cancel();
  }

  #run(): grpc.handleUnaryCall<languagePb.RunRequest, languagePb.RunResponse> {
    return (call, done) => {
      const peer = call.getPeer();
      const engine = this.#engines.get(peer) ?? this.#defaultEngine;
      const log = new EngineLog(engine);
      const program = startProgram(programRun(call.request, engine), this.#sdkRoot, this.#env, (line) =>
        log.info(line),
      );
      this.#programs.set(program, peer);
      // an engine that was killed cannot cancel, but its connection breaks
      call.on("cancelled", () => program.cancel());
      program.ended
        .then(async (ended) => {
          await log.close();
          done(null, runResponse(ended));
        })
        .catch((error: unknown) => done({ code: grpc.status.INTERNAL, details: String(error) }))
        .finally(() => this.#programs.delete(program));
    };
  }
}

/** What a program prints is shown by the engine with the other messages of the stack. */
class EngineLog {
  readonly #client: engineRpc.EngineClient;
  #sent: Promise<void> = Promise.resolve();

  constructor(address: string) {
    this.#client = new engineRpc.EngineClient(address, grpc.credentials.createInsecure());
  }

  info(message: string): void {
    const request = new enginePb.LogRequest();
    request.setSeverity(enginePb.LogSeverity.INFO);
    request.setMessage(`${message}\n`);
    // one after the other, so that lines stay in order; an engine that is gone wants no messages
    this.#sent = this.#sent.then(() => new Promise((resolve) => this.#client.log(request, () => resolve())));
  }

  async close(): Promise<void> {
    await this.#sent;
    this.#client.close();
  }
}

function programRun(request: languagePb.RunRequest, engine: string): ProgramRun {
  const info = request.getInfo();
  return {
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    rootDirectory: info?.getRootDirectory() ?? request.getPwd(),
    programDirectory: info?.getProgramDirectory() ?? request.getPwd(),
    entryPoint: info?.getEntryPoint() ?? request.getProgram(),
    pwd: request.getPwd(),
    args: request.getArgsList(),
    parallel: request.getParallel(),
    dryRun: request.getDryrun(),
    config: Object.fromEntries(request.getConfigMap().toArray()),
    secretKeys: request.getConfigsecretkeysList(),
    options: info?.getOptions()?.toJavaScript() ?? {},
  };
}

function runResponse({ code, signal, cancelled }: ProgramEnd): languagePb.RunResponse {
  const response = new languagePb.RunResponse();
  if (cancelled || code === ALREADY_REPORTED) response.setBail(true);
  else if (signal !== null) response.setError(`the program was ended by ${signal}`);
  else if (code !== 0) response.setError(`the program ended with exit code ${code ?? "unknown"}`);
  return response;
}

function about(): languagePb.AboutResponse {
  const response = new languagePb.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  return response;
}

function requiredPackages(request: languagePb.GetRequiredPackagesRequest): languagePb.GetRequiredPackagesResponse {
  const response = new languagePb.GetRequiredPackagesResponse();
  for (const plugin of plugins(request.getInfo())) {
    const dependency = new pluginPb.PackageDependency();
    fill(dependency, plugin);
    response.addPackages(dependency);
  }
  return response;
}

function requiredPlugins(request: languagePb.GetRequiredPluginsRequest): languagePb.GetRequiredPluginsResponse {
  const response = new languagePb.GetRequiredPluginsResponse();
  for (const plugin of plugins(request.getInfo())) {
    const dependency = new pluginPb.PluginDependency();
    fill(dependency, plugin);
    response.addPlugins(dependency);
  }
  return response;
}

interface Plugin {
  readonly name: string;
  readonly version: string;
  readonly server: string;
}

function plugins(info: languagePb.ProgramInfo | undefined): Plugin[] {
  return pluginPackages(info?.getProgramDirectory() ?? process.cwd()).map(({ name, version, pulumi }) => ({
    name: pulumi?.name ?? name.slice(name.lastIndexOf("/") + 1),
    version: pulumi?.version ?? version,
    server: pulumi?.server ?? "",
  }));
}

function fill(dependency: pluginPb.PackageDependency | pluginPb.PluginDependency, plugin: Plugin): void {
  dependency.setKind("resource");
  dependency.setName(plugin.name);
  dependency.setVersion(plugin.version);
  dependency.setServer(plugin.server);
}

function programDependencies(
  request: languagePb.GetProgramDependenciesRequest,
): languagePb.GetProgramDependenciesResponse {
  const folder = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const response = new languagePb.GetProgramDependenciesResponse();
  for (const { name, version } of programPackages(folder, request.getTransitivedependencies())) {
    const dependency = new languagePb.DependencyInfo();
    dependency.setName(name);
    dependency.setVersion(version);
    response.addDependencies(dependency);
  }
  return response;
}

function answer<Request, Response>(method: Unary<Request, Response>): Method {
  const handle: grpc.handleUnaryCall<Request, Response> = (call, done) => {
    Promise.resolve()
      .then(() => method(call.request, call.getPeer()))
      .then((response) => done(null, response))
      .catch((error: unknown) => done({ code: grpc.status.INTERNAL, details: String(error) }));
  };
  return handle as Method;
}

/** Some of the refused calls answer with a stream, which has no callback. */
function refuse(name: string, instead: string): Method {
  const error = {
    code: grpc.status.UNIMPLEMENTED,
    details: `groundwork's Node language host has no ${name}: ${instead}`,
  };
  return (call, done) => {
    if (typeof done === "function") done(error);
    else call.emit("error", error);
  };
}
