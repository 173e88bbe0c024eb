import type {
  DrillReport,
  DrillStep,
  HealthReport,
  PromotionReport,
  ScalingReport,
} from "@groundwork/lib/drill-report";
import { BadInput } from "@groundwork/lib/errors";
import type { PromotionStep } from "@groundwork/lib/promotion";
import { type StateResource, resourcesOf } from "../rehearsal/deployment.ts";
import type { OperationResult, Step } from "../rehearsal/engine/index.ts";
import { type Command, Session, type SessionOptions } from "../rehearsal/session.ts";
import type { ConfigChange } from "../rehearsal/settings.ts";
import { UNREACHABLE, unreachableHint } from "../rehearsal/unreachable.ts";
import { objectivesOf } from "./objectives.ts";
import { type Regions, regionsOf } from "./regions.ts";
import { replicasOf } from "./replicas.ts";
import { raiseLoad } from "./scaling.ts";
import { outputsOf } from "./state.ts";
import { asPulumiPaths, candidates, carryOut, isForLater, stepsTo } from "./steps.ts";
import { trafficOf } from "./traffic.ts";

export interface DrillOptions extends SessionOptions {
  /** Default: the region that leads. */
  readonly region?: string;
  /** Leave the stack in place for the next drill. Default: false. */
  readonly keep?: boolean;
}

/** A step failed: the drill goes no further, and says so in its report. */
class Stopped extends Error {
  readonly step: string;

  constructor(step: string, reason: string) {
    super(reason);
    this.step = step;
  }
}

/**
 * Deploys a stack to the simulated clouds, loses one of its regions, lets another one take over, and brings it back.
 * @throws BadInput when the stack has no such regions
 */
export async function drill(options: DrillOptions): Promise<DrillReport> {
  const regions = regionsOf(options.project, options.stack, options.region);
  const session = await Session.open(options);
  try {
    return await new Drill(session, options, regions).run();
  } catch (error) {
    if (error instanceof BadInput && !session.resumes) await session.forget();
    throw error;
  } finally {
    await session.close();
  }
}

class Drill {
  readonly #session: Session;
  readonly #options: DrillOptions;
  readonly #region: string;
  readonly #others: readonly string[];
  readonly #leads: boolean;
  readonly #steps: DrillStep[] = [];
  readonly #promotion: PromotionReport[] = [];
  #deployed: readonly StateResource[] = [];
  #health: HealthReport = { unhealthy: [], healthyElsewhere: 0 };
  #scaling: readonly ScalingReport[] | undefined;

  constructor(session: Session, options: DrillOptions, regions: Regions) {
    this.#session = session;
    this.#options = options;
    this.#region = regions.lost;
    this.#leads = regions.leads;
    this.#others = regions.others;
  }

