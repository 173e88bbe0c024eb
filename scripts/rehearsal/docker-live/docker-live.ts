import type { DockerContainerReport, DockerLiveReport } from "@groundwork/lib/rehearsal-report";
import type { EngineMade, EngineSubject, LiveEngine } from "../clouds/live-engine.ts";
import type { Properties } from "../clouds/table.ts";
import { BUILT_IMAGE, CONTAINER, NETWORK, REMOTE_IMAGE, SERVICE, TAG, VOLUME } from "../clouds/tables/docker/rules.ts";
import { CONFIG, SECRET } from "../clouds/tables/docker/swarm-data.ts";
import { type DockerEngine, removeLayers } from "../docker-engine/index.ts";
import { BroughtImages } from "./brought-images.ts";
import { builtImage } from "./build.ts";
import { container } from "./container.ts";
import { registryImage, remoteImage, removeImage, tag } from "./image.ts";
import { inspectAll, problemsOf } from "./inspection.ts";
import type { EnsureImage, Kind, Workbench } from "./kind.ts";
import { network } from "./network.ts";
import { type OwnThing, ownThings } from "./own-things.ts";
import { EngineRefusal, asking } from "./refusals.ts";
import { service } from "./service.ts";
import { config, secret } from "./swarm-data.ts";
import { volume } from "./volume.ts";

const KINDS: Readonly<Record<string, Kind>> = {
  [NETWORK]: network,
  [VOLUME]: volume,
  [REMOTE_IMAGE]: remoteImage,
  [TAG]: tag,
  [BUILT_IMAGE]: builtImage,
  [CONTAINER]: container,
  [SERVICE]: service,
  [SECRET]: secret,
  [CONFIG]: config,
  "docker:index/registryImage:RegistryImage": registryImage,
};

/** In the order in which things can go: who uses others goes first. */
const REMOVAL = [SERVICE, CONTAINER, NETWORK, VOLUME, SECRET, CONFIG, BUILT_IMAGE];

export interface DockerLiveOptions {
  readonly engine: DockerEngine;
  /** See {@link ownerOf}. */
  readonly owner: string;
  /** The folder of the Pulumi program. */
  readonly directory: string;
  /** Where the images that were brought are written down. */
  readonly broughtFile: string;
  readonly ensureImage: EnsureImage;
}

/** Where the ids of what builds have left are written down. */
export function layersFileOf(broughtFile: string): string {
  return broughtFile.replace(/(?:\.json)?$/, "-layers.json");
}

/** The real Docker Engine behind the simulated docker provider. */
export class DockerLive implements LiveEngine {
  readonly address: string;
  /** Of the engine, such as `20.10.24`. */
  readonly version: string;
  readonly #bench: Workbench;
  readonly #notes = new Set<string>();
  /** How long each thing took until it was ready, by id. */
  readonly #seconds = new Map<string, number>();

  /** @throws EngineRefusal when the engine does not answer */
  static async connect(options: DockerLiveOptions): Promise<DockerLive> {
    const { docker, host } = options.engine;
    const { ApiVersion, Version } = await asking(`the engine ${host} cannot be asked`, () => docker.version());
    return new DockerLive(options, ApiVersion, Version);
  }

