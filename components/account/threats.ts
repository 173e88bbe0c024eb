import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { StoragePlace } from "../storage/keys.ts";

export interface ThreatDetectionArgs {
  readonly places: readonly [StoragePlace, ...StoragePlace[]];
  /**
   * Whether an agent on each node watches processes and connections, at about US$ 1.50 a month for each vCPU. Default
   * false. https://aws.amazon.com/guardduty/pricing/
   */
  readonly runtimeMonitoring?: boolean;
}

/** By what they read, and priced by it: usually tens of dollars a month together, the first 30 days free. */
const FEATURES = ["EKS_AUDIT_LOGS", "S3_DATA_EVENTS", "RDS_LOGIN_EVENTS"];

/**
 * GuardDuty in each region: findings from CloudTrail, DNS and flow logs, the clusters' audit logs, S3 and database
 * logins. A region and account has one detector: two stacks cannot both have it.
 * https://docs.aws.amazon.com/guardduty/latest/ug/what-is-guardduty.html
 */
export class ThreatDetection extends ComponentResource {
  constructor(name: string, args: ThreatDetectionArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:account:ThreatDetection", name, {}, opts);
    for (const place of args.places) this.#detect(`${name}-${place.region}`, place, args);
    this.registerOutputs({});
  }

  #detect(name: string, { provider }: StoragePlace, { runtimeMonitoring = false }: ThreatDetectionArgs): void {
    const detector = new aws.guardduty.Detector(
      name,
      { enable: true, findingPublishingFrequency: "FIFTEEN_MINUTES" },
      { parent: this, provider },
    );
    for (const feature of FEATURES)
      new aws.guardduty.DetectorFeature(
        `${name}-${feature.toLowerCase().replaceAll("_", "-")}`,
        { detectorId: detector.id, name: feature, status: "ENABLED" },
        { parent: this, provider },
      );
    if (!runtimeMonitoring) return;
    new aws.guardduty.DetectorFeature(
      `${name}-runtime-monitoring`,
      {
        detectorId: detector.id,
        name: "RUNTIME_MONITORING",
        status: "ENABLED",
        additionalConfigurations: [{ name: "EKS_ADDON_MANAGEMENT", status: "ENABLED" }],
      },
      { parent: this, provider },
    );
  }
}
