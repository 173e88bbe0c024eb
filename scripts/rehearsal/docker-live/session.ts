import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import type { DockerLiveReport, OrphanReport } from "@groundwork/lib/rehearsal-report";
import { type DockerEngine, ensureDockerEngine, ensureImage, standInsFolder } from "../docker-engine/index.ts";
import type { Folders } from "../home.ts";
import { DockerLive, layersFileOf } from "./docker-live.ts";
import { ownerOf } from "./ownership.ts";

interface Marker {
  readonly host: string;
  readonly owner: string;
}

export interface DockerSessionOptions {
  readonly project: string;
  readonly stack: string;
  readonly folders: Folders;
  readonly progress: (line: string) => void;
}

/** The Docker Engine of one live rehearsal, from its start to its end. */
export class DockerSession {
  readonly live: DockerLive;
  readonly #engine: DockerEngine;
  readonly #folders: Folders;

  /**
   * @throws BadInput when no engine answers and none can be started, or when an earlier rehearsal has left things on
   * another one
   */
  static async open({ project, stack, folders, progress }: DockerSessionOptions): Promise<DockerSession> {
    const marker = readMarker(folders);
    if (marker === undefined && existsSync(folders.inventory)) {
      throw new BadInput(
        `an earlier rehearsal left stack ${stack} behind, and it was not live: end it first with \`npm run rehearse -- --stack ${stack}\`, then run this again`,
      );
    }
    const engine = await ensureDockerEngine({ home: folders.home, progress });
    try {
      if (marker !== undefined && marker.host !== engine.host) {
        throw new BadInput(
          `an earlier rehearsal left stack ${stack} behind on the Docker Engine ${marker.host}, and ${engine.host} is another one: set DOCKER_HOST to ${marker.host}, or start that engine, then run this again`,
        );
      }
      const owner = ownerOf(project, stack, folders.stack);
      const standIns = standInsFolder();
      const live = await DockerLive.connect({
        engine,
        owner,
        directory: folders.copy,
        broughtFile: broughtFileOf(folders),
        ensureImage: (reference) =>
          ensureImage(engine, reference, { home: folders.home, progress, ...(standIns !== undefined && { standIns }) }),
      });
      writeFileSync(markerOf(folders), JSON.stringify({ host: engine.host, owner } satisfies Marker));
      return new DockerSession(live, engine, folders);
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }

  private constructor(live: DockerLive, engine: DockerEngine, folders: Folders) {
    this.live = live;
    this.#engine = engine;
    this.#folders = folders;
  }

  /** Whether an earlier rehearsal left containers behind; without --live nobody would take them away. */
  static leftBehind(folders: Folders): boolean {
    return existsSync(markerOf(folders));
  }

  /** Things of a rehearsal whose state is gone: nobody would take them away otherwise. */
  async clear(progress: (line: string) => void): Promise<void> {
    const count = await this.live.removeAll();
    if (count > 0) progress(`docker engine: removed ${count} thing(s) of an earlier rehearsal whose state is gone`);
  }

  /** What the engine has of this rehearsal that the state does not know. */
  async orphans(state: readonly { readonly type: string; readonly id?: string }[]): Promise<OrphanReport[]> {
    const known = new Set(state.map(({ type, id }) => `${type} ${id ?? ""}`));
    const things = await this.live.things();
    return things
      .filter(({ token, id }) => !known.has(`${token} ${id}`))
      .map(({ token, name, id }) => ({ type: token, id: name || id, place: this.live.address }));
  }

  report(leftOut: DockerLiveReport["leftOut"]): Promise<DockerLiveReport> {
    return this.live.report(this.#engine.isPrivate, leftOut);
  }

  /** After everything was torn down. */
  async forget(): Promise<void> {
    await this.live.removeAll();
    await this.live.removeImages();
    const brought = broughtFileOf(this.#folders);
    for (const path of [markerOf(this.#folders), brought, layersFileOf(brought)]) rmSync(path, { force: true });
  }

  async stop(): Promise<void> {
    await this.#engine.stop();
  }
}

function broughtFileOf(folders: Folders): string {
  return join(folders.stack, "brought-images.json");
}

function markerOf(folders: Folders): string {
  return join(folders.stack, "docker-engine.json");
}

function readMarker(folders: Folders): Marker | undefined {
  const file = markerOf(folders);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Marker) : undefined;
}
