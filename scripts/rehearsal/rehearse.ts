import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import type {
  DockerLiveReport,
  LiveReport,
  OperationName,
  OperationReport,
  QuotaReport,
  RehearsalReport,
  ViolationReport,
} from "@groundwork/lib/rehearsal-report";
import { type ExportedState, countByType, isCounted, packageOf, resourcesOf } from "./deployment.ts";
import { dockerPlan, hostProblems } from "./docker-host/index.ts";
import { type OperationResult, isDiskFull } from "./engine/index.ts";
import { causeOf } from "./cause.ts";
import { groundworkHome } from "./home.ts";
import { MemoryWatch } from "./memory.ts";
import type { PlannedFailure } from "./planned.ts";
import { type Command, Session, type SessionOptions, diskFull, tellsDiskFull } from "./session.ts";
import type { ConfigChange } from "./settings.ts";

export interface RehearseOptions extends SessionOptions {
  /** Stop after the capacity change and leave everything as it is. Default: false, tear down and forget. */
  readonly keep?: boolean;
  /** Replaces the `change` section of rehearsal.yaml. */
  readonly change?: ConfigChange;
}

interface Step {
  readonly name: OperationName;
  readonly command: Command;
  readonly config?: ConfigChange;
  readonly withPack: boolean;
  /** What the operation must have done beyond ending well. */
  readonly expect?: (result: OperationResult) => string | undefined;
}

/** A violation that stops nothing is reported all the same; one of this level stops the operation. */
const MANDATORY = "mandatory";

/**
 * Deploys a stack, deploys it again, changes its capacity and tears it down.
 * @throws BadInput when the project, its stack file or its configuration cannot be used
 */
export async function rehearse(options: RehearseOptions): Promise<RehearsalReport> {
  try {
    const session = await Session.open(options);
    try {
      return await run(session, options);
    } catch (error) {
      // what this rehearsal made of bad input is of no use to the next one; what it found is
      if (error instanceof BadInput && !session.resumes) await session.forget();
      throw error;
    } finally {
      await session.close();
    }
  } catch (error) {
    throw isDiskFull(error) ? diskFull(groundworkHome()) : error;
  }
}

async function run(session: Session, options: RehearseOptions): Promise<RehearsalReport> {
  const began = performance.now();
  const memory = new MemoryWatch();
  const draft = new Draft(session, options);
  if (session.resumes) {
    options.progress("an earlier rehearsal left this stack behind: picking it up");
    await session.recover();
  }
  for (const step of plan(session, options)) {
    const reason = await perform(session, step, draft);
    if (reason !== undefined) {
      draft.stopped = { operation: step.name, reason: options.signal?.aborted === true ? "interrupted" : reason };
      break;
    }
    options.progress(draft.lastLine());
  }
  const report = await draft.finish(began, memory.stop());
  if (report.stopped !== undefined) return report;
  const unmet = session.simulator.unusedFaults.map(({ text }) => text);
  if (options.keep !== true) await session.forget();
  return unmet.length === 0 ? report : { ...report, stopped: { operation: "faults", reason: unmetReason(unmet) } };
}

/** A test of chaos in which nothing broke must not pass. */
function unmetReason(faults: readonly string[]): string {
  return `nothing met the fault ${faults.join(", ")}: name a number, type or URN that this stack has, such as one of \`groundwork inventory\``;
}

function plan(session: Session, { change = session.settings.change, keep = false }: RehearseOptions): Step[] {
  const { shutdown } = session.settings;
  const steps: Step[] = [
    { name: "preview", command: "preview", withPack: true },
    { name: "up", command: "up", withPack: true },
    { name: "up-again", command: "up", withPack: true, expect: nothingChanged },
  ];
  if (Object.keys(change).length > 0) {
    steps.push({ name: "change-preview", command: "preview", config: change, withPack: true });
    steps.push({ name: "change-up", command: "up", withPack: true });
  }
  if (keep) return steps;
  // the pack guards what is going to live: lifting protection right before a teardown is what it would refuse
  if (Object.keys(shutdown).length > 0) {
    steps.push({ name: "shutdown", command: "up", config: shutdown, withPack: false });
  }
  return [...steps, { name: "destroy", command: "destroy", withPack: false }];
}

