import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface RegionProviderArgs {
  /** AWS's name of the region, e.g. `us-west-2`. */
  readonly region: string;
  /** Twelve digits. Credentials of any other account are refused before anything is read or made. */
  readonly accountId: string;
}

/** Whose a resource is: the provider writes them on all that it makes; what a cluster makes by itself is told them. */
export function stackTags(): Readonly<Record<string, string>> {
  return { "groundwork:project": pulumi.getProject(), "groundwork:stack": pulumi.getStack() };
}

/**
 * The one provider through which everything in a region is made. It is passed down explicitly, so that nothing lands in
 * whatever region the shell happens to name.
 */
export function regionProvider({ region, accountId }: RegionProviderArgs): aws.Provider {
  return new aws.Provider(`aws-${region}`, {
    region: region as aws.Region,
    allowedAccountIds: [accountId],
    defaultTags: { tags: stackTags() },
  });
}
