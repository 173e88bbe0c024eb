import type { ContainerInspectInfo } from "dockerode";
import type { EngineSubject } from "../clouds/live-engine.ts";
import type { Properties } from "../clouds/table.ts";
import type { Workbench } from "./kind.ts";
import { asking, found } from "./refusals.ts";
import { StartChecks } from "./start-checks.ts";
import { until } from "./waiting.ts";

/** The provider's own: https://github.com/kreuzwerker/terraform-provider-docker/blob/master/internal/provider/resource_docker_container.go */
const WAIT_SECONDS = 60;
/** A container that ends so soon after its start has failed to start. */
const SETTLE_MS = 400;
const REMOVAL_MS = 30_000;
const TAIL_LINES = 5;
const TAIL_CHARACTERS = 400;
/** Of the header of each piece of a log that has no terminal. https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach */
const FRAME_HEADER = 8;
const FRAME_LENGTH_AT = 4;

export interface Outcome {
  /** Why it does not run though it must. */
  readonly exited?: string;
  /** Why it runs, but is not ready. */
  readonly notReady?: string;
  readonly properties?: Properties;
}

/** Waits for what the program asks for: the end of an attached container, health, or only that it runs. */
export async function ready(bench: Workbench, subject: EngineSubject, id: string, begun: number): Promise<Outcome> {
  const { start, attach, wait, waitTimeout, mustRun, logs } = subject.inputs;
  if (start === false) return {};
  if (attach === true) {
    await asking("the end of the container", () => bench.docker.getContainer(id).wait() as Promise<unknown>);
    return logs === true ? { properties: { containerLogs: await logsOf(bench, id, Infinity) } } : {};
  }
  const seconds = Number(waitTimeout ?? WAIT_SECONDS);
  if (wait === true) return healthy(bench, subject, id, seconds);
  if (mustRun === false) return {};
  return running(bench, id, begun);
}

async function running(bench: Workbench, id: string, begun: number): Promise<Outcome> {
  const ended = await until(
    async () => {
      const info = await stateOf(bench, id);
      if (info?.State.Running === true || info?.State.Restarting === true) {
        return Date.now() - Date.parse(info.State.StartedAt) > SETTLE_MS ? { exited: undefined } : undefined;
      }
      return { exited: endOf(info, begun) };
    },
    { timeoutMs: 2 * SETTLE_MS, everyMs: SETTLE_MS / 2 },
  );
  return ended?.exited === undefined ? {} : { exited: ended.exited };
}

async function healthy(bench: Workbench, subject: EngineSubject, id: string, seconds: number): Promise<Outcome> {
  const mustRun = subject.inputs["mustRun"] !== false;
  const checks = StartChecks.of(bench, subject, id);
  let last: ContainerInspectInfo | undefined;
  const outcome = await until<Outcome>(
    async () => {
      last = await stateOf(bench, id);
      const state = last?.State;
      if (state?.Health?.Status === "healthy") return {};
      if (state === undefined || (!state.Running && !state.Restarting)) {
        const ended = endOf(last, 0);
        return mustRun ? { exited: ended } : { notReady: ended };
      }
      if (state.Health === undefined) {
        return {
          notReady:
            "has wait: true, and neither it nor its image has a health check: write healthcheck.tests, or leave wait out",
        };
      }
      return last !== undefined && (await checks?.isHealthy(last)) === true ? {} : undefined;
    },
    { timeoutMs: seconds * 1000 },
  );
  if (outcome !== undefined) return outcome;
  const check = last?.State.Health?.Log?.at(-1)?.Output.trim() ?? "";
  const said = check === "" ? "its check has not answered" : `its check says: ${check.slice(0, TAIL_CHARACTERS)}`;
  const times = last?.RestartCount ?? 0;
  const restarts = times === 0 ? "" : `, and has restarted ${times} time${times === 1 ? "" : "s"}`;
  return {
    notReady: `is not healthy after ${seconds} s (waitTimeout)${restarts}; ${said.replaceAll(/\s*\n\s*/g, " ")}`,
  };
}

function endOf(info: ContainerInspectInfo | undefined, begun: number): string {
  if (info === undefined) return "was removed by somebody else while it started";
  const { ExitCode, Error: reason, OOMKilled } = info.State;
  const why = OOMKilled ? ", killed because its memory was used up: write more memory" : "";
  const when = begun > 0 ? " right after its start" : "";
  return `ended${when} with exit code ${ExitCode}${reason === "" ? why : ` (${reason})${why}`}`;
}

function stateOf({ docker }: Workbench, id: string): Promise<ContainerInspectInfo | undefined> {
  return found("the container cannot be read", () => docker.getContainer(id).inspect());
}

/** The end of what it has written, in one line; with `lines` Infinity all of it as it is. */
export async function logsOf({ docker }: Workbench, id: string, lines = TAIL_LINES): Promise<string> {
  const isAll = lines === Infinity;
  try {
    const info = await docker.getContainer(id).inspect();
    const raw = await docker
      .getContainer(id)
      .logs({ stdout: true, stderr: true, follow: false, ...(isAll ? {} : { tail: lines }) });
    const written = info.Config.Tty ? raw.toString("utf8") : withoutFrames(raw);
    return isAll
      ? written
      : written
          .trim()
          .replaceAll(/\s*\n\s*/g, " | ")
          .slice(-TAIL_CHARACTERS);
  } catch {
    // some log drivers cannot be read; then the reason alone is told
    return "";
  }
}

function withoutFrames(raw: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + FRAME_HEADER <= raw.length;) {
    const length = raw.readUInt32BE(at + FRAME_LENGTH_AT);
    parts.push(raw.subarray(at + FRAME_HEADER, at + FRAME_HEADER + length));
    at += FRAME_HEADER + length;
  }
  return Buffer.concat(parts).toString("utf8");
}

/** A name is free again only when the container is gone for good. */
export async function gone(bench: Workbench, id: string): Promise<void> {
  await until(async () => ((await stateOf(bench, id)) === undefined ? true : undefined), { timeoutMs: REMOVAL_MS });
}