  async run(): Promise<DrillReport> {
    const began = performance.now();
    let stopped: DrillReport["stopped"];
    try {
      await this.#deploy();
      await this.#lose();
      await this.#takeOver();
      await this.#scale();
      await this.#return();
      if (this.#options.keep !== true) await this.#tearDown();
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      const reason = this.#options.signal?.aborted === true ? "interrupted" : error.message;
      stopped = { step: error.step, reason };
    }
    const report = await this.#report(began, stopped);
    if (stopped === undefined && report.orphans.length === 0 && this.#options.keep !== true)
      await this.#session.forget();
    return report;
  }

  async #deploy(): Promise<void> {
    const { resumes, simulator } = this.#session;
    if (resumes) {
      this.#options.progress("an earlier drill or rehearsal left this stack behind: picking it up");
      await this.#session.recover();
      // it may have died while another region led than the configuration says
      const primary = this.#leads ? this.#region : undefined;
      if (primary !== undefined)
        for (const undo of promotionsTo(simulator.inventory.all(), primary)) undo(simulator.regions);
      await this.#operate("refresh", "picked up");
    }
    await this.#operate("up", "deployed");
    // kept afterwards, so that the runbook can be printed of it
    this.#deployed = resourcesOf(await this.#session.export("deployment.json"));
  }

  async #lose(): Promise<void> {
    const began = performance.now();
    await this.#session.loseRegion(this.#region);
    const health = this.#session.simulator.regions.health();
    const here = health.filter(({ region }) => region === this.#region);
    const elsewhere = health.filter(({ region }) => region !== this.#region);
    const groups = Map.groupBy(here, ({ token, says }) => `${token}\n${says}`);
    this.#health = {
      unhealthy: [...groups.values()].map((group) => ({
        type: group[0]?.token ?? "",
        count: group.length,
        says: group[0]?.says ?? "",
      })),
      healthyElsewhere: elsewhere.filter(({ healthy }) => healthy).length,
    };
    if (here.length === 0 || here.some(({ healthy }) => healthy) || elsewhere.some(({ healthy }) => !healthy)) {
      throw new Stopped("lost", `nothing in ${this.#region} reports that it is lost, or something elsewhere does`);
    }
    this.#done(
      "lost",
      began,
      `${here.length} things in ${this.#region} report unhealthy, ${elsewhere.length} elsewhere healthy`,
    );
    const away = trafficOf(this.#deployed, this.#region).find(({ to }) => to === null);
    if (away !== undefined) throw new Stopped("traffic", `${away.host} has no pool outside ${this.#region}`);
  }

  /** The steps of the stack's own runbook, each as far as something here can take it. */
  async #takeOver(): Promise<void> {
    for (const step of this.#plan().filter((each) => !isForLater(each))) this.#take(step);
    const changes = await this.#operate("up", "taken over");
    const touched = changes.steps.filter((step) => this.#isInLostCluster(step) && !["same", "read"].includes(step.op));
    if (touched.length > 0)
      throw new Stopped("taken over", `${touched[0]?.urn} was to be ${touched[0]?.op}d in a lost cluster`);
    await this.#unchanged("taken over, again");
  }

  #plan(): readonly PromotionStep[] {
    const outputs = outputsOf(this.#deployed);
    const [to] = candidates(outputs);
    if (this.#leads && to !== undefined) return stepsTo(outputs, to);
    const key = { [`${UNREACHABLE}.${this.#region}`]: "skip" };
    const what = `Let the next \`groundwork up\` leave the cluster in ${this.#region} alone, which does not answer.`;
    const after = `When ${this.#region} is back: remove that key, then run \`groundwork up\`.`;
    return [
      { order: 1, what, how: { config: key }, loses: "nothing" },
      { order: 2, what: after, how: { config: { [UNREACHABLE]: {} } }, loses: "nothing" },
    ];
  }

  #take(step: PromotionStep): void {
    const began = performance.now();
    const { how } = step;
    if ("config" in how) {
      this.#configure(how.config);
      this.#note(step, "done", began);
      return;
    }
    const { done, reason } = carryOut(how.command, this.#session.simulator.regions);
    this.#note(step, reason !== undefined ? "failed" : done ? "done" : "by hand", began);
    if (reason !== undefined) throw new Stopped("promoted", `${step.what} ${reason}`);
  }

  #note(step: PromotionStep, outcome: PromotionReport["outcome"], began: number): void {
    this.#options.progress(`${step.what} (${outcome})`);
    this.#promotion.push({ ...step, outcome, seconds: secondsSince(began) });
  }

  #configure(change: ConfigChange): void {
    this.#session.configure(asPulumiPaths(change, (key) => this.#session.configured(key)));
  }

  async #scale(): Promise<void> {
    const { controlPlanes } = this.#session;
    const [remaining] = this.#others;
    if (controlPlanes === undefined || remaining === undefined) return;
    const began = performance.now();
    this.#scaling = await raiseLoad(controlPlanes, this.#deployed, this.#region, remaining);
    const short = this.#scaling.filter(({ to, wanted }) => to < wanted);
    const what = `${this.#scaling.length} autoscalers in ${remaining} under the load of both regions, ${short.length} short of it`;
    this.#done("scaled", began, what);
  }

