/** The parts of an image's reference. https://github.com/distribution/reference */
export interface ImageReference {
  /** With its registry: `docker.io/library/nginx`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** A reference as people write it; an image's own id has no repository. */
export function imageReference(text: string): ImageReference {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return { repository: "", digest: text };
  const [name = "", digest] = text.split("@", 2);
  const [, path = name, tag] = /^(.*?)(?::([\w][\w.-]{0,127}))?$/.exec(name) ?? [];
  const [first = "", ...rest] = path.split("/");
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const repository = hasRegistry ? path : `docker.io/${rest.length > 0 ? "" : "library/"}${path}`;
  return { repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** Also with a version or an architecture beside it: `node20-latest`, `latest-amd64`. */
const MOVED = /(^|[-_.])(latest|nightly|edge|main|master)([-_.]|$)/;

/** What makes a reference mean another image tomorrow, in a sentence that goes on from it; `undefined`: nothing does. */
export function mutability(text: string): string | undefined {
  const { tag, digest } = imageReference(text);
  if (digest !== undefined) return undefined;
  if (tag === undefined) return "has no tag and so means latest";
  if (tag === "latest") return "has the tag latest";
  // a version or a commit has a digit in it; what has none (main, stable, edge, alpine) is moved on
  return /\d/.test(tag) && !MOVED.test(tag) ? undefined : `has the tag ${tag}, which is moved from build to build`;
}
