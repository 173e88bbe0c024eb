import { plain, text } from "./expanders/read.ts";

export const STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass";
const IS_DEFAULT = "storageclass.kubernetes.io/is-default-class";

/** Whether a StorageClass is the one that is asked for by this name; none is the cluster's default. */
export function isStorageClass(inputs: Readonly<Record<string, unknown>>, name: string | undefined): boolean {
  const metadata = plain(inputs["metadata"]);
  return name === undefined ? plain(metadata["annotations"])[IS_DEFAULT] === "true" : text(metadata["name"]) === name;
}