  async #return(): Promise<void> {
    const began = performance.now();
    await this.#session.returnRegion(this.#region);
    this.#done("returned", began, `${this.#region} answers again`);
    for (const step of this.#plan().filter(isForLater)) this.#take(step);
    await this.#operate("up", "caught up");
    await this.#unchanged("caught up, again");
    const orphans = await this.#orphans();
    if (orphans.length > 0) throw new Stopped("caught up", `${orphans[0]?.type} ${orphans[0]?.id} is orphaned`);
  }

  async #tearDown(): Promise<void> {
    const { shutdown } = this.#session.settings;
    if (Object.keys(shutdown).length > 0) {
      this.#session.configure(shutdown);
      await this.#operate("up", "unprotected");
    }
    await this.#operate("destroy", "torn down");
  }

  async #unchanged(name: string): Promise<void> {
    const { changes } = await this.#operate("up", name);
    const total = changes.create + changes.update + changes.replace + changes.delete;
    if (total > 0) throw new Stopped(name, `a second up changed ${total} resource(s): it must change nothing`);
  }

  async #operate(command: Command, name: string): Promise<OperationResult> {
    const result = await this.#session.operate(command, name.replaceAll(/\W+/g, "-"), false);
    if (result.badInput !== undefined) throw new BadInput(result.badInput);
    const { create, update, replace, delete: gone } = result.changes;
    const counts = Object.entries({ create, update, replace, delete: gone }).filter(([, count]) => count > 0);
    const what = counts.map(([kind, count]) => `${count} ${kind}`).join(", ") || "nothing changed";
    this.#steps.push({ name, seconds: round(result.seconds), changes: result.changes, what: `${command}: ${what}` });
    this.#options.progress(`${name}: ${what} in ${result.seconds.toFixed(1)} s`);
    if (result.exitCode === 0) return result;
    const errors = result.diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ message }) => message.trim());
    const hint = unreachableHint(this.#session.project, result.diagnostics);
    throw new Stopped(name, [...new Set(errors), ...(hint === undefined ? [] : [hint])].join("\n") || result.stderr);
  }

  #done(name: string, began: number, what: string): void {
    this.#steps.push({ name, seconds: secondsSince(began), what });
    this.#options.progress(`${name}: ${what}`);
  }

  /** By its provider, whose name tells the region as everything of a region does. */
  #isInLostCluster({ type, provider = "" }: Step): boolean {
    return type.startsWith("kubernetes:") && provider.includes(this.#region);
  }

  async #orphans(): Promise<DrillReport["orphans"]> {
    const now = resourcesOf(await this.#session.export("end.json"));
    return this.#session.simulator.inventory.orphans(now).map(({ token, id, place }) => ({ type: token, id, place }));
  }

  async #report(began: number, stopped: DrillReport["stopped"]): Promise<DrillReport> {
    const traffic = trafficOf(this.#deployed, this.#region);
    const [to] = candidates(outputsOf(this.#deployed));
    return {
      stack: this.#options.stack,
      region: this.#region,
      takesOver: this.#leads ? (to ?? null) : null,
      live: this.#session.controlPlanes !== undefined,
      seconds: secondsSince(began),
      steps: this.#steps,
      health: this.#health,
      traffic,
      replicas: this.#others.flatMap((other) => replicasOf(this.#deployed, this.#region, other)),
      promotion: this.#promotion,
      systems: objectivesOf(this.#deployed, traffic, this.#leads),
      ...(this.#scaling === undefined ? {} : { scaling: this.#scaling }),
      orphans: await this.#orphans(),
      ...(stopped === undefined ? {} : { stopped }),
    };
  }
}

type Undo = (regions: Session["simulator"]["regions"]) => void;

/** What has been promoted in the simulated clouds goes back to a region. */
function promotionsTo(things: readonly { readonly token: string; readonly id: string }[], region: string): Undo[] {
  return things.flatMap(({ token, id }): Undo[] => {
    if (token === "aws:rds/globalCluster:GlobalCluster") return [(regions) => void regions.promoteDatabase(id, region)];
    if (token.endsWith(":GlobalReplicationGroup")) return [(regions) => void regions.promoteDatastore(id, region)];
    return [];
  });
}

function secondsSince(began: number): number {
  return round((performance.now() - began) / 1000);
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
