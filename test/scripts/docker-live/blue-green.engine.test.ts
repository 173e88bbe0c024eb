import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, it } from "mocha";
import { stringify } from "yaml";
import { foldersFor, groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { Session } from "../../../scripts/rehearsal/session.ts";
import { copyProject } from "../../../scripts/rehearsal/workspace.ts";
import { describeContainers } from "../../helpers/containers.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { isFree } from "../../helpers/server.ts";
import { engineOfSuite } from "../../images/running.ts";
import { apiImage } from "./api-image.ts";
import { type Answer, Traffic } from "./traffic.ts";

const STACK = "blue-green-live";
const BLUE = "groundwork-test/api:1.4.2";
const GREEN = "groundwork-test/api:1.5.0";
const SICK = "groundwork-test/api:1.6.0";
const PER_SECOND = 40;
const CONNECTIONS = 8;
/** The gateway looks whether there is a token, and leaves it to the program to read it. */
const HEADERS = { authorization: "Bearer a.b.c" };
/** stacks/systems/web-platform.ts */
const API_PORT = 8001;
const LEGACY_PORT = 5000;
/** Above the ports that other suites choose. */
const FIRST_OFFSET = 36_000;
const OFFSETS = 5000;

/** What one update was, and when. */
interface Stage {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly exitCode: number | undefined;
  readonly problems: string;
  readonly changes: {
    readonly create: number;
    readonly update: number;
    readonly replace: number;
    readonly delete: number;
  };
}

describeContainers("blue-green on a real Docker Engine, asked all the time", () => {
  const engine = engineOfSuite("nginx");
  const stages = new Map<string, Stage>();
  const gateways = new Set<string>();
  let session: Session;
  let answers: readonly Answer[] = [];

  const up = async (name: string, config: object) => {
    session.configure({ images: {}, "releases.web-platform": {}, ...config });
    const from = Date.now();
    const { exitCode, changes, diagnostics, stderr } = await session.operate("up", name, true);
    const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
    stages.set(name, { name, from, to: Date.now(), exitCode, changes, problems: [...errors, stderr].join("\n") });
    gateways.add((await engine.docker.getContainer("web-platform-gateway").inspect()).Id);
  };
  const release = (name: string, written: object) => up(name, { "releases.web-platform.fastapi": written });
  const stage = (name: string): Stage => stages.get(name) ?? assert.fail(`there was no ${name}`);
  const releaseIn = ({ body }: Answer) => releaseOf(body);
  const askedBetween = (from: number, to: number) => answers.filter((answer) => answer.from >= from && answer.to < to);
  const releasesBetween = (from: number, to: number) => [...new Set(askedBetween(from, to).map(releaseIn))];
  /** What answered whoever asked when the new colour had answered somebody: there is no way back to the old one. */
  const releasesAfterFirst = (name: string, release: string) => {
    const { from, to } = stage(name);
    const firsts = askedBetween(from, to).filter((answer) => releaseIn(answer) === release);
    return releasesBetween(Math.min(...firsts.map((answer) => answer.to)) + 1, to);
  };
  const succeeded = (name: string) => {
    const { exitCode, problems, changes } = stage(name);
    assert.equal(exitCode, 0, problems);
    return { create: changes.create, update: changes.update, replace: changes.replace, delete: changes.delete };
  };

  before(async function () {
    this.timeout(900_000);
    await apiImage(engine, BLUE);
    await apiImage(engine, GREEN);
    await apiImage(engine, SICK, false);
    const offset = await freeOffset();
    session = await freshSession(await projectAt(offset));
    await up("plain", { images: { "web-platform/fastapi": BLUE } });
    assert.equal(stage("plain").exitCode, 0, stage("plain").problems);
    const traffic = new Traffic({
      url: `http://127.0.0.1:${API_PORT + offset}/`,
      headers: HEADERS,
      perSecond: PER_SECOND,
      connections: CONNECTIONS,
    });
    try {
      await release("from plain", { live: "blue", blue: BLUE });
      await release("beside", { live: "blue", blue: BLUE, green: GREEN });
      await release("switch", { live: "green", blue: BLUE, green: GREEN });
      await release("rollback", { live: "blue", blue: BLUE, green: GREEN });
      await release("sick", { live: "green", blue: BLUE, green: SICK });
      await release("alone", { live: "blue", blue: BLUE });
      await up("to plain", { images: { "web-platform/fastapi": BLUE } });
    } finally {
      answers = await traffic.stop();
    }
  });
  after(async function () {
    this.timeout(300_000);
    // the suite's own hold on the engine is gone by now: after the session's nobody may be left to answer
    await cleared(session, async () => {
      for (const image of [BLUE, GREEN, SICK]) await engine.docker.getImage(image).remove({ force: true });
    });
  });

  it("brings green up beside blue, and gives it nothing", () => {
    assert.deepEqual(succeeded("beside"), { create: 3, update: 0, replace: 1, delete: 0 });
    assert.deepEqual(releasesBetween(stage("from plain").from, stage("switch").from), [BLUE]);
  });

  it("switches by replacing one container, and gives green everything from then on", () => {
    assert.deepEqual(succeeded("switch"), { create: 0, update: 0, replace: 1, delete: 0 });
    assert.deepEqual(releasesAfterFirst("switch", GREEN), [GREEN]);
  });

  it("goes back the same way", () => {
    assert.deepEqual(succeeded("rollback"), { create: 0, update: 0, replace: 1, delete: 0 });
    assert.deepEqual(releasesAfterFirst("rollback", BLUE), [BLUE]);
  });

  it("refuses a green that does not become healthy, and blue serves on", () => {
    const { exitCode, problems } = stage("sick");
    assert.notEqual(exitCode, 0);
    assert.match(problems, /web-platform-fastapi-green-1" is not healthy after 125 s/);
    assert.deepEqual(releasesBetween(stage("sick").from, stage("alone").from), [BLUE]);
    assert.equal(succeeded("alone").delete > 0, true);
  });

  it("has lost no request, GET or POST, from the first replica to the last, and no gateway was restarted", () => {
    const failed = answers.filter(({ method, status }) => status !== (method === "GET" ? 200 : 201));
    assert.deepEqual(failed, []);
    assert.ok(answers.length > 1000 && answers.some(({ method }) => method === "POST"), String(answers.length));
    for (const name of ["from plain", "to plain"]) succeeded(name);
    assert.equal(gateways.size, 1);
    process.stdout.write(told(answers, [...stages.values()]));
  });
});

function told(answers: readonly Answer[], stages: readonly Stage[]): string {
  const lines = stages.map(({ name, from, to }) => {
    const own = answers.filter((answer) => answer.from >= from && answer.from < to);
    const longest = Math.max(0, ...own.map((answer) => answer.to - answer.from));
    const figures = `${((to - from) / 1000).toFixed(1)} s, ${own.length} requests, the longest ${longest} ms`;
    return `${name}: ${figures}${overlapOf(own)}`;
  });
  return [`      ${answers.length} requests, none failed`, ...lines].join("\n      ") + "\n";
}

/** How long both colours answered: the old one what it had begun, the new one what came. */
function overlapOf(own: readonly Answer[]): string {
  const latest = own.toSorted((a, b) => a.from - b.from).at(-1);
  const isNew = ({ body }: Answer) => releaseOf(body) === releaseOf(latest?.body ?? "{}");
  const before = own.filter((answer) => !isNew(answer)).map(({ to }) => to);
  if (before.length === 0) return "";
  const first = Math.min(...own.filter(isNew).map(({ to }) => to));
  return `, both colours answered for ${Math.max(0, Math.max(...before) - first)} ms`;
}

const releaseOf = (body: string): unknown => (JSON.parse(body) as { release: unknown }).release;

async function projectAt(portOffset: number): Promise<string> {
  const project = temporaryFolder();
  await copyProject(groundworkRoot, project);
  const config = { target: "docker", systems: ["web-platform"], portOffset, backups: false, protect: false };
  const keys = Object.fromEntries(Object.entries(config).map(([key, value]) => [`groundwork:${key}`, value]));
  writeFileSync(join(project, `Pulumi.${STACK}.yaml`), stringify({ config: keys }));
  return project;
}

async function freeOffset(): Promise<number> {
  for (;;) {
    const offset = FIRST_OFFSET + randomInt(OFFSETS);
    if ((await isFree(API_PORT + offset)) && (await isFree(LEGACY_PORT + offset))) return offset;
  }
}

/** In a place that the next run finds again: what a killed one has left is cleared away first. */
async function freshSession(project: string): Promise<Session> {
  const folders = foldersFor(groundworkRoot, STACK);
  const open = () => Session.open({ project, stack: STACK, live: true, folders, progress: () => undefined });
  const session = await open();
  if (!session.resumes) return session;
  await session.recover();
  await cleared(session);
  return open();
}

async function cleared(session: Session, before: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  await session.operate("destroy", "clear", false);
  await before();
  await session.forget();
}
