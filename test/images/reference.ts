import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type Docker from "dockerode";
import { buildImage } from "../../scripts/rehearsal/docker-engine/index.ts";
import { sent } from "../components/reference/dockerfile.ts";

const SERVICE = join(import.meta.dirname, "../../components/reference/service");

/** What the reference service's Dockerfile begins with. */
export const NODE = `node:${process.versions.node}-bookworm-slim`;

/** The same service as one stage makes it: what builds it stays in the image. */
const SINGLE_STAGE = `ARG NODE
FROM \${NODE}
WORKDIR /service
COPY . ./
RUN npm ci --ignore-scripts --no-audit --no-fund \\
  && node build.ts /service/app && cp package.json app/ \\
  && node kernel/build.ts /service/app/kernel/kernel.wasm
ENV NODE_ENV=production PORT=8000
WORKDIR /service/app
USER 1000:1000
CMD ["node", "start.js"]
`;

/** Fills a folder with what Docker would be sent, already without what is ignored, and a second Dockerfile with a single stage. */
export function referenceContext(folder: string): string {
  const files = readdirSync(SERVICE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(SERVICE, join(entry.parentPath, entry.name)))
    .filter((path) => path !== ".dockerignore");
  for (const path of ["Dockerfile", ...sent(join(SERVICE, ".dockerignore"), files)]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(SERVICE, path), join(folder, path));
  }
  writeFileSync(join(folder, "Dockerfile.single-stage"), SINGLE_STAGE);
  return folder;
}

export interface ReferenceBuild {
  /** From {@link referenceContext}. */
  readonly context: string;
  readonly tag: string;
  /** Image or stand-in that all stages begin with. */
  readonly node: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Default: the service's own four. */
  readonly stages?: 1 | 4;
  readonly cache?: boolean;
}

/** Builds it and returns the image's id. */
export function buildReference(docker: Docker, build: ReferenceBuild): Promise<string> {
  const { context, tag, node, labels, stages = 4, cache = true } = build;
  const dockerfile = stages === 1 ? "Dockerfile.single-stage" : "Dockerfile";
  return buildImage(docker, { context, dockerfile, tags: [tag], buildArgs: { NODE: node }, labels, cache });
}
