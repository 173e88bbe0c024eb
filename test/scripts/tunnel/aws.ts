import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The AWS CLI as far as `groundwork tunnel` uses it: it forwards to ports of this machine instead of to a VPC. */
const PROGRAM = `
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";

const args = process.argv.slice(2);
const after = (flag) => args[args.indexOf(flag) + 1];
const region = after("--region");
const folder = new URL(".", import.meta.url);
appendFileSync(new URL("calls.jsonl", folder), JSON.stringify(args) + "\\n");
const { regions, agentIsNew } = JSON.parse(process.env.FAKE_AWS);

if (args[0] === "ec2") {
  process.stdout.write(JSON.stringify(regions[region] === undefined ? [] : ["i-" + region]));
} else {
  const known = new URL("known-" + region, folder);
  if (agentIsNew && !existsSync(known)) {
    writeFileSync(known, "");
    process.stderr.write("An error occurred (TargetNotConnected) when calling the StartSession operation: not connected.\\n");
    process.exit(254);
  }
  const { host, portNumber, localPortNumber } = JSON.parse(after("--parameters"));
  if (portNumber[0] !== "443" || !host[0].includes("." + region + ".")) process.exit(1);
  createServer((client) => {
    const remote = connect(regions[region], "127.0.0.1");
    client.pipe(remote).pipe(client);
    for (const end of [client, remote]) end.on("error", () => (client.destroy(), remote.destroy()));
  }).listen(Number(localPortNumber[0]), "127.0.0.1");
}
`;

/** Puts it into a folder for PATH. */
export function fakeAws(folder: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "aws.mjs"), PROGRAM);
  writeFileSync(join(bin, "aws"), `#!/bin/sh\nexec "${process.execPath}" "${join(bin, "aws.mjs")}" "$@"\n`);
  chmodSync(join(bin, "aws"), 0o755);
  return bin;
}

/** What the fake CLI reads of its environment: ports on this machine by region. */
export function fakeAccount(regions: Readonly<Record<string, number>>, agentIsNew = false): string {
  return JSON.stringify({ regions, agentIsNew });
}