/** Runs one operation and returns why the rehearsal cannot go on, if it cannot. */
async function perform(session: Session, step: Step, draft: Draft): Promise<string | undefined> {
  if (step.config !== undefined) session.configure(step.config);
  const result = await session.operate(step.command, step.name, step.withPack);
  if ([result.stderr, ...result.diagnostics.map(({ message }) => message)].some(tellsDiskFull)) {
    throw diskFull(session.folders.home);
  }
  if (result.badInput !== undefined) throw new BadInput(result.badInput);
  if (step.command === "preview") refuseWhatNoHostCarries(session, result);
  draft.add(step.name, result);
  const failure = failureOf(result) ?? step.expect?.(result) ?? (await lookAtClusters(session, step, draft));
  if (failure === undefined && step.name === "up") await draft.recordState();
  return failure;
}

/** What the control planes or the engine show after an update of what is going to live; a teardown leaves nothing to see. */
async function lookAtClusters(session: Session, step: Step, draft: Draft): Promise<string | undefined> {
  const { controlPlanes, docker } = session;
  if (step.command !== "up" || !step.withPack) return undefined;
  if (docker !== undefined) {
    const leftOut = session.simulator.inventory.leftOut().map(({ item: { urn }, why }) => ({ urn, why }));
    leftOut.sort((a, b) => a.urn.localeCompare(b.urn));
    draft.dockerEngine = await docker.report(leftOut);
    const unwell = await docker.live.problems();
    return unwell.length === 0 ? undefined : unwell.join("\n");
  }
  if (controlPlanes === undefined) return undefined;
  const problems = await controlPlanes.problems();
  draft.live = await controlPlanes.report();
  return problems.length === 0 ? undefined : problems.join("\n");
}

/** The same that `groundwork up` refuses on a real host. Ports and networks are the simulated engine's own to refuse. */
function refuseWhatNoHostCarries({ settings: { host } }: Session, { steps }: OperationResult): void {
  const machine = { cores: host.cpus, memory: host.memoryGiB * 2 ** 30, hasGpu: host.gpu, networks: [], ports: [] };
  const [problem] = hostProblems(dockerPlan(steps), machine);
  if (problem !== undefined) throw new BadInput(problem);
}

function failureOf(result: OperationResult & { planned: readonly PlannedFailure[] }): string | undefined {
  const violations = result.violations.filter(({ level }) => level === MANDATORY);
  if (violations.length > 0) return `${violations.length} mandatory policy violation(s)`;
  if (result.planned.length > 0) {
    const [first] = result.planned;
    return `${first?.urn}: ${first?.failure.path}: ${first?.failure.reason}`;
  }
  if (result.exitCode === 0) return undefined;
  return causeOf(result);
}

function nothingChanged({ changes }: OperationResult): string | undefined {
  const total = changes.create + changes.update + changes.replace + changes.delete;
  return total === 0
    ? undefined
    : `a second up of the same program changed ${total} resource(s): it must change nothing`;
}

/** The engine reports them as resources happen to be registered; a report must read the same each time. */
function sorted(violations: ReadonlyMap<string, ViolationReport>): ViolationReport[] {
  const entries = [...violations].sort(([a], [b]) => a.localeCompare(b));
  return entries.map(([, violation]) => violation);
}

function quotaKey({ scope, quota }: QuotaReport): string {
  return `${scope} ${quota}`;
}

/** The report while the rehearsal is going on. */
class Draft {
  readonly #session: Session;
  readonly #options: RehearseOptions;
  readonly #operations: OperationReport[] = [];
  readonly #violations = new Map<string, ViolationReport>();
  #state: ExportedState | undefined;
  #pack: string | null = null;
  readonly #policies = new Set<string>();
  readonly #simulated = new Set<string>();
  readonly #quotas = new Map<string, QuotaReport>();
  stopped: RehearsalReport["stopped"];
  live: LiveReport | undefined;
  dockerEngine: DockerLiveReport | undefined;

