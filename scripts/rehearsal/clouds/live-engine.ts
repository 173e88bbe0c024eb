import { type Cloud, type Instance, PartialFailure, Refusal, type Subject, sceneOf } from "./cloud.ts";
import type { Item } from "./inventory.ts";
import type { Entry } from "./journal.ts";
import * as lifecycle from "./lifecycle.ts";
import type { Done, ReadRequest } from "./lifecycle.ts";
import { type Live, drifted } from "./live.ts";
import { textOf } from "./places.ts";
import type { Properties } from "./table.ts";
import type { CheckFailure } from "./validate.ts";
import { type TreeObject, fromPlainObject, secretTexts, taint, toProperties, withoutSecrets } from "./values.ts";

/** An object as a real Docker Engine is asked about it: secrets in plain, nothing unknown. */
export interface EngineSubject {
  readonly urn: string;
  readonly token: string;
  readonly inputs: Properties;
}

/** What an engine has made. */
export interface EngineMade {
  readonly id: string;
  /** What the engine tells of it beyond its inputs, in the provider's words. */
  readonly properties: Properties;
  /** The inputs as they came out, where that is not what was asked for. */
  readonly inputs?: Properties;
  /** Why it is there, but not ready. */
  readonly notReady?: string;
}

/** A real Docker Engine behind the simulated provider. Its messages are sentences; secrets are taken out of them here. */
export interface LiveEngine {
  /** As DOCKER_HOST has it. */
  readonly address: string;
  /**
   * `known` are the ids that the same resource has already, as while it is replaced.
   * @returns why it cannot be had here, such as an image that no registry in reach has; it is only simulated then
   */
  create(subject: EngineSubject, known: readonly string[]): Promise<EngineMade | { readonly leftOut: string }>;
  /** `before` are the inputs that it was made with. */
  update(subject: EngineSubject, id: string, before: Properties): Promise<EngineMade>;
  /** Undefined when it is gone. `inputs` are those given, with what has drifted in place. */
  read(subject: EngineSubject, id: string): Promise<{ properties: Properties; inputs: Properties } | undefined>;
  /** Deletes it and waits until it is gone. @throws Error for what another one has made */
  remove(subject: EngineSubject, id: string): Promise<void>;
}

/** The lifecycle of what a real Docker Engine carries: the simulated engine has its say first, the real one the last word. */
export class EngineLifecycle implements Live {
  readonly #cloud: Cloud;
  readonly #engine: LiveEngine;

  constructor(cloud: Cloud, engine: LiveEngine) {
    this.#cloud = cloud;
    this.#engine = engine;
    // made up by a run that was killed: whether the engine has made it is found by its label, under its real id
    const unmade = cloud.inventory.all().filter(({ entry }) => entry.unmade === true);
    for (const { entry } of unmade) this.#forget(entry);
  }

  /** The engine has no dry run; what the simulated one checks was checked before. */
  check(instance: Instance): Promise<readonly CheckFailure[]> {
    this.#refuseOtherHosts(instance);
    return Promise.resolve([]);
  }

