import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** Letters and digits only, so that it needs no quoting in any file or URL; 32 of them are 190 bits. */
const LENGTH = 32;

/** A password that is made once, kept in the state, and a secret from birth. */
export function password(name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string> {
  return pulumi.secret(new random.RandomPassword(name, { length: LENGTH, special: false }, opts).result);
}
