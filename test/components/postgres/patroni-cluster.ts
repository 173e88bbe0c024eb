import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { etcdArguments } from "../../../components/postgres/etcd.ts";
import { haproxyConfig } from "../../../components/postgres/haproxy.ts";
import { patroniYaml, rolesScript } from "../../../components/postgres/patroni.ts";
import { pgbouncerIni, userlist } from "../../../components/postgres/pgbouncer.ts";
import {
  databaseSql,
  metricsRoleSql,
  passwordLine,
  poolerRoleSql,
  readerRoleSql,
  SUPERUSER,
} from "../../../components/postgres/roles.ts";
import { postgresSettings } from "../../../components/postgres/settings.ts";
import type { PoolerSpec } from "../../../components/postgres/spec.ts";
import { as, give, program } from "../../helpers/server.ts";
import type { Owner } from "./processes.ts";
import { eventually, family, freePorts, isAlive, listens, Program, signal } from "./processes.ts";

const ADDRESS = "127.0.0.1";
/** Characters of each process that an error shows. */
const LAST_WORDS = 4_000;
export const DATABASE = "ledger";

/** Values that must be in no argument, environment, output and plain file. */
export const PASSWORDS = {
  superuser: "canarySuperuser6Yq2",
  replication: "canaryReplication8Wd4",
  rewind: "canaryRewind1Xs7",
  restApi: "canaryRestApi3Zp9",
  application: "canaryApplication5Tk1",
  metrics: "canaryMetrics7Lm2",
  pooler: "canaryPooler2Hv6",
  reader: "canaryReader8Bd3",
} as const;

export interface Member {
  readonly name: string;
  readonly data: string;
  readonly file: string;
  readonly port: number;
  readonly restPort: number;
  patroni: Program;
}

/** A cluster of the generated configuration as processes of this machine: etcd, Patroni, HAProxy and PgBouncer. */
export class PatroniCluster implements AsyncDisposable {
  readonly members: Member[] = [];
  readonly ports: {
    readonly writer: number;
    readonly readers: number;
    readonly status: number;
    readonly pooler: number;
  };
  readonly plainFiles: Record<string, string> = {};
  readonly parameters: Readonly<Record<string, string>>;
  readonly #owner: Owner = as("postgres");
  readonly #folder: string;
  readonly #programs: Program[] = [];
  #etcd = "";

  private constructor(folder: string, port: () => number) {
    this.#folder = folder;
    this.ports = { writer: port(), readers: port(), status: port(), pooler: port() };
    this.parameters = postgresSettings(
      { cores: 1, memory: 512 * 2 ** 20, maxConnections: 60 },
      // three servers share this machine's memory
      { shared_buffers: "32MB", work_mem: "1MB" },
    );
  }

