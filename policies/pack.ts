import { data } from "./aws/data.ts";
import { cost } from "./cost/index.ts";
import type { Policy } from "./framework/policy.ts";
import { hygiene } from "./hygiene/index.ts";
import { docker as reliableDocker } from "./reliability/docker/index.ts";
import { kubernetes as reliableKubernetes } from "./reliability/kubernetes/index.ts";
import { ec2 } from "./security/ec2/index.ts";
import { ecr } from "./security/ecr/index.ts";
import { eks } from "./security/eks/index.ts";
import { elb } from "./security/elb/index.ts";
import { iam } from "./security/iam/index.ts";
import { docker as secureDocker } from "./security/docker/index.ts";
import { kubernetes as secureKubernetes } from "./security/kubernetes/index.ts";
import { resourceLimits } from "./resource-limits/index.ts";

/** Every policy of the pack, from one container up to the whole environment. */
export const pack: readonly Policy[] = [
  ...resourceLimits,
  ...eks,
  ...ec2,
  ...elb,
  ...ecr,
  ...iam,
  ...data,
  ...secureKubernetes,
  ...secureDocker,
  ...reliableKubernetes,
  ...reliableDocker,
  ...hygiene,
  ...cost,
];
