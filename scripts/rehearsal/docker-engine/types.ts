import type Docker from "dockerode";

/** A Docker Engine that answers. */
export interface DockerEngine {
  readonly docker: Docker;
  /** What `DOCKER_HOST` is to be for other programs to reach it. */
  readonly host: string;
  /** Whether we started it: then it has nothing but what rehearsals made. */
  readonly isPrivate: boolean;
  /**
   * The caller needs it no more. A private engine ends with everything that it runs when nobody else uses it, and keeps
   * what it knows for the next one who starts it; to an engine that was found nothing happens.
   */
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** `.groundwork`: everything of a private engine but its sockets lies there. */
  readonly home: string;
  /** Called with one line for each step that takes time. */
  readonly progress: (line: string) => void;
}

/** An image that the engine has now. `standIn` says what runs in the place of the official one, e.g. `PostgreSQL 17.11 of Debian`. */
export interface PresentImage {
  readonly id: string;
  readonly standIn?: string;
}

/** Why there is neither the image nor a stand-in for it, in a few words. */
export interface MissingImage {
  readonly missing: string;
}

export interface ImageOptions {
  /** `.groundwork`: stand-ins' base is cached there. */
  readonly home: string;
  /** Folder with stand-ins and its `stand-ins.json`. Default: none, and what cannot be pulled is missing. */
  readonly standIns?: string;
  /** Called with one line for each image that takes time. */
  readonly progress: (line: string) => void;
}
