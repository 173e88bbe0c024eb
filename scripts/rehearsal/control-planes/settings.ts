import type { Binaries } from "./build.ts";
import type { Pki } from "./pki.ts";

/** Where the programs of one control plane listen. */
export interface Ports {
  readonly etcd: number;
  readonly peers: number;
  readonly api: number;
}

/** What the command lines of a control plane are made of. */
export interface Layout {
  readonly binaries: Binaries;
  readonly pki: Pki;
  readonly ports: Ports;
  /** The region's own folder. */
  readonly folder: string;
  readonly files: Files;
  /** Addresses of services; EKS takes it from the cluster's own settings. */
  readonly serviceCidr: string;
}

/** Paths of what is written for the programs to read. */
export interface Files {
  /** Who may come with which token: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file */
  readonly tokens: string;
  /** How Secrets are encrypted before etcd writes them. */
  readonly encryption: string;
  readonly kubeconfig: (user: User) => string;
}

export type User = "admin" | "controller-manager" | "scheduler";

/** Pod addresses of the fake kubelets, from the range that carriers use inside, which no VPC here has. */
const POD_CIDR = "100.64.0.1/10";

/**
 * How often an autoscaler looks, and how long it waits for a pod's first processor figures. The defaults (15 s, 5 min)
 * are for containers that take time to start; here the figures are set, so that there is nothing to wait for. How long
 * it waits before it scales down is the object's own to say and stays at Kubernetes' default of 5 minutes.
 * https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
 */
export const AUTOSCALER_SYNC_SECONDS = 2;

export function etcdArguments({ pki, ports, folder }: Layout): string[] {
  const url = (port: number): string => `https://127.0.0.1:${port}`;
  const [clients, peers] = [url(ports.etcd), url(ports.peers)];
  return [
    "--name=etcd",
    `--data-dir=${folder}/etcd`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=etcd=${peers}`,
    // a power cut of this machine may cost a rehearsal, which is made again; no test waits for a disk
    "--unsafe-no-fsync",
    "--log-level=warn",
    ...["", "peer-"].flatMap((kind) => [
      `--${kind}cert-file=${pki.certificate("etcd")}`,
      `--${kind}key-file=${pki.key("etcd")}`,
      `--${kind}trusted-ca-file=${pki.certificate("ca")}`,
      `--${kind}client-cert-auth`,
    ]),
  ];
}

export function apiserverArguments({ pki, ports, folder, files, serviceCidr }: Layout): string[] {
  return [
    `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
    `--etcd-cafile=${pki.certificate("ca")}`,
    `--etcd-certfile=${pki.certificate("apiserver-etcd")}`,
    `--etcd-keyfile=${pki.key("apiserver-etcd")}`,
    `--encryption-provider-config=${files.encryption}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.api}`,
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    `--cert-dir=${folder}/certificates`,
    `--tls-cert-file=${pki.certificate("apiserver")}`,
    `--tls-private-key-file=${pki.key("apiserver")}`,
    `--client-ca-file=${pki.certificate("ca")}`,
    `--token-auth-file=${files.tokens}`,
    "--authorization-mode=Node,RBAC",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${pki.tokenKey}`,
    `--service-account-signing-key-file=${pki.key("service-accounts")}`,
    `--service-cluster-ip-range=${serviceCidr}`,
    "--allow-privileged=true",
    // https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
    `--requestheader-client-ca-file=${pki.certificate("front-proxy-ca")}`,
    "--requestheader-allowed-names=front-proxy-client",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-username-headers=X-Remote-User",
    `--proxy-client-cert-file=${pki.certificate("front-proxy")}`,
    `--proxy-client-key-file=${pki.key("front-proxy")}`,
  ];
}

export function controllerManagerArguments({ pki, folder, files }: Layout): string[] {
  return [
    `--kubeconfig=${files.kubeconfig("controller-manager")}`,
    // nobody asks it anything
    "--secure-port=0",
    "--leader-elect=false",
    `--flex-volume-plugin-dir=${folder}/flex`,
    "--use-service-account-credentials=true",
    `--service-account-private-key-file=${pki.key("service-accounts")}`,
    `--root-ca-file=${pki.certificate("ca")}`,
    `--cluster-signing-cert-file=${pki.certificate("ca")}`,
    `--cluster-signing-key-file=${pki.key("ca")}`,
    `--horizontal-pod-autoscaler-sync-period=${AUTOSCALER_SYNC_SECONDS}s`,
    "--horizontal-pod-autoscaler-cpu-initialization-period=1s",
    "--horizontal-pod-autoscaler-initial-readiness-delay=1s",
    // the default of 20 requests a second makes 200 pods take half a minute
    ...RATE,
  ];
}

export function schedulerArguments({ files }: Layout): string[] {
  return [`--kubeconfig=${files.kubeconfig("scheduler")}`, "--secure-port=0", "--leader-elect=false", ...RATE];
}

const RATE = ["--kube-api-qps=200", "--kube-api-burst=400"];

export function kwokArguments({ binaries, files }: Layout): string[] {
  return [
    `--kubeconfig=${files.kubeconfig("admin")}`,
    `--config=${binaries.stages}`,
    "--manage-all-nodes",
    `--cidr=${POD_CIDR}`,
    "--node-ip=127.0.0.1",
    "--node-lease-duration-seconds=40",
  ];
}
