import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import pg from "pg";
import { haproxyConfig } from "../../../components/postgres/haproxy.ts";
import { pgbouncerIni, userlist } from "../../../components/postgres/pgbouncer.ts";
import {
  METRICS_ROLE,
  metricsRoleSql,
  passwordLine,
  POOLER_ROLE,
  poolerRoleSql,
  READER_ROLE,
  readerRoleSql,
} from "../../../components/postgres/roles.ts";
import type { PoolMode } from "../../../components/postgres/spec.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { leaksOf } from "../../helpers/leaks.ts";
import type { Running } from "../../helpers/server.ts";
import { as, freePort, give, program, started } from "../../helpers/server.ts";
import { eventually, listens, Program } from "./processes.ts";

const OWNER = "ledger";
const PASSWORDS = {
  owner: "canaryOwner4Rt8",
  metrics: "canaryMetrics9Qp3",
  pooler: "canaryPooler6Zb1",
  reader: "canaryReader2Kd8",
};
const CHANGED = "canaryChanged2Mn7";
const account = as("postgres");

/** A server as an earlier release left it: one role, which owns everything and is a superuser. */
describe("the roles beside a real PostgreSQL", function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  let server: Running;
  let port: number;
  let log = "";

  before(async () => {
    give(folder, account);
    const passwordFile = secret("owner_password", PASSWORDS.owner);
    const data = join(folder, "data");
    const initdb = ["-D", data, "-U", OWNER, "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--no-sync"];
    execFileSync(program("initdb", "postgresql"), initdb, { ...account, stdio: "pipe" });
    port = await freePort();
    const settings = {
      ...{ port, listen_addresses: "127.0.0.1", unix_socket_directories: folder, fsync: "off" },
      // the most that a server can be told to write down
      ...{ log_statement: "all", log_min_error_statement: "debug5", log_min_duration_statement: "0" },
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    server = await started(program("postgres", "postgresql"), ["-D", data, ...args], /ready to accept connections/, {
      ...account,
      stop: "SIGQUIT",
    });
    server.process.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
    await query(OWNER, PASSWORDS.owner, `CREATE DATABASE ${OWNER}`, { database: "postgres" });
    await query(OWNER, PASSWORDS.owner, "CREATE TABLE accounts AS SELECT 1 AS balance");
  });
  after(() => server[Symbol.asyncDispose]());

  function secret(name: string, content: string): string {
    const file = join(folder, name);
    writeFileSync(file, content, { mode: 0o400 });
    give(file, account);
    return file;
  }

  async function query(
    user: string,
    password: string,
    sql: string,
    { database = OWNER, at = port }: { database?: string; at?: number } = {},
  ): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ host: "127.0.0.1", port: at, user, password, database });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** What the container for it runs. */
  function makeRoles(metrics = PASSWORDS.metrics) {
    const suffix = metrics === PASSWORDS.metrics ? "" : "_new";
    const file = join(folder, "roles.sql");
    const sql =
      metricsRoleSql(secretOnce(`metrics_password${suffix}`, metrics)) +
      poolerRoleSql(secretOnce("pooler_password", PASSWORDS.pooler), OWNER) +
      readerRoleSql(secretOnce("reader_password", PASSWORDS.reader), OWNER);
    writeFileSync(file, sql);
    const environment = {
      ...{ PGHOST: "127.0.0.1", PGPORT: String(port), PGUSER: OWNER, PGDATABASE: OWNER },
      PGPASSFILE: secretOnce("pgpass", passwordLine(OWNER, PASSWORDS.owner)),
    };
    const args = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", `--file=${file}`];
    return spawnSync(program("psql", "postgresql-client"), args, { ...account, env: environment, encoding: "utf8" });
  }

  const written = new Map<string, string>();
  function secretOnce(name: string, content: string): string {
    const file = written.get(name) ?? secret(name, content);
    written.set(name, file);
    return file;
  }

  it("are made in a server that has data already, and made again with no change", () => {
    for (const time of ["first", "second"]) {
      const { status, stderr } = makeRoles();
      assert.equal(status, 0, `${time}: ${stderr}`);
    }
  });

  it("see statistics and no data", async () => {
    const [row] = await query(METRICS_ROLE, PASSWORDS.metrics, "SELECT count(*) > 0 AS sees FROM pg_stat_activity");
    assert.equal(row?.["sees"], true);
    for (const [role, password] of [
      [METRICS_ROLE, PASSWORDS.metrics],
      [POOLER_ROLE, PASSWORDS.pooler],
    ] as const) {
      await assert.rejects(query(role, password, "SELECT * FROM accounts"), /permission denied for table accounts/);
      await assert.rejects(query(role, password, "SELECT * FROM pg_shadow"), /permission denied/);
      await assert.rejects(query(role, password, "CREATE TABLE t ()"), /permission denied/);
      const sql = `SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = '${role}'`;
      const [attributes] = await query(OWNER, PASSWORDS.owner, sql);
      assert.deepEqual(Object.values(attributes ?? {}), [false, false, false, false]);
    }
  });

  it("read what the service has and makes later, in schemas that it makes later too, and change nothing", async () => {
    const own = (sql: string) => query(OWNER, PASSWORDS.owner, sql);
    const reads = (sql: string) => query(READER_ROLE, PASSWORDS.reader, sql);
    const writes = (sql: string) => reads(`BEGIN READ WRITE; ${sql}`);
    await own("CREATE TABLE later AS SELECT 2 AS balance");
    await own("CREATE SCHEMA archive");
    await own("CREATE TABLE archive.old AS SELECT 3 AS balance");
    for (const table of ["accounts", "later", "archive.old"]) {
      assert.equal((await reads(`SELECT balance FROM ${table}`)).length, 1, table);
      for (const sql of [`INSERT INTO ${table} VALUES (9)`, `DELETE FROM ${table}`, `UPDATE ${table} SET balance = 0`])
        await assert.rejects(writes(sql), /permission denied/, sql);
      await assert.rejects(reads(`DELETE FROM ${table}`), /read-only transaction|permission denied/);
      await assert.rejects(writes(`DROP TABLE ${table}`), /must be owner/);
    }
    for (const sql of ["CREATE TABLE mine ()", "CREATE SCHEMA mine", "CREATE ROLE mine", "ALTER ROLE ledger NOLOGIN"])
      await assert.rejects(writes(sql), /permission denied|must be/, sql);
    for (const hidden of ["pg_authid", "pg_shadow", `${POOLER_ROLE}.verifier_of('${OWNER}')`])
      await assert.rejects(reads(`SELECT * FROM ${hidden}`), /permission denied/, hidden);
    const [limits] = await reads("SELECT current_setting('statement_timeout') AS timeout");
    assert.equal(limits?.["timeout"], "30s");
    await own("DROP TABLE later; DROP SCHEMA archive CASCADE");
  });

  it("get a new password when it changes", async () => {
    assert.equal(makeRoles(CHANGED).status, 0);
    await query(METRICS_ROLE, CHANGED, "SELECT 1");
    await assert.rejects(query(METRICS_ROLE, PASSWORDS.metrics, "SELECT 1"), /authentication failed/);
    assert.equal(makeRoles().status, 0);
  });

  it("let only the pooler look up verifiers, and no other superuser's", async () => {
    await query(OWNER, PASSWORDS.owner, "CREATE ROLE chief SUPERUSER LOGIN PASSWORD 'x'");
    const lookup = (user: string) => `SELECT verifier FROM ${POOLER_ROLE}.verifier_of('${user}')`;
    const [owner] = await query(POOLER_ROLE, PASSWORDS.pooler, lookup(OWNER));
    assert.match(String(owner?.["verifier"]), /^SCRAM-SHA-256\$/);
    assert.deepEqual(await query(POOLER_ROLE, PASSWORDS.pooler, lookup("chief")), []);
    await assert.rejects(query(METRICS_ROLE, PASSWORDS.metrics, lookup(OWNER)), /permission denied/);
  });

  it("have no password in the server's log, whatever it writes down", () => {
    assert.match(log, /CREATE TABLE accounts/);
    const hidden = Object.entries({ ...PASSWORDS, changed: CHANGED }).map(([name, value]) => ({ name, value }));
    assert.deepEqual(leaksOf(hidden, { folders: [], texts: { log } }), []);
  });

  it("are enough for the exporter", async () => {
    const metricsPort = await freePort();
    const env = {
      DATA_SOURCE_URI: `127.0.0.1:${port}/${OWNER}?sslmode=disable`,
      DATA_SOURCE_USER: METRICS_ROLE,
      DATA_SOURCE_PASS_FILE: secretOnce("metrics_password", PASSWORDS.metrics),
    };
    const args = [`--web.listen-address=127.0.0.1:${metricsPort}`];
    const exporter = program("prometheus-postgres-exporter", "prometheus-postgres-exporter");
    await using running = await started(exporter, args, /[Ll]istening on/, { ...account, env });
    assert.ok(running.process.pid);
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    assert.match(text, /^pg_up 1$/m);
    assert.match(text, /^pg_stat_database_xact_commit\{[^}]*datname="ledger"[^}]*\} \d/m);
    assert.match(text, /^pg_settings_max_connections\{[^}]*\} 100$/m);
  });

  for (const mode of ["session", "transaction"] satisfies PoolMode[]) {
    it(`are enough for PgBouncer in ${mode} mode`, async () => {
      const at = await freePort();
      const ini = pgbouncerIni({
        database: OWNER,
        server: { host: "127.0.0.1", port },
        address: "127.0.0.1",
        port: at,
        pooler: { mode, poolSize: 3, maxClients: 40 },
        userlistFile: secretOnce("userlist.txt", userlist(PASSWORDS.pooler)),
      });
      const file = join(folder, `${mode}.ini`);
      writeFileSync(file, ini);
      const pooler = new Program(program("pgbouncer", "pgbouncer"), [file], account);
      try {
        await eventually(
          () => pooler.output,
          () => listens(at),
          20,
        );
        const asked = Array.from({ length: 20 }, () =>
          query(OWNER, PASSWORDS.owner, "SELECT pg_backend_pid() AS pid FROM pg_sleep(0.02)", { at }),
        );
        const servers = new Set((await Promise.all(asked)).map(([row]) => row?.["pid"]));
        assert.ok(servers.size <= 3, `${servers.size} server connections`);
        await assert.rejects(query(OWNER, "wrong", "SELECT 1", { at }), /authentication failed/);
        const admin = await query(POOLER_ROLE, PASSWORDS.pooler, "SHOW CONFIG", { at, database: "pgbouncer" });
        const value = (key: string) => admin.find((row) => row["key"] === key)?.["value"];
        assert.deepEqual(
          ["pool_mode", "default_pool_size", "max_client_conn", "auth_type", "server_login_retry"].map(value),
          [mode, "3", "40", "scram-sha-256", "1"],
        );
      } finally {
        await pooler.stop();
      }
    });
  }
});

describe("HAProxy's configuration", () => {
  it("is accepted with names that are looked up while it runs", () => {
    const config = haproxyConfig({
      members: ["a-1", "a-2", "a-3"].map((host) => ({ name: host, host, port: 5432, checkPort: 8008 })),
      address: "*",
      ports: { writer: 5432, readers: 5433, status: 8404 },
      maxConnections: 700,
      nameserver: "127.0.0.11:53",
    });
    const folder = temporaryFolder({ "haproxy.cfg": config });
    const args = ["-c", "-f", join(folder, "haproxy.cfg")];
    const { status, stdout, stderr } = spawnSync(program("haproxy", "haproxy"), args, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.match(stdout + stderr, /Configuration file is valid/);
    const warnings = (stdout + stderr).split("\n").filter((line) => line.includes("[WARNING]"));
    assert.ok(
      warnings.every((line) => line.includes("could not resolve address")),
      warnings.join("\n"),
    );
  });
});
