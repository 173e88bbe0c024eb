/** A line of versions and the last day of its standard support, `YYYY-MM-DD`. */
interface Line {
  readonly version: string;
  readonly until: string;
}

/** As of November 2026; RDS and Aurora support the same versions of PostgreSQL for the same time. */
const POSTGRESQL: readonly Line[] = [
  { version: "11", until: "2024-02-29" },
  { version: "12", until: "2025-02-28" },
  { version: "13", until: "2026-02-28" },
  { version: "14", until: "2027-02-28" },
  { version: "15", until: "2028-02-29" },
  { version: "16", until: "2029-02-28" },
  { version: "17", until: "2030-02-28" },
  { version: "18", until: "2031-02-28" },
];

/**
 * Oldest first. A version that has no end yet is left out.
 * https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/aurorapostgresql-release-calendar.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/AuroraMySQL.release-calendars.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MariaDB.Concepts.VersionMgmt.html
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/extended-support-versions.html
 * https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-version-support.html
 * https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/activemq-version-management.html
 */
const SUPPORT: ReadonlyMap<string, readonly Line[]> = new Map([
  ["postgres", POSTGRESQL],
  ["aurora-postgresql", POSTGRESQL],
  [
    "mysql",
    [
      { version: "5.7", until: "2024-02-29" },
      { version: "8.0", until: "2026-07-31" },
      { version: "8.4", until: "2029-07-31" },
    ],
  ],
  [
    "aurora-mysql",
    [
      { version: "5.7", until: "2024-10-31" },
      { version: "8.0", until: "2028-04-30" },
      { version: "8.4", until: "2032-04-30" },
    ],
  ],
  [
    "mariadb",
    [
      { version: "10.4", until: "2025-02-28" },
      { version: "10.5", until: "2026-02-28" },
      { version: "10.6", until: "2026-07-31" },
      { version: "10.11", until: "2028-02-29" },
      { version: "11.4", until: "2029-05-31" },
    ],
  ],
  [
    "redis",
    [
      { version: "5", until: "2026-01-31" },
      { version: "6", until: "2027-01-31" },
    ],
  ],
  ["rabbitmq", [{ version: "3.12", until: "2025-03-17" }]],
  [
    "activemq",
    [
      { version: "5.15", until: "2024-09-16" },
      { version: "5.16", until: "2024-11-15" },
      { version: "5.17", until: "2025-06-16" },
    ],
  ],
]);

/** The last day of a version's support; none where it has no end yet, or nobody here knows the engine. */
export function supportEnds(engine: string, version: string): string | undefined {
  const lines = SUPPORT.get(engine.toLowerCase()) ?? [];
  const [oldest] = lines;
  if (oldest && isOlder(version, oldest.version)) return oldest.until;
  return lines.find((line) => version === line.version || version.startsWith(`${line.version}.`))?.until;
}

function isOlder(version: string, than: string): boolean {
  const [major = NaN, minor = 0] = version.split(".").map(Number);
  const [thanMajor = NaN, thanMinor = 0] = than.split(".").map(Number);
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}
