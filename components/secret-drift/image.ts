import * as pulumi from "@pulumi/pulumi";
import { join } from "node:path";
import type { ImagePush, Platform } from "../reference/image.ts";
import { buildImage } from "../reference/image.ts";

export interface SecretDriftImageArgs {
  /** Where to push it; default: it is loaded into the local Docker Engine. */
  readonly push?: ImagePush;
  /** CPU architectures to build for when it is pushed; default `linux/amd64`. The local engine gets its own. */
  readonly platforms?: readonly Platform[];
}

/** The checker as an image, built from the sources in `checker`, under a tag that follows them. */
export class SecretDriftImage extends pulumi.ComponentResource {
  /** The reference in the local engine, or the first repository's digest reference. */
  readonly ref: pulumi.Output<string>;

  constructor(name: string, args: SecretDriftImageArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:secret-drift:SecretDriftImage", name, {}, opts);
    const sources = { folder: join(import.meta.dirname, "checker"), repository: "groundwork/secret-drift" };
    this.ref = buildImage(name, sources, args, this).ref;
    this.registerOutputs({ ref: this.ref });
  }
}
