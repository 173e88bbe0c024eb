/** Whether a network in CIDR notation is the whole of IPv4 or IPv6. */
export function isEverywhere(cidr: string): boolean {
  return /^[0-9a-fA-F.:]+\/0+$/.test(cidr.trim());
}
