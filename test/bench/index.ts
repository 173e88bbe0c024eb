import { Command, InvalidArgumentError } from "commander";
import { capacityBench, renderCapacity } from "./capacity.ts";
import { gatewayBench, renderGateway } from "./gateway.ts";
import { imagesBench, renderImages } from "./images.ts";
import { pipelineBench, renderPipeline } from "./pipeline.ts";
import { referenceBench, renderReference } from "./reference/index.ts";
import { rehearsalBench } from "./rehearsal/index.ts";
import { renderRehearsal } from "./rehearsal/report.ts";
import { renderSecretDrift, secretDriftBench } from "./secret-drift.ts";

interface Flags {
  readonly rounds: number;
  readonly seconds: number;
  readonly pipelineSeconds: number;
  readonly json?: boolean;
}

interface Result {
  readonly data: unknown;
  readonly text: string;
}

type Bench = (flags: Flags, tell: (line: string) => void) => Promise<Result>;

/** In the order in which `all` runs them. */
const BENCHES = {
  rehearsal: async ({ rounds }, tell) => {
    const data = await rehearsalBench({ rounds, tell });
    return { data, text: renderRehearsal(data) };
  },
  reference: async ({ rounds, seconds }, tell) => {
    const data = await referenceBench({ rounds, seconds, tell });
    return { data, text: renderReference(data) };
  },
  pipeline: async ({ pipelineSeconds: seconds }, tell) => {
    const data = await pipelineBench({ seconds, tell });
    return { data, text: renderPipeline(data) };
  },
  capacity: async ({ seconds }, tell) => {
    const data = await capacityBench({ seconds, tell });
    return { data, text: renderCapacity(data) };
  },
  images: async ({ rounds }, tell) => {
    const data = await imagesBench({ rounds, tell });
    return { data, text: renderImages(data) };
  },
  gateway: async ({ rounds, seconds }, tell) => {
    const data = await gatewayBench({ rounds, seconds, tell });
    return { data, text: renderGateway(data) };
  },
  secrets: async ({ rounds }, tell) => {
    const data = await secretDriftBench({ rounds, tell });
    return { data, text: renderSecretDrift(data) };
  },
} as const satisfies Readonly<Record<string, Bench>>;

/** As of every command here. */
const BAD_INPUT = 2;

const HELP = `
Benches:
  rehearsal   previews of prod beside previews of as many resources that do nothing
  reference   the reference service: cached answers beside uncached ones, WebAssembly beside JavaScript
              (needs redis-server)
  pipeline    tracks an hour through 4 sources, 4 workers and 3 interfaces, one worker killed in the middle
              (needs PostgreSQL and RabbitMQ)
  capacity    what one request and one track take of each part: the figures of lib/capacity/model.ts
              (needs PostgreSQL and RabbitMQ)
  secrets     rounds of the secret-drift checker over 10,000 secrets in 4 stores that answer at once
  images      the reference service's image, by four stages and by a single one: size, build, start
              (needs a Docker Engine, or root to start one)
  gateway     requests a second at nginx before 1, 2 and 4 containers of the reference service, and without it
              (needs a Docker Engine, or root to start one)
  all         one after the other; what counts needs an idle machine

Examples:
  $ npm run bench
  $ npm run bench -- reference --rounds 9
  $ npm run --silent bench -- all --json > bench.json`;

await new Command("bench")
  .description("Measures side by side, in turns, and prints ratios; nothing is asserted.")
  .argument("[bench]", `${Object.keys(BENCHES).join(", ")} or all, which is the default`, chosen)
  .option(
    "--rounds <n>",
    "rehearsal, reference, images, gateway, secrets: counted rounds after one to warm up",
    whole(1, 1000),
    5,
  )
  .option("--seconds <n>", "reference, gateway, capacity: load for each contestant in each round", whole(1, 600), 5)
  .option("--pipeline-seconds <n>", "pipeline: measuring, after the processes are warm", whole(2, 3600), 20)
  .option("--json", "print one JSON document on standard output and nothing else")
  .addHelpText("after", HELP)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : BAD_INPUT))
  .action(run)
  .parseAsync();

type BenchName = keyof typeof BENCHES;

async function run(names: readonly BenchName[] = chosen("all"), flags: Flags): Promise<void> {
  const results: [BenchName, Result][] = [];
  for (const name of names)
    results.push([name, await BENCHES[name](flags, (line) => void process.stderr.write(`${name}: ${line}\n`))]);
  const documents = Object.fromEntries(results.map(([name, { data }]) => [name, data]));
  const texts = results.map(([name, { text }]) => `${name}\n${text.trimEnd()}\n`);
  process.stdout.write(flags.json === true ? `${JSON.stringify(documents, null, 2)}\n` : texts.join("\n"));
}

function chosen(text: string): BenchName[] {
  const names = Object.keys(BENCHES) as BenchName[];
  const found = text === "all" ? names : names.filter((name) => name === text);
  if (found.length === 0) throw new InvalidArgumentError(`write ${names.join(", ")} or all`);
  return found;
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`write a whole number from ${least} to ${most}`);
    return value;
  };
}
