import assert from "node:assert/strict";
import { parseCidr } from "@groundwork/lib/cidr";
import { freeAddresses, routes, rulesOf } from "../../../../scripts/rehearsal/docker-engine/network.ts";

describe("addresses of a private Docker Engine", () => {
  it("are the first block that nothing on the machine touches, half for the bridge and half for networks", () => {
    assert.deepEqual(freeAddresses([]), { bridge: "10.254.0.1/24", pool: "10.254.128.0/17" });
    const taken = [parseCidr("10.254.200.0/24"), parseCidr("10.252.0.0/15")];
    assert.deepEqual(freeAddresses(taken), { bridge: "10.251.0.1/24", pool: "10.251.128.0/17" });
    assert.throws(() => freeAddresses([parseCidr("10.0.0.0/8")]), /every block from 10.223.0.0\/16 to 10.254.0.0\/16/);
  });

  it("avoid what the machine has routes to, but for the default route", () => {
    const table = [
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
      "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
      "br-1\t00001CAC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
      "tun0\t0000FD0A\t00000000\t0001\t0\t0\t0\t0080FFFF\t0\t0\t0",
    ].join("\n");
    assert.deepEqual(routes(table), [parseCidr("172.28.0.0/16"), parseCidr("10.253.0.0/17")]);
  });

  it("take only the firewall's rules that name their own interfaces away", () => {
    const listing = [
      "-P FORWARD ACCEPT",
      "-N DOCKER",
      "-A FORWARD -o gw1 -j DOCKER",
      "-A FORWARD -o docker0 -j DOCKER",
      "-A DOCKER ! -i br-2 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.254.128.2:80",
    ].join("\n");
    assert.deepEqual(rulesOf(listing, ["gw1", "br-2"]), [
      ["-D", "FORWARD", "-o", "gw1", "-j", "DOCKER"],
      "-D DOCKER ! -i br-2 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.254.128.2:80".split(" "),
    ]);
  });
});
