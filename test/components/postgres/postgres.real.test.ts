import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { postgresArguments, postgresSettings } from "../../../components/postgres/settings.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import type { Running } from "../../helpers/server.ts";
import { as, freePort, give, program, started } from "../../helpers/server.ts";

const owner = as("postgres");

describe("a real PostgreSQL", () => {
  // what the systems ask for
  const systems: [string, Record<string, string>][] = [
    ["tracks", postgresSettings({ cores: 4, memory: 6 * 2 ** 30, maxConnections: 200 })],
    [
      "flowx",
      postgresSettings(
        { cores: 1, memory: 2 * 2 ** 30, maxConnections: 200 },
        { shared_buffers: "256MB", effective_cache_size: "1GB", work_mem: "4MB", maintenance_work_mem: "64MB" },
      ),
    ],
    ["sophia", postgresSettings({ cores: 2, memory: 4 * 2 ** 30, maxConnections: 100 }, { shared_buffers: "1GB" })],
  ];
  for (const [system, settings] of systems)
    it(`starts with the settings of ${system} and has every one of them`, () => showsEach(settings));

  async function showsEach(settings: Record<string, string>): Promise<void> {
    await using postgres = await server(settings);
    const query = `SELECT ${Object.keys(settings)
      .map((name) => `current_setting('${name}')`)
      .join(", ")}`;
    const row = execFileSync(
      program("psql", "postgresql-client"),
      ["-h", "127.0.0.1", "-p", String(postgres.port), "-U", "postgres", "-Atc", query],
      { encoding: "utf8" },
    );
    const units = (value: string) => value.replace(/^(\d+)GB$/, (_, size) => `${Number(size) * 1024}MB`);
    assert.deepEqual(row.trim().split("|").map(units), Object.values(settings).map(units));
  }
});

async function server(settings: Record<string, string>): Promise<Running & { port: number }> {
  const folder = temporaryFolder();
  give(folder, owner);
  const data = join(folder, "data");
  execFileSync(program("initdb", "postgresql"), ["-D", data, "-U", "postgres", "--auth=trust", "--no-sync"], {
    ...owner,
    stdio: "pipe",
  });
  const port = await freePort();
  const local = [
    "-D",
    data,
    "-p",
    String(port),
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    `unix_socket_directories=${folder}`,
    "-c",
    "fsync=off",
  ];
  const running = await started(
    program("postgres", "postgresql"),
    [...local, ...postgresArguments(settings)],
    /ready to accept connections/,
    // gives shared memory back, which a kill would not
    { ...owner, stop: "SIGQUIT" },
  );
  return Object.assign(running, { port });
}