  static async start(folder: string, replicas: number, pooler: PoolerSpec): Promise<PatroniCluster> {
    const port = await freePorts(10 + 2 * (replicas + 1));
    const cluster = new PatroniCluster(folder, port);
    give(folder, cluster.#owner);
    try {
      const etcd = await cluster.#startEtcd(port);
      cluster.#etcd = etcd[0] ?? "";
      cluster.#startMembers(replicas, etcd, port);
      await cluster.#startHaproxy();
      await cluster.#startPgbouncer(pooler);
      await cluster.healthy();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The member that Patroni calls primary. */
  async primary(): Promise<Member> {
    return eventually(
      () => `a primary; ${this.lastWords}`,
      async () => {
        for (const member of this.members) if (await answers(member, "primary")) return member;
        return undefined;
      },
    );
  }

  /** Waits until one member leads, all others follow it, and one of them is synchronous, so that it may take over. */
  async healthy(): Promise<void> {
    await eventually(
      () => `all members; ${this.lastWords}`,
      async () => {
        const primary = await this.primary();
        const others = this.members.filter((member) => member !== primary);
        const following = await Promise.all(others.map((member) => answers(member, "replica")));
        return following.every((is) => is) && (await this.#synchronousUnder(primary));
      },
    );
  }

  /** As etcd has it, which decides: a member's own answer is as old as its last look. */
  async #synchronousUnder(primary: Member): Promise<boolean> {
    const key = Buffer.from("/service/test/sync").toString("base64");
    const response = await fetch(`http://${this.#etcd}/v3/kv/range`, { method: "POST", body: JSON.stringify({ key }) });
    const { kvs = [] } = (await response.json()) as { readonly kvs?: readonly { readonly value: string }[] };
    const state = JSON.parse(Buffer.from(kvs[0]?.value ?? "", "base64").toString() || "{}") as Record<string, unknown>;
    return state["leader"] === primary.name && typeof state["sync_standby"] === "string";
  }

  /** Everything that every process has printed. */
  get output(): string {
    return this.#programs.map(({ output }) => output).join("\n");
  }

  /** The last lines of every process, for an error. */
  get lastWords(): string {
    return this.#programs.map(({ output }) => output.slice(-LAST_WORDS)).join("\n\n");
  }

  /** Every process of the cluster. */
  get pids(): number[] {
    const servers = this.members.map(postmaster).filter((pid) => pid !== undefined);
    return [...servers, ...this.#programs.filter(({ ended }) => !ended).map(({ pid }) => pid)].flatMap(family);
  }

  /** The server and all its sessions end at once, as by the kernel's out-of-memory killer. */
  killServer(member: Member): void {
    const pid = postmaster(member);
    if (pid === undefined) throw new Error(`${member.name} has no server`);
    for (const each of family(pid)) signal(each, "SIGKILL");
  }

  /** Patroni and its server end at once, as with the loss of the machine. */
  async killMember(member: Member): Promise<void> {
    await member.patroni.stop("SIGKILL");
    this.killServer(member);
  }

  /** By the member's own socket, the one way for a superuser. */
  asSuperuser({ name, port }: Member, sql: string): void {
    const connection = ["--host", join(this.#folder, `${name}-run`), "--port", String(port), "--username", SUPERUSER];
    execFileSync(program("psql", "postgresql-client"), [...connection, "--dbname", DATABASE, "--command", sql], {
      ...this.#owner,
      env: { PGPASSFILE: join(this.#folder, "pgpass") },
      stdio: "pipe",
    });
  }

  restart(member: Member): void {
    member.patroni = this.#run(program("patroni", "patroni"), [member.file]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map(({ patroni }) => patroni.stop("SIGKILL")));
    // SIGQUIT ends a server at once and gives its shared memory back, which a kill would not
    const servers = this.members.map(postmaster).filter((pid) => pid !== undefined);
    for (const pid of servers) signal(pid, "SIGQUIT");
    await Promise.all(
      servers.map((pid) =>
        eventually(
          () => `the end of ${pid}`,
          () => !isAlive(pid),
          30,
        ),
      ),
    );
    await Promise.all(this.#programs.map((each) => each.stop()));
  }

  async #startEtcd(port: () => number): Promise<string[]> {
    const members = ["etcd-1", "etcd-2", "etcd-3"].map((name) => ({
      name,
      client: `${ADDRESS}:${port()}`,
      peer: `${ADDRESS}:${port()}`,
    }));
    const programs = members.map((member) => {
      const dataFolder = join(this.#folder, member.name);
      const args = etcdArguments(member, { token: "test", members, dataFolder, address: ADDRESS });
      return this.#run(program("etcd", "etcd-server"), args);
    });
    await eventually(
      () => `etcd; ${this.lastWords}`,
      () => programs.every(({ output }) => output.includes("ready to serve client requests")),
    );
    return members.map(({ client }) => client);
  }

  #startMembers(replicas: number, etcd: readonly string[], port: () => number): void {
    const bootstrapSql = this.#plain("bootstrap.sql", this.#bootstrapSql());
    const passwordFile = this.#secret("pgpass", passwordLine(SUPERUSER, PASSWORDS.superuser));
    for (let index = 1; index <= replicas + 1; index++) {
      const name = `member-${index}`;
      const folders = {
        data: join(this.#folder, name),
        sockets: join(this.#folder, `${name}-run`),
        temporary: join(this.#folder, `${name}-run`),
        // Debian has links to some of the programs elsewhere
        binaries: dirname(realpathSync(program("initdb", "postgresql"))),
      };
      mkdirSync(folders.sockets);
      give(folders.sockets, this.#owner);
      const [postgresPort, restPort] = [port(), port()];
      const yaml = patroniYaml({
        scope: "test",
        name,
        postgres: `${ADDRESS}:${postgresPort}`,
        restApi: `${ADDRESS}:${restPort}`,
        address: ADDRESS,
        etcd,
        folders,
        parameters: this.parameters,
        synchronous: true,
        bootstrapSql,
        rolesScript: this.#plain(
          `${name}.sh`,
          rolesScript({ ...folders, port: postgresPort, passwordFile, sql: bootstrapSql }),
        ),
        passwords: PASSWORDS,
      });
      const file = this.#secret(`${name}.yml`, yaml);
      const patroni = this.#run(program("patroni", "patroni"), [file]);
      this.members.push({ name, data: folders.data, file, port: postgresPort, restPort, patroni });
    }
  }

  #bootstrapSql(): string {
    const { application, metrics, pooler, reader } = PASSWORDS;
    return [
      databaseSql(DATABASE, this.#secret("application_password", application)),
      metricsRoleSql(this.#secret("metrics_password", metrics)),
      poolerRoleSql(this.#secret("pooler_password", pooler), DATABASE),
      readerRoleSql(this.#secret("reader_password", reader), DATABASE),
    ].join("\n");
  }

  async #startHaproxy(): Promise<void> {
    const config = haproxyConfig({
      address: ADDRESS,
      ports: this.ports,
      maxConnections: 200,
      members: this.members.map(({ name, port, restPort }) => ({ name, host: ADDRESS, port, checkPort: restPort })),
    });
    const file = this.#plain("haproxy.cfg", config);
    this.#run(program("haproxy", "haproxy"), ["-db", "-f", file]);
    await eventually(
      () => `HAProxy; ${this.lastWords}`,
      () => listens(this.ports.writer),
    );
  }

  async #startPgbouncer(pooler: PoolerSpec): Promise<void> {
    const userlistFile = this.#secret("userlist.txt", userlist(PASSWORDS.pooler));
    const ini = pgbouncerIni({
      database: DATABASE,
      server: { host: ADDRESS, port: this.ports.writer },
      address: ADDRESS,
      port: this.ports.pooler,
      pooler,
      userlistFile,
    });
    this.#run(program("pgbouncer", "pgbouncer"), [this.#plain("pgbouncer.ini", ini)]);
    await eventually(
      () => `PgBouncer; ${this.lastWords}`,
      () => listens(this.ports.pooler),
    );
  }

  #plain(name: string, content: string): string {
    this.plainFiles[name] = content;
    const file = join(this.#folder, name);
    writeFileSync(file, content);
    return file;
  }

  #secret(name: string, content: string): string {
    const file = join(this.#folder, name);
    writeFileSync(file, content, { mode: 0o400 });
    give(file, this.#owner);
    return file;
  }

  #run(command: string, args: readonly string[]): Program {
    const started = new Program(command, args, this.#owner);
    this.#programs.push(started);
    return started;
  }
}

async function answers({ restPort }: Member, path: string): Promise<boolean> {
  const response = await fetch(`http://${ADDRESS}:${restPort}/${path}`).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.status === 200;
}

/** The server's process; none while it does not run. */
function postmaster({ data }: Member): number | undefined {
  try {
    const pid = Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);
    return isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}