  async create(instance: Instance, subject: Subject): Promise<Done> {
    this.#refuseOtherHosts(instance);
    const known = this.#cloud.inventory.byUrn(subject.urn).map(({ id }) => id);
    const done = lifecycle.create(this.#cloud, instance, subject);
    const entry = this.#entry(subject.urn, done.id);
    if (entry === undefined) return done;
    const missing = this.#leftOutImage(subject);
    if (missing !== undefined) return this.#leaveOut(entry, done, missing);
    this.#put({ ...entry, unmade: true });
    let made: Awaited<ReturnType<LiveEngine["create"]>>;
    try {
      made = await this.#engine.create(subjectOf(subject), known);
    } catch (error) {
      this.#forget(entry);
      throw refusal(error, subject);
    }
    if ("leftOut" in made) return this.#leaveOut(entry, done, withoutSecrets(made.leftOut, subject.inputs));
    return this.#made(entry, subject, made);
  }

  async update(instance: Instance, subject: Subject, id: string, old: TreeObject): Promise<Done> {
    this.#refuseOtherHosts(instance);
    const before = this.#entry(subject.urn, id);
    const done = lifecycle.update(this.#cloud, instance, subject, id, old);
    const entry = this.#entry(subject.urn, id);
    if (before === undefined || entry === undefined || before.leftOut !== undefined) {
      if (entry !== undefined && before?.leftOut !== undefined) this.#put({ ...entry, leftOut: before.leftOut });
      return done;
    }
    try {
      return this.#made(entry, subject, await this.#engine.update(subjectOf(subject), id, toProperties(before.inputs)));
    } catch (error) {
      if (error instanceof PartialFailure) throw error;
      this.#put(before);
      throw refusal(error, subject);
    }
  }

  async remove(instance: Instance, subject: Subject, id: string, old: TreeObject): Promise<void> {
    this.#refuseOtherHosts(instance);
    const before = this.#entry(subject.urn, id);
    // one image that two resources name: it is the other one's now
    if (before === undefined && this.#isAnothers(subject, id)) return;
    lifecycle.remove(this.#cloud, instance, subject, id, old);
    const retained = this.#cloud.inventory.all().some((item) => item.id === id && item.retained !== undefined);
    if (before?.leftOut !== undefined || retained) return;
    try {
      await this.#engine.remove(subjectOf(subject), id);
    } catch (error) {
      if (before !== undefined) this.#put(before);
      throw refusal(error, subject);
    }
  }

  async read(instance: Instance, request: ReadRequest): Promise<Done | undefined> {
    this.#refuseOtherHosts(instance);
    const { id } = request;
    const entry = this.#entry(request.urn, id);
    if (entry?.leftOut !== undefined) return lifecycle.read(this.#cloud, instance, request);
    const inputs = entry?.inputs ?? request.inputs;
    const subject = { urn: request.urn, token: request.token, inputs };
    let found: Awaited<ReturnType<LiveEngine["read"]>>;
    try {
      found = await this.#engine.read(subjectOf(subject), id);
    } catch (error) {
      throw refusal(error, subject);
    }
    if (found === undefined) {
      if (entry !== undefined) this.#forget(entry);
      return undefined;
    }
    const known = entry ?? this.#adopted(instance, subject, id);
    const properties = this.#composed(known.properties, found.properties, inputs);
    this.#put({ ...known, properties });
    return { id, properties, inputs: drifted(inputs, found.inputs) };
  }

  /** What was made by a run that was killed before it could write it down. */
  #adopted(instance: Instance, subject: Subject, id: string): Entry {
    const { urn, token, inputs } = subject;
    const place = sceneOf(this.#cloud, instance, subject)?.place ?? "docker/default";
    return { urn, token, id, place, inputs, properties: inputs, seed: id };
  }

  /** The real id and what the engine tells take the place of what was made up. */
  #made(entry: Entry, subject: Subject, { id, properties: told, inputs: out, notReady }: EngineMade): Done {
    const properties = this.#composed(entry.properties, told, subject.inputs);
    const inputs = out === undefined ? subject.inputs : drifted(subject.inputs, out);
    const gone = id === entry.id ? [] : ([[entry.place, entry.token, entry.id]] as const);
    this.#cloud.inventory.commit({ gone, put: [{ ...entry, id, inputs, properties }] });
    if (notReady !== undefined)
      throw new PartialFailure(withoutSecrets(notReady, subject.inputs), id, properties, inputs);
    return { id, properties, inputs };
  }

  #composed(simulated: TreeObject, told: Properties, inputs: TreeObject): TreeObject {
    const real = taint(fromPlainObject(told), secretTexts(inputs)) as TreeObject;
    return { ...simulated, ...real };
  }

  #leaveOut(entry: Entry, done: Done, leftOut: string): Done {
    this.#put({ ...entry, leftOut });
    return done;
  }

  /** A container of an image that cannot be had cannot be had either. */
  #leftOutImage({ inputs }: Pick<Subject, "inputs">): string | undefined {
    const plain = toProperties(inputs);
    const spec = plain["taskSpec"] as { containerSpec?: { image?: unknown } } | undefined;
    const image = spec?.containerSpec?.image ?? plain["image"] ?? plain["sourceImage"];
    if (typeof image !== "string") return undefined;
    return this.leftOut().find(({ properties }) =>
      [properties["imageId"], properties["name"], properties["repoDigest"], properties["ref"]].includes(image),
    )?.entry.leftOut;
  }

  /** What is only simulated, because it cannot be had here. */
  leftOut(): readonly Item[] {
    return this.#cloud.inventory.all().filter(({ entry }) => entry.leftOut !== undefined);
  }

  #entry(urn: string, id: string): Entry | undefined {
    return this.#cloud.inventory.byUrn(urn).find((item) => item.id === id)?.entry;
  }

  #isAnothers({ urn, token }: Subject, id: string): boolean {
    return this.#cloud.inventory.byId(token, id).some((item) => item.urn !== urn);
  }

  #put(entry: Entry): void {
    this.#cloud.inventory.commit({ put: [entry] });
  }

  #forget({ place, token, id }: Entry): void {
    this.#cloud.inventory.commit({ gone: [[place, token, id]] });
  }

  #refuseOtherHosts({ config }: Instance): void {
    const host = textOf(config, "host") ?? "";
    if (host === "" || host === this.#engine.address || host === "unix:///var/run/docker.sock") return;
    throw new Refusal(
      `the docker provider names the host ${host}, and a live rehearsal has one engine, ${this.#engine.address}: leave host out, or rehearse without --live`,
    );
  }
}

function subjectOf({ urn, token, inputs }: Pick<Subject, "urn" | "token" | "inputs">): EngineSubject {
  return { urn, token, inputs: toProperties(inputs) };
}

function refusal(error: unknown, { inputs }: Pick<Subject, "inputs">): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  return new Refusal(withoutSecrets(message, inputs));
}
