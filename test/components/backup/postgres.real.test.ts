import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { postgresWork } from "../../../components/backup/postgres.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import type { Running } from "../../helpers/server.ts";
import { as, freePort, give, program, started } from "../../helpers/server.ts";
import { BackupUnderTest, PASSWORD } from "./run.ts";

const owner = as("postgres");
const TABLES = ["public.artists", "public.tracks", "audit.entries", "public.empty", "public.parted_1"];

describe("a backup of a real PostgreSQL", () => {
  let server: Running;
  let backup: BackupUnderTest;
  let environment: Record<string, string>;

  before(async () => {
    const port = await freePort();
    environment = { PGHOST: "127.0.0.1", PGPORT: String(port), PGUSER: "s", PGDATABASE: "s", PGSSLMODE: "disable" };
    backup = new BackupUnderTest("postgres", postgresWork(), environment, { restoreTestEvery: 1 });
    backup.environment["PGPASSWORD_FILE"] = backup.passwordFile;
    // the image has the server's programs on PATH, Debian has not
    backup.environment["PATH"] = `${dirname(program("initdb", "postgresql"))}:${process.env["PATH"] ?? ""}`;
    backup.ownedBy(owner);
    server = await start(port, backup.passwordFile);
    query(environment, SCHEMA, "postgres");
  });
  after(() => server[Symbol.asyncDispose]());

  const rows = (database: string, table: string) =>
    query({ ...environment, PGDATABASE: database }, `SELECT t::text FROM ONLY ${table} t ORDER BY 1`);

  it("is made, and restored into a server that is thrown away, while the original is written to", () => {
    const writing = `DO $$ BEGIN FOR i IN 1..300 LOOP INSERT INTO tracks (title) VALUES ('later ' || i); COMMIT; PERFORM pg_sleep(0.005); END LOOP; END $$`;
    const writer = spawnSync(
      "sh",
      ["-c", `psql -Xqc "${writing.replace(/\$/g, "\\$")}" & sh ${backup.script} once; status=$?; wait; exit $status`],
      {
        encoding: "utf8",
        env: { ...backup.environment, PGPASSWORD: PASSWORD },
        ...owner,
      },
    );
    assert.equal(writer.status, 0, writer.stdout + writer.stderr);
    const sums = readFileSync(backup.path("backups", backup.names()[0] ?? "", "tables"), "utf8");
    for (const table of TABLES) assert.match(sums, new RegExp(`^${table.replace(".", "\\.")}\\|\\d+\\|-?\\d+$`, "m"));
    assert.equal(existsSync(backup.path("scratch")), false);
  });

  it("brings every row, sequence, index and view back, here and elsewhere", () => {
    assert.equal(backup.run("once").status, 0);
    const before = Object.fromEntries(TABLES.map((table) => [table, rows("s", table)]));
    query(environment, "CREATE DATABASE copy OWNER s", "postgres");
    const there = backup.run("restore", "latest", "copy");
    assert.equal(there.status, 0, there.output);
    query(
      environment,
      "DELETE FROM tracks WHERE id % 3 = 0; UPDATE artists SET name = 'x'; DROP TABLE audit.entries; INSERT INTO empty VALUES (1)",
    );
    const here = backup.run("restore", "latest");
    assert.equal(here.status, 0, here.output);
    for (const database of ["copy", "s"]) {
      for (const table of TABLES) assert.equal(rows(database, table), before[table], `${database} ${table}`);
      const rest =
        "SELECT nextval('tracks_id_seq') > (SELECT max(id) FROM tracks), count(*) FROM loud, pg_indexes WHERE indexname = 'by_title'";
      assert.match(query({ ...environment, PGDATABASE: database }, rest), /^t\|2$/);
    }
  });

  it("is told from one in which a single row is another", () => {
    assert.equal(backup.run("test").status, 0);
    const script = readFileSync(backup.script, "utf8");
    // a restore that loses one letter of one row
    const spoilt = script.replace(
      "sums restored >",
      `psql -Xqd restored -c "UPDATE tracks SET title = 'b' WHERE id = 17" && sums restored >`,
    );
    assert.notEqual(spoilt, script);
    const { status } = spawnSync("sh", ["-c", spoilt, "backup", "test"], { env: backup.environment, ...owner });
    assert.equal(status, 1);
  });

  it("says nothing secret, and leaves nothing of the password on its disk", () => {
    const { output } = backup.run("once");
    assert.equal(output.includes(PASSWORD), false);
    const found = spawnSync("grep", ["-rl", PASSWORD, backup.path()], { encoding: "utf8" });
    assert.equal(found.stdout, "");
  });
});

const SCHEMA = `
  CREATE SCHEMA pooler;
  REVOKE ALL ON SCHEMA pooler FROM PUBLIC;
  CREATE TABLE pooler.of_others (id int);
  CREATE FUNCTION pooler.look_up() RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE SCHEMA audit AUTHORIZATION s;
  SET ROLE s;
  CREATE TABLE artists (id int PRIMARY KEY, name text, born timestamptz);
  CREATE TABLE tracks (id serial PRIMARY KEY, title text NOT NULL, artist int REFERENCES artists, cover bytea, tags text[]);
  CREATE INDEX by_title ON tracks (title);
  CREATE TABLE audit.entries (at timestamptz DEFAULT now(), what jsonb);
  CREATE TABLE empty (id int);
  CREATE TABLE parted (id int, v float8) PARTITION BY RANGE (id);
  CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (1000);
  CREATE VIEW loud AS SELECT upper(name) FROM artists;
  INSERT INTO artists VALUES (1, 'Ω', '1970-01-01 00:00:00+02'), (2, NULL, NULL);
  INSERT INTO tracks (title, artist, cover, tags) SELECT 'a' || n, 1 + n % 2, decode(md5(n::text), 'hex'), ARRAY['x', NULL, n::text] FROM generate_series(1, 5000) n;
  INSERT INTO audit.entries (what) SELECT jsonb_build_object('n', n, 'text', E'tab\\tand "quote"') FROM generate_series(1, 100) n;
  INSERT INTO parted SELECT n, random() FROM generate_series(1, 999) n;
`;

function query(environment: Record<string, string>, sql: string, user = "s"): string {
  const env = { ...process.env, ...environment, PGUSER: user, PGPASSWORD: PASSWORD };
  return execFileSync(program("psql", "postgresql-client"), ["-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql], {
    encoding: "utf8",
    env,
  }).trim();
}

/** With one user and its database, who may make databases, and passwords asked for. */
async function start(port: number, passwordFile: string): Promise<Running> {
  const folder = temporaryFolder({ password: readFileSync(passwordFile, "utf8") });
  give(folder, owner);
  const data = join(folder, "data");
  const options = ["-D", data, "-U", "postgres", "--auth=scram-sha-256", `--pwfile=${join(folder, "password")}`];
  execFileSync(program("initdb", "postgresql"), [...options, "--no-sync"], { ...owner, stdio: "pipe" });
  const settings = ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"];
  const running = await started(
    program("postgres", "postgresql"),
    [...settings, "-c", `unix_socket_directories=${folder}`],
    /ready to accept connections/,
    { ...owner, stop: "SIGQUIT" },
  );
  const environment = { PGHOST: "127.0.0.1", PGPORT: String(port), PGDATABASE: "postgres" };
  query(environment, `CREATE ROLE s LOGIN PASSWORD '${PASSWORD}'`, "postgres");
  query(environment, "CREATE DATABASE s OWNER s", "postgres");
  return running;
}
