import type { IAnalysisTemplate, IRollout } from "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1";
import * as kubernetes from "@pulumi/kubernetes";
import type { ComponentResource, Input, Output, Resource } from "@pulumi/pulumi";

/**
 * A new version that comes in beside the old one, and goes again by itself when it answers with errors. `blueGreen` starts
 * all of the new version, then all requests go to it at once; `canary` gives it a growing share of the replicas, and with it
 * of the requests.
 */
export type Release = BlueGreen | Canary;

interface Watched {
  /** Share of answers with a status of 500 and above, 0 to 1, from which on the new version is taken back. */
  readonly maxErrorRatio: number;
}

export interface BlueGreen extends Watched {
  readonly kind: "blueGreen";
  /** Seconds that the old version is kept after the switch: so long the way back is a switch and no start. */
  readonly keepSeconds: number;
}

export interface Canary extends Watched {
  readonly kind: "canary";
  /** Share of the replicas in percent, and the seconds until the next step. The last step is followed by all of them. */
  readonly steps: readonly { readonly percent: number; readonly seconds: number }[];
}

/** What is released, where. */
export interface ReleaseArgs {
  readonly release: Release;
  readonly metadata: {
    readonly name: string;
    readonly namespace: Input<string>;
    readonly labels: Record<string, string>;
  };
  readonly system: string;
  /** Absent where an autoscaler decides. */
  readonly replicas?: number;
  readonly selector: Record<string, string>;
  readonly template: kubernetes.types.input.core.v1.PodTemplateSpec;
  /** Where Prometheus answers inside the cluster, e.g. `http://prometheus.monitoring:9090`. */
  readonly prometheusUrl: Input<string>;
  /** What must be there first. */
  readonly dependsOn: readonly Resource[];
}

/** The Service that leads to the version that is not promoted yet. */
export const previewName = (workload: string): string => `${workload}-preview`;

/** A Rollout is found by others by its own group. */
export const ROLLOUT = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" } as const;

/** One look a minute, and three bad ones are one too many: a single slow start is no reason to go back. */
const INTERVAL = "60s";
const LOOKS = 5;
const BAD_LOOKS = 2;

/** An Argo Rollout in place of a Deployment; needs the add-on argo-rollouts. Returns its name. */
export function createRelease(name: string, args: ReleaseArgs, parent: ComponentResource): Output<string> {
  const analysis = createAnalysis(name, args, parent);
  const spec: IRollout["spec"] = {
    ...(args.replicas === undefined ? {} : { replicas: args.replicas }),
    revisionHistoryLimit: 5,
    progressDeadlineSeconds: 600,
    progressDeadlineAbort: true,
    selector: { matchLabels: args.selector },
    strategy: strategyOf(args.release, args.metadata.name, analysis.name),
    template: args.template as NonNullable<IRollout["spec"]>["template"],
  };
  const rollout = new kubernetes.apiextensions.CustomResource(
    `${name}-release`,
    { ...ROLLOUT, metadata: args.metadata, spec },
    { parent, dependsOn: [...args.dependsOn, analysis.resource] },
  );
  return rollout.metadata.name;
}

type Strategy = NonNullable<NonNullable<IRollout["spec"]>["strategy"]>;

function strategyOf(release: Release, workload: string, templateName: string): Strategy {
  if (release.kind === "blueGreen")
    return {
      blueGreen: {
        activeService: workload,
        previewService: previewName(workload),
        autoPromotionEnabled: true,
        scaleDownDelaySeconds: release.keepSeconds,
        // errors show once people use it: what fails then is switched back
        postPromotionAnalysis: { templates: [{ templateName }] },
      },
    };
  const [first] = release.steps;
  return {
    canary: {
      maxSurge: "25%",
      maxUnavailable: 0,
      steps: release.steps.flatMap(({ percent, seconds }) => [
        { setWeight: percent },
        { pause: { duration: `${seconds}s` } },
      ]),
      ...(first && { analysis: { startingStep: 1, templates: [{ templateName }] } }),
    },
  };
}

function createAnalysis(
  name: string,
  { metadata, release, system, prometheusUrl }: ReleaseArgs,
  parent: ComponentResource,
): { readonly resource: Resource; readonly name: string } {
  const own = { ...metadata, name: `${metadata.name}-errors` };
  const requests = `http_request_duration_seconds_count{system="${system}",part="${metadata.name}"`;
  const query = [
    `(sum(rate(${requests},status=~"5.."}[2m])) or vector(0))`,
    `clamp_min(sum(rate(${requests}}[2m])) or vector(0), 0.001)`,
  ].join(" / ");
  const spec = {
    metrics: [
      {
        name: "error-ratio",
        interval: INTERVAL,
        count: LOOKS,
        failureLimit: BAD_LOOKS,
        successCondition: `result[0] < ${release.maxErrorRatio}`,
        provider: { prometheus: { address: prometheusUrl as string, query } },
      },
    ],
  } satisfies IAnalysisTemplate["spec"];
  const resource = new kubernetes.apiextensions.CustomResource(
    `${name}-errors`,
    { apiVersion: ROLLOUT.apiVersion, kind: "AnalysisTemplate", metadata: own, spec },
    { parent },
  );
  return { resource, name: own.name };
}