  constructor(session: Session, options: RehearseOptions) {
    this.#session = session;
    this.#options = options;
  }

  add(name: OperationName, result: OperationResult): void {
    this.#operations.push({ name, seconds: result.seconds, changes: result.changes });
    this.#recordQuotas();
    for (const { type, provider } of result.steps) {
      if (provider !== undefined && !type.startsWith("pulumi:")) this.#simulated.add(packageOf(type));
    }
    const [pack] = result.packs;
    if (pack !== undefined) {
      this.#pack = `${pack.name}@${pack.version}`;
      for (const policy of pack.policies) this.#policies.add(policy);
    }
    for (const { policy, level, urn, message } of result.violations) {
      this.#violations.set(JSON.stringify([policy, urn, message]), {
        policy,
        level,
        urn: urn === "" ? null : urn,
        message,
      });
    }
  }

  lastLine(): string {
    const last = this.#operations.at(-1);
    if (last === undefined) return "";
    const { create, update, replace, delete: removed, same } = last.changes;
    const counts = { create, update, replace, delete: removed, same };
    const changes = Object.entries(counts).filter(([, count]) => count > 0);
    return `${last.name}: ${changes.map(([kind, count]) => `${count} ${kind}`).join(", ") || "nothing"} in ${last.seconds.toFixed(1)} s`;
  }

  async recordState(): Promise<void> {
    this.#state = await this.#session.export("state.json");
  }

  /** What counts is the most that was used at a time: after the teardown it would be nothing. */
  #recordQuotas(): void {
    for (const quota of this.#session.simulator.inventory.quotaUse()) {
      const most = this.#quotas.get(quotaKey(quota));
      if (most === undefined || quota.used >= most.used) this.#quotas.set(quotaKey(quota), quota);
    }
  }

  async finish(began: number, memoryMiB: number): Promise<RehearsalReport> {
    const { simulator, engine, folders, standIns, docker } = this.#session;
    const target = this.#session.configured("target");
    const now = resourcesOf(await this.#session.export("end.json"));
    const resources = (this.#state === undefined ? now : resourcesOf(this.#state)).filter(isCounted);
    return {
      stack: this.#options.stack,
      target: typeof target === "string" ? target : null,
      simulated: [...this.#simulated].sort(),
      live: this.#session.controlPlanes !== undefined || docker !== undefined,
      ...(this.live === undefined ? {} : { controlPlanes: this.live }),
      ...(this.dockerEngine === undefined ? {} : { dockerEngine: this.dockerEngine }),
      engine: { version: engine.version, source: engine.source },
      seconds: Math.round(performance.now() - began) / 1000,
      memoryMiB,
      operations: this.#operations,
      resources: { total: resources.length, byType: countByType(resources) },
      policy: { pack: this.#pack, policies: this.#policies.size, violations: sorted(this.#violations) },
      retained: simulator.inventory
        .retained()
        .map(({ token, id, retained }) => ({ type: token, id, why: retained ?? "" })),
      orphans: [
        ...simulator.inventory.orphans(now).map(({ token, id, place }) => ({ type: token, id, place })),
        // the engine's own list: what it runs is there whatever anybody has written down
        ...((await docker?.orphans(now)) ?? []),
      ],
      quotas: [...this.#quotas.values()].sort((a, b) => quotaKey(a).localeCompare(quotaKey(b))),
      standIns,
      mayReplace: simulator.mayReplace,
      state: this.#state === undefined ? null : this.#keepState(join(folders.stack, "state.json")),
      ...(this.stopped === undefined ? {} : { stopped: this.stopped }),
    };
  }

  /** The state outlives the rehearsal that made it, so that reports can be drawn from it afterwards. */
  #keepState(path: string): string {
    const kept = join(this.#session.folders.stack, "deployment.json");
    copyFileSync(path, kept);
    return kept;
  }
}