  private constructor(options: DockerLiveOptions, apiVersion: string, version: string) {
    const { engine, owner, directory, broughtFile, ensureImage } = options;
    this.address = engine.host;
    this.version = version;
    this.#bench = {
      docker: engine.docker,
      owner,
      apiVersion,
      isPrivate: engine.isPrivate,
      directory,
      ensureImage,
      brought: new BroughtImages(broughtFile),
      layers: new BroughtImages(layersFileOf(broughtFile)),
      healthy: new Set(),
      note: (sentence) => this.#notes.add(sentence),
    };
  }

  /** What goes another way than with the official provider; one sentence each. */
  get notes(): readonly string[] {
    return [...this.#notes].sort();
  }

  async create(
    subject: EngineSubject,
    known: readonly string[] = [],
  ): Promise<EngineMade | { readonly leftOut: string }> {
    const began = performance.now();
    const made = await this.#created(subject, known);
    if ("id" in made) this.#seconds.set(made.id, Math.round(performance.now() - began) / 1000);
    return made;
  }

  /** What an engine that died in the middle of a create has kept stands in the way of the next one, and is in no state. */
  async #created(subject: EngineSubject, known: readonly string[]): Promise<EngineMade | { readonly leftOut: string }> {
    const kind = this.#kind(subject.token);
    try {
      return await kind.create(this.#bench, subject);
    } catch (error) {
      if (!(error instanceof EngineRefusal) || error.status !== 409) throw error;
      const left = await this.lookUp(subject.urn, subject.token, known);
      if (left === undefined) throw error;
      await kind.remove(this.#bench, subject, left.id);
      return kind.create(this.#bench, subject);
    }
  }

  update(subject: EngineSubject, id: string, before: Properties): Promise<EngineMade> {
    const kind = this.#kind(subject.token);
    // all that can change in place of such a thing is how it is deleted, which the engine does not know
    return kind.update?.(this.#bench, subject, id, before) ?? Promise.resolve({ id, properties: {} });
  }

  read(subject: EngineSubject, id: string): Promise<{ properties: Properties; inputs: Properties } | undefined> {
    return this.#kind(subject.token).read(this.#bench, subject, id);
  }

  remove(subject: EngineSubject, id: string): Promise<void> {
    return this.#kind(subject.token).remove(this.#bench, subject, id);
  }

  /** Everything on the engine that carries this rehearsal's label. */
  things(): Promise<readonly OwnThing[]> {
    return ownThings(this.#bench);
  }

  /** What a create that was never confirmed has made; `known` are ids that the state holds already. */
  async lookUp(urn: string, token: string, known: readonly string[]): Promise<{ id: string } | undefined> {
    const things = await this.things();
    return things.find((thing) => thing.urn === urn && thing.token === token && !known.includes(thing.id));
  }

  /**
   * Removes everything of this rehearsal, in an order that the engine accepts. What cannot be removed keeps nothing else.
   * @returns how many things that were
   * @throws the first refusal, when all else is gone
   */
  async removeAll(): Promise<number> {
    const things = await this.things();
    const refusals: unknown[] = [];
    for (const token of REMOVAL) {
      for (const { id, name, urn } of things.filter((thing) => thing.token === token)) {
        const inputs = token === BUILT_IMAGE ? { tags: [name] } : { name };
        try {
          await this.#kind(token).remove(this.#bench, { urn, token, inputs }, id);
        } catch (error) {
          refusals.push(error);
        }
      }
    }
    if (refusals.length > 0) throw refusals[0];
    return things.length;
  }

  /**
   * What builds have left, and the images that were brought to an engine of somebody else's; a private one keeps them for
   * the next rehearsal.
   */
  async removeImages(): Promise<void> {
    const { brought, docker, isPrivate, layers } = this.#bench;
    const left = new Set(
      await asking("what builds have left cannot be removed", () => removeLayers(docker, layers.all)),
    );
    for (const id of layers.all.filter((each) => !left.has(each))) layers.remove(id);
    for (const reference of isPrivate ? [] : brought.all) {
      try {
        await removeImage(this.#bench, reference, false, `image ${reference}`);
        brought.remove(reference);
      } catch (error) {
        // somebody else runs it by now
        if (!(error instanceof EngineRefusal)) throw error;
        this.#notes.add(error.message);
      }
    }
  }

  async containers(things?: readonly OwnThing[]): Promise<readonly DockerContainerReport[]> {
    const own = (things ?? (await this.things())).filter(({ token }) => token === CONTAINER);
    return inspectAll(this.#bench, own, (id) => this.#seconds.get(id));
  }

  /** Why an update that ended well has left something that does not serve. */
  async problems(): Promise<string[]> {
    return problemsOf(await this.containers());
  }

  async report(isPrivate: boolean, leftOut: DockerLiveReport["leftOut"]): Promise<DockerLiveReport> {
    const things = await this.things();
    const counts: Record<string, number> = {};
    for (const { token } of things) counts[token] = (counts[token] ?? 0) + 1;
    return {
      host: this.address,
      version: this.version,
      private: isPrivate,
      containers: await this.containers(things),
      things: counts,
      leftOut,
      notes: this.notes,
    };
  }

  #kind(token: string): Kind {
    const kind = KINDS[token];
    if (kind === undefined) {
      throw new EngineRefusal(
        `a live rehearsal does not know ${token}: add its kind to scripts/rehearsal/docker-live, or rehearse without --live`,
        0,
      );
    }
    return kind;
  }
}
