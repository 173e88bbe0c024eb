import * as kubernetes from "@pulumi/kubernetes";
import type { Scope } from "./addon.ts";

/** Name of the class that volumes get whose claim names none. */
export const STORAGE_CLASS = "gp3";

/**
 * Encrypted gp3 volumes (US$ 0.08 a GiB-month), made in the zone where their pod runs, which can grow.
 * https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
 */
export function createStorageClass({ name, parent, dependsOn }: Scope): kubernetes.storage.v1.StorageClass {
  return new kubernetes.storage.v1.StorageClass(
    `${name}-${STORAGE_CLASS}`,
    {
      metadata: {
        name: STORAGE_CLASS,
        // https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true", "csi.storage.k8s.io/fstype": "ext4" },
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
    },
    { parent, dependsOn: [...dependsOn] },
  );
}
