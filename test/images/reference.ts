import { join } from "node:path";
import type Docker from "dockerode";
import { buildImage } from "../../scripts/rehearsal/docker-engine/index.ts";

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

export interface ReferenceBuild {
  readonly tag: string;
  /** Image or stand-in that all stages begin with. */
  readonly node: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Default: the service's own four. */
  readonly stages?: 1 | 4;
  readonly cache?: boolean;
}

/** Builds it and returns the image's id. */
export function buildReference(docker: Docker, { tag, node, stages, ...build }: ReferenceBuild): Promise<string> {
  return buildImage(docker, {
    ...build,
    context: SERVICE,
    tags: [tag],
    buildArgs: { NODE: node },
    ...(stages === 1 && { instructions: SINGLE_STAGE }),
  });
}
