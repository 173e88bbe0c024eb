import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { execa } from "execa";
import { type Cidr, dottedQuad, format, overlaps, parseCidr, readCidr } from "@groundwork/lib/cidr";

/** Blocks of private addresses that a private engine may give to networks which name none. */
export interface Addresses {
  /** Address of the default bridge, with its prefix, as `ip address add` wants it. */
  readonly bridge: string;
  /** Of the networks that name none; each gets a /24 of it. */
  readonly pool: string;
}

const POOL_PREFIX = 17;
const SECOND_HALF = 2 ** (32 - POOL_PREFIX);
const BRIDGE_PREFIX = 24;

/** The upper end of 10.0.0.0/8: Docker's own defaults and the blocks that our systems name are elsewhere. */
const CANDIDATES = Array.from({ length: 32 }, (_, index) => `10.${254 - index}.0.0/16`);

/** The first block that nothing on this machine has or routes to; its first half is the bridge's, its second the pool's. */
export function freeAddresses(taken: readonly Cidr[] = takenBlocks()): Addresses {
  const block = CANDIDATES.map((text) => parseCidr(text)).find((each) => !taken.some((other) => overlaps(each, other)));
  if (block === undefined) throw new Error(`every block from ${CANDIDATES.at(-1)} to ${CANDIDATES[0]} is taken`);
  return {
    bridge: `${dottedQuad(block.base + 1)}/${BRIDGE_PREFIX}`,
    pool: format({ base: block.base + SECOND_HALF, prefix: POOL_PREFIX }),
  };
}

function takenBlocks(): Cidr[] {
  const own = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).flatMap(({ cidr }) => readCidr(cidr) ?? []),
  );
  return [...own, ...routes(readFileSync("/proc/net/route", "utf8"))];
}

/** Blocks with a route of their own, of proc_net(5)'s `route`: hexadecimal, the lowest byte first. */
export function routes(table: string): Cidr[] {
  return table
    .trim()
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, destination = "", , , , , , mask = ""] = line.trim().split(/\s+/);
      const prefix = [...number(mask).toString(2)].filter((bit) => bit === "1").length;
      // the default route covers everything and takes nothing
      return prefix === 0 ? [] : [{ base: number(destination), prefix }];
    });
}

function number(hexadecimal: string): number {
  return Buffer.from(hexadecimal, "hex").reduceRight((sum, byte) => sum * 256 + byte, 0);
}

/** Made before the engine starts, which would take `docker0` otherwise; one that is there already is taken. */
export async function makeBridge(name: string, address: string): Promise<void> {
  const { exitCode } = await ip(["link", "show", name]);
  if (exitCode !== 0) await must(["link", "add", "name", name, "type", "bridge"]);
  await must(["address", "replace", address, "dev", name]);
  await must(["link", "set", name, "up"]);
}

/** Removes bridges, and the firewall's rules that name them, which an engine leaves behind when it ends. */
export async function removeBridges(names: readonly string[]): Promise<void> {
  for (const name of names) await ip(["link", "delete", name]);
  for (const table of ["filter", "nat"]) {
    const { stdout } = await iptables(table, ["-S"]);
    for (const rule of rulesOf(stdout, names)) await iptables(table, rule);
  }
}

/** The arguments that delete each rule of `iptables -S` that names one of these interfaces. */
export function rulesOf(listing: string, interfaces: readonly string[]): string[][] {
  return listing
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([action, ...words]) => action === "-A" && words.some((word) => interfaces.includes(word)))
    .map(([, ...words]) => ["-D", ...words]);
}

const ip = (args: readonly string[]) => execa("ip", args, { reject: false });
const iptables = (table: string, args: readonly string[]) =>
  execa("iptables", ["-w", "-t", table, ...args], { reject: false });

async function must(args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await ip(args);
  if (exitCode !== 0) throw new Error(`ip ${args.join(" ")} failed: ${stderr.trim()}`);
}
