import { PrivateEngine } from "../../../../scripts/rehearsal/docker-engine/private.ts";

/** Uses the private engine of a folder until its standard input ends. Tells on standard output what happens. */
const [home = ""] = process.argv.slice(2);
const engine = await PrivateEngine.join({ home, progress: (line) => process.stdout.write(`${line}\n`) });
process.stdout.write(`joined ${engine.host}\n`);
for await (const _ of process.stdin);
await engine.stop();
process.stdout.write("left\n");
