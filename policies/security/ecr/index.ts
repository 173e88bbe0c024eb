import type { Policy } from "../../framework/policy.ts";
import { repositoryExpiresImages } from "./repository-expires-images.ts";
import { repositoryNotPublic } from "./repository-not-public.ts";
import { repositoryScansImages } from "./repository-scans-images.ts";
import { repositoryTagsImmutable } from "./repository-tags-immutable.ts";

export const ecr: readonly Policy[] = [
  repositoryNotPublic,
  repositoryScansImages,
  repositoryTagsImmutable,
  repositoryExpiresImages,
];
