export const WEST = "us-west-2";
export const EAST = "us-east-1";
export const SYSTEMS = ["finai-nexus", "flowx", "sophia", "tracks", "web-platform"] as const;

export function urnOf(type: string, name: string): string {
  return `urn:pulumi:prod::groundwork::${type}::${name}`;
}
