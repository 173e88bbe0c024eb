import assert from "node:assert/strict";
import { readConfiguration } from "../../../../components/reference/service/configuration.ts";
import { BadConfiguration } from "../../../../components/reference/service/environment.ts";
import { createLog, reason } from "../../../../components/reference/service/log.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

describe("the configuration of the reference service", () => {
  it("has the defaults that the systems ask for", () => {
    const { role, port, resilience, pipeline, ...rest } = readConfiguration({});
    assert.deepEqual([role, port], ["api", 8000]);
    assert.deepEqual(resilience.delays, [2000, 4000, 8000, 16_000, 32_000]);
    assert.deepEqual([pipeline.concurrentRequests, pipeline.downloadDelay], [12, 800]);
    for (const tier of ["postgres", "redis", "rabbitmq", "mongodb", "externalApi"]) assert.ok(!(tier in rest), tier);
  });

  it("reads from the reader's host, else from the writer's, over 50 connections", () => {
    const both = readConfiguration({ PGHOST: "writer", PGHOST_READER: "reader", PGUSER: "u" }).postgres;
    assert.deepEqual([both?.host, both?.reader, both?.poolSize], ["writer", { host: "reader", port: 5432 }, 50]);
    const one = readConfiguration({ PGHOST: "writer", PGPORT: "6432", PGUSER: "u", DATABASE_POOL_SIZE: "10" }).postgres;
    assert.deepEqual([one?.reader, one?.poolSize], [{ host: "writer", port: 6432 }, 10]);
  });

  it("lets a caller wait for a pooled connection as long as tracks asks for", () => {
    const variables = { PGHOST: "writer", PGUSER: "u" };
    assert.equal(readConfiguration(variables).postgres?.poolTimeout, 5000);
    const patient = readConfiguration({ ...variables, DATABASE_POOL_TIMEOUT_SECONDS: "30" });
    assert.deepEqual([patient.postgres?.poolTimeout, patient.resilience.operationTimeout], [30_000, 5000]);
  });

  it("takes a secret from the file, without the line break at its end, and before the variable", () => {
    const file = `${temporaryFolder({ secret: " s e c r e t \n" })}/secret`;
    const { redis, environment } = readConfiguration({
      REDIS_HOST: "r",
      REDIS_PASSWORD_FILE: file,
      REDIS_PASSWORD: "other",
    });
    assert.equal(redis?.password, " s e c r e t ");
    assert.deepEqual(environment.secrets, [" s e c r e t "]);
  });

  it("refuses an empty secret, since it would open a server to everybody", () => {
    const file = `${temporaryFolder({ secret: "\n" })}/secret`;
    assert.throws(() => readConfiguration({ REDIS_HOST: "r", REDIS_PASSWORD_FILE: file }), BadConfiguration);
  });

  it("takes an empty variable for none", () => {
    assert.equal(readConfiguration({ PGHOST: "", PORT: "" }).port, 8000);
  });
});

describe("the log of the reference service", () => {
  it("replaces a secret wherever it appears, also as JSON writes it", () => {
    const lines: string[] = [];
    const log = createLog({ system: "tracks" }, ['pass"word\\', "plain"], (line) => lines.push(line));
    log("failed", { reason: reason(new Error('no entry for pass"word\\ and plain')) });
    assert.equal((JSON.parse(lines[0] ?? "") as { reason: string }).reason, "no entry for [secret] and [secret]");
  });

  it("gives the reason behind a refused connection, not the empty message around it", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED ::1:5432"), { code: "ECONNREFUSED" });
    assert.equal(reason(new AggregateError([refused])), "connect ECONNREFUSED ::1:5432");
    assert.equal(reason(Object.assign(new Error(""), { code: "EPIPE" })), "EPIPE");
    assert.equal(
      reason(new TypeError("fetch failed", { cause: refused })),
      "fetch failed: connect ECONNREFUSED ::1:5432",
    );
  });
});
