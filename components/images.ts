import images from "./images.json" with { type: "json" };

interface Image {
  readonly repository: string;
  readonly tag: string;
  /** Of the list of all platforms; `groundwork images --pin` asks the registry for it. */
  readonly digest?: string;
  readonly why: string;
}

export type ImageName = keyof typeof images;

/**
 * References of the upstream images, by the one file that says them all, so that an upgrade is one line: an exact tag for
 * people and, once a registry was asked, the digest that decides what runs. Debian variants where there is a choice: their
 * users and shells are what the health checks and user ids rely on.
 */
export const IMAGES = Object.fromEntries(
  Object.entries<Image>(images).map(([name, image]) => [name, imageReference(image)]),
) as Readonly<Record<ImageName, string>>;

/** https://github.com/distribution/reference/blob/main/reference.go */
export function imageReference({ repository, tag, digest }: Omit<Image, "why">): string {
  return `${repository}:${tag}${digest === undefined ? "" : `@${digest}`}`;
}
