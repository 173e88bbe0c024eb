import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** What one stack's rehearsal seals its secrets with. Made here, used nowhere else, worthless outside the rehearsal. */
export interface Keys {
  /** PULUMI_CONFIG_PASSPHRASE of the rehearsed stack. */
  readonly passphrase: string;
  /** 32 bytes, base64: the inventory's secrets. */
  readonly sealing: string;
  /** Pulumi's `encryptionsalt`, once the stack exists; the state cannot be read without the one it began with. */
  readonly salt?: string;
}

export function loadKeys(path: string): Keys {
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as Keys;
  const keys = { passphrase: randomBytes(24).toString("base64url"), sealing: randomBytes(32).toString("base64") };
  saveKeys(path, keys);
  return keys;
}

export function saveKeys(path: string, keys: Keys): void {
  writeFileSync(path, JSON.stringify(keys), { mode: 0o600 });
}
