export interface EtcdMember {
  readonly name: string;
  /** `host:port` under which clients reach it. */
  readonly client: string;
  /** `host:port` under which the other members reach it. */
  readonly peer: string;
}

export interface EtcdSettings {
  /** Tells clusters apart, so that a member of one never joins another by mistake. */
  readonly token: string;
  /** An odd number: a majority must be alive. https://etcd.io/docs/v3.6/faq/#why-an-odd-number-of-cluster-members */
  readonly members: readonly EtcdMember[];
  readonly dataFolder: string;
  /** IP address to listen at; etcd takes no name here. */
  readonly address: string;
}

/** Patroni keeps a few kilobytes; each change of them is a revision that is thrown away after an hour. */
const REVISIONS_KEPT = "1h";
const QUOTA_BYTES = 256 * 2 ** 20;

/** Arguments of one member's `etcd` command. https://etcd.io/docs/v3.6/op-guide/configuration/ */
export function etcdArguments(member: EtcdMember, { token, members, dataFolder, address }: EtcdSettings): string[] {
  const listen = (hostPort: string) => `http://${address}:${portOf(hostPort)}`;
  return [
    `--name=${member.name}`,
    `--data-dir=${dataFolder}`,
    `--listen-client-urls=${listen(member.client)}`,
    `--advertise-client-urls=http://${member.client}`,
    `--listen-peer-urls=${listen(member.peer)}`,
    `--initial-advertise-peer-urls=http://${member.peer}`,
    `--initial-cluster=${members.map(({ name, peer }) => `${name}=http://${peer}`).join(",")}`,
    "--initial-cluster-state=new",
    `--initial-cluster-token=${token}`,
    "--auto-compaction-mode=periodic",
    `--auto-compaction-retention=${REVISIONS_KEPT}`,
    `--quota-backend-bytes=${QUOTA_BYTES}`,
  ];
}

function portOf(hostPort: string): string {
  return hostPort.slice(hostPort.lastIndexOf(":") + 1);
}
