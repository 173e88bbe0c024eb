import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { StoragePlace } from "../storage/keys.ts";

export interface AccountGuardsArgs {
  readonly places: readonly [StoragePlace, ...StoragePlace[]];
  /** Prefix of the analyzers' names. */
  readonly analyzerName: string;
}

/**
 * What keeps mistakes from becoming leaks, free of charge: no bucket of the account can be made public, each new disk is
 * encrypted, and Access Analyzer tells which roles, keys, buckets and secrets somebody outside can reach.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html
 */
export class AccountGuards extends ComponentResource {
  constructor(name: string, { places, analyzerName }: AccountGuardsArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:account:AccountGuards", name, {}, opts);
    new aws.s3.AccountPublicAccessBlock(
      `${name}-private`,
      { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      { parent: this, provider: places[0].provider },
    );
    for (const { region, provider } of places) {
      new aws.ebs.EncryptionByDefault(`${name}-${region}-disks`, { enabled: true }, { parent: this, provider });
      new aws.accessanalyzer.Analyzer(
        `${name}-${region}-access`,
        { analyzerName: `${analyzerName}-${region}`, type: "ACCOUNT" },
        { parent: this, provider },
      );
    }
    this.registerOutputs({});
  }
}
