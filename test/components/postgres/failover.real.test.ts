import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, describe, it } from "mocha";
import pg from "pg";
import { leaksOf } from "../../helpers/leaks.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { READER_ROLE } from "../../../components/postgres/roles.ts";
import type { Member } from "./patroni-cluster.ts";
import { DATABASE, PASSWORDS, PatroniCluster } from "./patroni-cluster.ts";
import { eventually, isAlive } from "./processes.ts";

const WRITERS = 4;
const REPLICAS = 2;

interface Acknowledged {
  readonly id: number;
  /** Milliseconds. */
  readonly began: number;
  readonly ended: number;
}

/** Clients that write without a pause, each new row under a number of its own, until they are stopped. */
class WriteLoad {
  readonly acknowledged: Acknowledged[] = [];
  failed = 0;
  readonly #port: number;
  readonly #writers: Promise<void>[];
  #next = 1;
  #stopped = false;

  constructor(port: number) {
    this.#port = port;
    this.#writers = Array.from({ length: WRITERS }, () => this.#write());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#writers);
  }

  async #write(): Promise<void> {
    while (!this.#stopped) {
      const client = clientOf(this.#port);
      client.on("error", () => undefined);
      try {
        await client.connect();
        while (!this.#stopped) await this.#insert(client);
      } catch {
        this.failed++;
        await pause(50);
      }
      await client.end().catch(() => undefined);
    }
  }

  async #insert(client: pg.Client): Promise<void> {
    const id = this.#next++;
    const began = Date.now();
    await client.query("INSERT INTO writes (id) VALUES ($1)", [id]);
    this.acknowledged.push({ id, began, ended: Date.now() });
  }
}

function clientOf(port: number): pg.Client {
  return new pg.Client({
    host: "127.0.0.1",
    port,
    user: DATABASE,
    database: DATABASE,
    password: PASSWORDS.application,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
}

async function query<Row extends pg.QueryResultRow>(port: number, sql: string): Promise<Row[]> {
  const client = clientOf(port);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe("a real cluster under Patroni", function () {
  this.timeout(600_000);
  const folder = temporaryFolder();
  let cluster: PatroniCluster;

  before(async () => {
    cluster = await PatroniCluster.start(folder, REPLICAS, { mode: "transaction", poolSize: 10, maxClients: 100 });
    await query(cluster.ports.pooler, "CREATE TABLE writes (id bigint PRIMARY KEY)");
  });

  after(async () => {
    const processes = cluster.pids;
    await cluster[Symbol.asyncDispose]();
    assert.deepEqual(processes.filter(isAlive), []);
  });

  it("runs every server with every tuned parameter", async () => {
    const names = Object.keys(cluster.parameters);
    const sql = `SELECT ${names.map((name) => `current_setting('${name}') AS ${name}`).join(", ")}`;
    for (const { port } of cluster.members) {
      const [row] = await query<Record<string, string>>(port, sql);
      assert.deepEqual(row, { ...cluster.parameters });
    }
  });

  it("splits reads from writes", async () => {
    const inRecovery = async (port: number) =>
      (await query<{ is: boolean }>(port, "SELECT pg_is_in_recovery() AS is"))[0]?.is;
    assert.equal(await inRecovery(cluster.ports.writer), false);
    assert.equal(await inRecovery(cluster.ports.pooler), false);
    assert.equal(await inRecovery(cluster.ports.readers), true);
    const metrics = await (await fetch(`http://127.0.0.1:${cluster.ports.status}/metrics`)).text();
    assert.match(metrics, /haproxy_server_status\{proxy="primary",server="member-1",state="UP"\}/);
  });

  it("gives a cluster of an earlier release, which its bootstrap is over for, the roles that came later", async () => {
    const member = await cluster.primary();
    const asReader = async () => {
      const client = new pg.Client({
        ...{ host: "127.0.0.1", port: cluster.ports.readers, database: DATABASE },
        ...{ user: READER_ROLE, password: PASSWORDS.reader, connectionTimeoutMillis: 5_000 },
      });
      await client.connect();
      try {
        await client.query("SELECT count(*) FROM writes");
      } finally {
        await client.end();
      }
    };
    await asReader();
    cluster.asSuperuser(member, `DROP OWNED BY ${READER_ROLE}; DROP ROLE ${READER_ROLE}`);
    await assert.rejects(asReader());
    await member.patroni.stop("SIGTERM");
    cluster.restart(member);
    await eventually(
      () => `the role; ${cluster.lastWords}`,
      () =>
        asReader().then(
          () => true,
          () => false,
        ),
    );
    await cluster.healthy();
  });

  it("keeps passwords out of arguments, environments, output and plain files", () => {
    const processes = cluster.pids.flatMap((pid) =>
      ["cmdline", "environ"].map((file) => [`${pid}/${file}`, proc(pid, file)] as const),
    );
    const hidden = Object.entries(PASSWORDS).map(([name, value]) => ({ name, value }));
    const texts = { ...Object.fromEntries(processes), ...cluster.plainFiles, output: cluster.output };
    assert.deepEqual(leaksOf(hidden, { folders: [], texts }), []);
  });

  it("loses no acknowledged write when the primary's server is killed", () =>
    failover("the primary's server was killed", (member) => {
      cluster.killServer(member);
      return Promise.resolve(Date.now());
    }));

  it("loses no acknowledged write when the primary's container ends and the engine starts it anew", () =>
    failover("the primary's container was killed and restarted", async (member) => {
      await cluster.killMember(member);
      const killed = Date.now();
      await pause(1_000);
      cluster.restart(member);
      return killed;
    }));

  it("loses no acknowledged write when the primary is lost for good", async () => {
    const lost = await failover("the primary was lost with its Patroni", async (member) => {
      await cluster.killMember(member);
      return Date.now();
    });
    cluster.restart(lost);
    await cluster.healthy();
  });

  async function failover(what: string, kill: (member: Member) => Promise<number>) {
    await cluster.healthy();
    const old = await cluster.primary();
    await query(cluster.ports.pooler, "TRUNCATE writes");
    const load = new WriteLoad(cluster.ports.pooler);
    try {
      await eventually(
        () => "writes",
        () => load.acknowledged.length > 500,
      );
      const killed = await kill(old);
      const first = await eventually(
        () => `a write after the kill; ${cluster.lastWords}`,
        () => load.acknowledged.find(({ began }) => began >= killed),
        60,
      );
      const before = load.acknowledged.length;
      await eventually(
        () => "more writes",
        () => load.acknowledged.length > before + 500,
      );
      await load.stop();
      const rows = await query<{ id: string }>(cluster.ports.pooler, "SELECT id FROM writes");
      const kept = new Set(rows.map(({ id }) => Number(id)));
      const lost = load.acknowledged.filter(({ id }) => !kept.has(id));
      process.stdout.write(
        `      ${what}: first write after ${((first.ended - killed) / 1000).toFixed(1)} s, ` +
          `${lost.length} of ${load.acknowledged.length} acknowledged writes lost, ${load.failed} attempts failed\n`,
      );
      assert.deepEqual(lost, []);
      return old;
    } finally {
      await load.stop();
    }
  }
});

function proc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // it ended in the meantime
    return "";
  }
}
