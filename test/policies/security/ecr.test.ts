import assert from "node:assert/strict";
import { repositoryExpiresImages } from "../../../policies/security/ecr/repository-expires-images.ts";
import { repositoryScansImages } from "../../../policies/security/ecr/repository-scans-images.ts";
import { repositoryTagsImmutable } from "../../../policies/security/ecr/repository-tags-immutable.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, say } from "../harness.ts";

const REPOSITORIES: readonly Fake[] = [
  {
    type: "aws:ecr/repository:Repository",
    name: "images",
    props: { imageScanningConfiguration: { scanOnPush: true }, imageTagMutability: "IMMUTABLE" },
  },
  { type: "aws:ecr/lifecyclePolicy:LifecyclePolicy", name: "keep-ten", props: {}, from: { repository: ["images"] } },
];

describe("policies on ECR", () => {
  describePolicy({
    policy: repositoryScansImages,
    compliant: REPOSITORIES,
    breaks: [
      {
        path: "images/imageScanningConfiguration",
        value: undefined,
        says: /scanOnPush is not set, which means false; write true/,
      },
      { path: "images/imageScanningConfiguration/scanOnPush", value: false, says: /scanOnPush is false/ },
    ],
    undecided: ["images/imageScanningConfiguration"],
  });

  describePolicy({
    policy: repositoryTagsImmutable,
    compliant: REPOSITORIES,
    breaks: [
      { path: "images/imageTagMutability", value: undefined, says: /not set, which means MUTABLE; write "IMMUTABLE"/ },
      { path: "images/imageTagMutability", value: "IMMUTABLE_WITH_EXCLUSION", says: /is IMMUTABLE_WITH_EXCLUSION/ },
    ],
    undecided: ["images/imageTagMutability"],
  });

  it("repository-expires-images finds a repository that keeps every image", () => {
    assert.deepEqual(say(repositoryExpiresImages, REPOSITORIES), []);
    const [repository] = REPOSITORIES;
    assert.ok(repository);
    assert.match(
      say(repositoryExpiresImages, [repository]).join(),
      /^mandatory: Repository images keeps every image for ever; add an aws\.ecr\.LifecyclePolicy for it\.$/,
    );
  });

  it("repository-expires-images knows a repository by its name too", () => {
    const named = { ...REPOSITORIES[0], props: { name: "shop/api" } } as Fake;
    const policy: Fake = {
      type: "aws:ecr/lifecyclePolicy:LifecyclePolicy",
      name: "by-name",
      props: { repository: "shop/api" },
    };
    assert.deepEqual(say(repositoryExpiresImages, [named, policy]), []);
  });
});
