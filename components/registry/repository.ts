import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";

export interface RegionalRepositoryArgs {
  readonly provider: aws.Provider;
  /** Whether the repository refuses deletion; when not, its images go with it. */
  readonly protect: boolean;
}

/** How a client logs in to the registry; made anew at each run, valid for twelve hours. */
export interface RegistryLogin {
  readonly address: Output<string>;
  readonly username: Output<string>;
  readonly password: Output<string>;
}

/** Images that no tag names any more are of no use to a rollback either. */
const UNTAGGED_DAYS = 14;
/** Enough to go back by; about US$ 0.10 a month for each GB. */
const KEPT_IMAGES = 50;

/** A private ECR repository: scanned on push, tags that never move, old images removed. */
export class RegionalRepository extends ComponentResource {
  /** `<account>.dkr.ecr.<region>.amazonaws.com/<name>`, without a tag. */
  readonly url: Output<string>;
  readonly login: RegistryLogin;

  constructor(name: string, args: RegionalRepositoryArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:registry:RegionalRepository", name, {}, { ...opts, providers: [args.provider] });
    const repository = createRepository(name, args.protect, this);
    createLifecycle(name, repository, this);
    this.url = repository.repositoryUrl;
    this.login = loginTo(repository, args.provider);
    this.registerOutputs({ url: this.url });
  }
}

function createRepository(name: string, protect: boolean, parent: ComponentResource): aws.ecr.Repository {
  return new aws.ecr.Repository(
    name,
    {
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      forceDelete: !protect,
    },
    { parent, protect },
  );
}

function createLifecycle(name: string, repository: aws.ecr.Repository, parent: ComponentResource): void {
  const expire = (priority: number, description: string, selection: object) => ({
    rulePriority: priority,
    description,
    selection,
    action: { type: "expire" },
  });
  new aws.ecr.LifecyclePolicy(
    `${name}-lifecycle`,
    {
      repository: repository.name,
      policy: JSON.stringify({
        rules: [
          expire(1, `Untagged images after ${UNTAGGED_DAYS} days`, {
            tagStatus: "untagged",
            countType: "sinceImagePushed",
            countUnit: "days",
            countNumber: UNTAGGED_DAYS,
          }),
          expire(2, `All but the newest ${KEPT_IMAGES} images`, {
            tagStatus: "any",
            countType: "imageCountMoreThan",
            countNumber: KEPT_IMAGES,
          }),
        ],
      }),
    },
    { parent },
  );
}

function loginTo(repository: aws.ecr.Repository, provider: aws.Provider): RegistryLogin {
  const token = aws.ecr.getAuthorizationTokenOutput({ registryId: repository.registryId }, { provider });
  return { address: token.proxyEndpoint, username: token.userName, password: pulumi.secret(token.password) };
}
