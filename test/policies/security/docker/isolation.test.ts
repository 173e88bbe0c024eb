import assert from "node:assert/strict";
import { dockerDropsCapabilities } from "../../../../policies/security/docker/docker-drops-capabilities.ts";
import { dockerExposesNoDevice } from "../../../../policies/security/docker/docker-exposes-no-device.ts";
import { dockerGainsNoPrivileges } from "../../../../policies/security/docker/docker-gains-no-privileges.ts";
import { dockerIsNotPrivileged } from "../../../../policies/security/docker/docker-is-not-privileged.ts";
import { dockerKeepsKernelProfiles } from "../../../../policies/security/docker/docker-keeps-kernel-profiles.ts";
import { dockerMountStaysInside } from "../../../../policies/security/docker/docker-mount-stays-inside.ts";
import { dockerMountsNoSocket } from "../../../../policies/security/docker/docker-mounts-no-socket.ts";
import { dockerRootIsReadOnly } from "../../../../policies/security/docker/docker-root-is-read-only.ts";
import { dockerRunsAsNonRoot } from "../../../../policies/security/docker/docker-runs-as-non-root.ts";
import { dockerSharesNoHostNamespace } from "../../../../policies/security/docker/docker-shares-no-host-namespace.ts";
import { dockerVolumeIsNoSystemDirectory } from "../../../../policies/security/docker/docker-volume-is-no-system-directory.ts";
import { dockerWritesNoSystemDirectory } from "../../../../policies/security/docker/docker-writes-no-system-directory.ts";
import { describePolicy } from "../../cases.ts";
import { dockerContainer, dockerService } from "../../docker-fixtures.ts";
import { changed } from "../../fixtures.ts";
import { say } from "../../harness.ts";

const compliant = [dockerContainer, dockerService];
const SPEC = "chat/taskSpec/containerSpec";

describePolicy({
  policy: dockerIsNotPrivileged,
  compliant,
  passes: [{ path: "api/privileged", value: false }],
  breaks: [{ path: "api/privileged", value: true, says: /^Container shop-api is privileged; take privileged away\.$/ }],
  undecided: ["api/privileged"],
});

describePolicy({
  policy: dockerSharesNoHostNamespace,
  compliant,
  passes: [{ path: "api/networkMode", value: "none" }],
  breaks: [
    {
      path: "api/networkMode",
      value: "host",
      says: /^Container shop-api shares the network namespace of its host; take networkMode away\.$/,
    },
    { path: "api/pidMode", value: "host", says: /the process namespace/ },
    { path: "api/ipcMode", value: "host", says: /the IPC namespace/ },
    { path: "api/usernsMode", value: "host", says: /the user namespace/ },
    { path: "api/cgroupnsMode", value: "host", says: /the control group namespace/ },
    {
      path: "api/networksAdvanced",
      value: [{ name: "host" }],
      says: /is in the network of its host; take networksAdvanced\[0\] away/,
    },
    {
      path: "chat/taskSpec/networksAdvanceds",
      value: [{ name: "host" }],
      says: /^Service chat is in the network of its host/,
    },
  ],
  undecided: ["api/networkMode", "api/pidMode"],
});

describePolicy({
  policy: dockerMountsNoSocket,
  compliant,
  config: { allowed: ["*-cadvisor"] },
  passes: [
    { path: "api/name", value: "shop-cadvisor" },
    ...["/run/shop", "/var/run/shop", "/var/log", "/runner"].map((value) => ({
      path: "api/mounts/0/source",
      value,
    })),
  ],
  breaks: [
    {
      path: "api/volumes",
      value: [{ hostPath: "/var/run//docker.sock", containerPath: "/var/run/docker.sock", readOnly: true }],
      says: /^Container shop-api has the engine's socket \/var\/run\/docker\.sock; take volumes\[0\] away or name the container in allowed\.$/,
    },
    {
      path: "api/volumes",
      value: [{ hostPath: "/var/run/", containerPath: "/host/run", readOnly: true }],
      says: /^Container shop-api has the engine's socket through \/var\/run; take volumes\[0\] away/,
    },
    ...["/run", "/", "/var", "/run/containerd", "/var/run/podman"].map((value) => ({
      path: "api/mounts/0/source",
      value,
      says: /has the engine's socket through .*; take mounts\[0\] away/,
    })),
    { path: "api/mounts/0/source", value: "/run/containerd/containerd.sock", says: /take mounts\[0\] away/ },
    {
      path: `${SPEC}/mounts`,
      value: [{ type: "bind", source: "/run/docker.sock", target: "/run/docker.sock" }],
      says: /^Service chat has .*taskSpec\.containerSpec\.mounts\[0\]/,
    },
  ],
  undecided: ["api/volumes", "api/mounts/0/source", `${SPEC}/mounts`],
});

it("docker-mounts-no-socket lets named containers have it", () => {
  const mounting = changed("api/mounts/0/source", "/var/run/docker.sock", [dockerContainer]);
  assert.deepEqual(say(dockerMountsNoSocket, mounting, { allowed: ["shop-*"] }), []);
});

describePolicy({
  policy: dockerWritesNoSystemDirectory,
  compliant,
  passes: [
    { path: "api/mounts/0", value: { type: "bind", source: "/proc", target: "/host/proc", readOnly: true } },
    { path: "api/mounts/0", value: { type: "volume", source: "data", target: "/data" } },
    { path: "api/mounts/0/source", value: "/etcetera" },
    { path: "api/mounts/0/source", value: "/var/lib/shop" },
  ],
  breaks: [
    {
      path: "api/mounts/0/source",
      value: "/etc/",
      says: /^Container shop-api can write to \/etc of its host; set mounts\[0\]\.readOnly to true\.$/,
    },
    { path: "api/mounts/0/source", value: "/", says: /can write to \/ of its host/ },
    { path: "api/mounts/0/source", value: "/var", says: /can write to \/var of its host/ },
    { path: "api/mounts/0/source", value: "/var/lib", says: /can write to \/var\/lib of its host/ },
    {
      path: "api/volumes",
      value: [{ hostPath: "/usr/local/bin", containerPath: "/x" }],
      says: /\/usr\/local\/bin of its host; set volumes\[0\]/,
    },
  ],
  undecided: ["api/mounts/0/source"],
});

it("docker-writes-no-system-directory can refuse reading too", () => {
  const reading = changed("api/mounts/0", { type: "bind", source: "/proc", readOnly: true }, [dockerContainer]);
  assert.match(
    say(dockerWritesNoSystemDirectory, reading, { reads: true })[0] ?? "",
    /reads \/proc of its host; take mounts\[0\] away/,
  );
});

describePolicy({
  policy: dockerVolumeIsNoSystemDirectory,
  compliant: [
    { type: "docker:index/volume:Volume", name: "plain", props: { name: "data" } },
    {
      type: "docker:index/volume:Volume",
      name: "bound",
      props: { name: "shop", driverOpts: { type: "none", o: "bind", device: "/srv/shop" } },
    },
  ],
  passes: [{ path: "bound/driverOpts", value: { type: "nfs", o: "addr=10.0.0.1,rw", device: ":/usr/share" } }],
  breaks: [
    {
      path: "bound/driverOpts/device",
      value: "/etc",
      says: /^Volume shop is \/etc of its host by another name; take driverOpts\.device away\.$/,
    },
    { path: "bound/driverOpts/device", value: "/run/docker.sock", says: /docker\.sock of its host/ },
    { path: "bound/driverOpts/device", value: "/run/containerd", says: /\/run\/containerd of its host/ },
    { path: "bound/driverOpts/device", value: "/var/", says: /is \/var\/ of its host/ },
  ],
  undecided: ["bound/driverOpts/device"],
});

describePolicy({
  policy: dockerMountStaysInside,
  compliant,
  passes: [{ path: "api/mounts/0/bindOptions", value: { propagation: "rprivate" } }],
  breaks: [
    {
      path: "api/mounts/0/bindOptions",
      value: { propagation: "rshared" },
      says: /shares what it mounts below \/srv\/shop with its host \(rshared\)/,
    },
  ],
  undecided: ["api/mounts"],
});

describePolicy({
  policy: dockerExposesNoDevice,
  compliant,
  breaks: [
    {
      path: "api/devices",
      value: [{ hostPath: "/dev/sda" }],
      says: /^Container shop-api has \/dev\/sda of its host; take devices away\.$/,
    },
  ],
  undecided: ["api/devices"],
});

describePolicy({
  policy: dockerRunsAsNonRoot,
  compliant,
  passes: [{ path: "api/user", value: "postgres" }],
  breaks: [
    {
      path: "api/user",
      value: undefined,
      says: /^Container shop-api names no user and so runs as the image's, which is mostly root; set user\.$/,
    },
    { path: "api/user", value: "0:0", says: /runs as root \("0:0"\); set user to another user/ },
    { path: `${SPEC}/user`, value: "root", says: /^Service chat runs as root .*taskSpec\.containerSpec\.user/ },
  ],
  undecided: ["api/user", `${SPEC}/user`],
});

describePolicy({
  policy: dockerDropsCapabilities,
  compliant,
  config: { mayAdd: ["NET_BIND_*"] },
  passes: [
    { path: "api/capabilities/adds", value: ["CAP_NET_BIND_SERVICE"] },
    { path: "api/capabilities/drops", value: ["cap_all"] },
  ],
  breaks: [
    {
      path: "api/capabilities/adds",
      value: ["SYS_ADMIN", "NET_BIND_SERVICE"],
      says: /adds SYS_ADMIN; take it out of capabilities\.adds/,
    },
    {
      path: "api/capabilities",
      value: undefined,
      says: /does not drop all capabilities; set capabilities\.drops to \["ALL"\]/,
    },
    { path: `${SPEC}/capDrops`, value: ["NET_RAW"], says: /set taskSpec\.containerSpec\.capDrops/ },
    {
      path: `${SPEC}/capAdds`,
      value: ["NET_ADMIN", "SYS_PTRACE"],
      says: /adds NET_ADMIN and SYS_PTRACE; take them out/,
    },
  ],
  undecided: ["api/capabilities/drops", "api/capabilities/adds"],
});

describePolicy({
  policy: dockerGainsNoPrivileges,
  compliant,
  passes: [{ path: "api/securityOpts", value: ["no-new-privileges", "apparmor=strict"] }],
  breaks: [
    {
      path: "api/securityOpts",
      value: undefined,
      says: /^Container shop-api may gain privileges; add "no-new-privileges:true" to securityOpts\.$/,
    },
    { path: "api/securityOpts", value: ["no-new-privileges:false"], says: /may gain privileges/ },
  ],
  undecided: ["api/securityOpts"],
});

describePolicy({
  policy: dockerKeepsKernelProfiles,
  compliant,
  passes: [{ path: "api/securityOpts", value: ["seccomp=strict.json"] }],
  breaks: [
    {
      path: "api/securityOpts",
      value: ["seccomp=unconfined"],
      says: /runs with seccomp=unconfined; take it out of securityOpts/,
    },
    { path: "api/securityOpts", value: ["label:disable"], says: /label:disable/ },
    { path: `${SPEC}/privileges/seLinuxContext/disable`, value: true, says: /^Service chat runs without SELinux/ },
  ],
  undecided: ["api/securityOpts"],
});

describePolicy({
  policy: dockerRootIsReadOnly,
  compliant,
  config: { writable: ["*-builder"] },
  breaks: [
    {
      path: "api/readOnly",
      value: false,
      says: /^Container shop-api can write to its root file system; set readOnly to true\.$/,
    },
    { path: `${SPEC}/readOnly`, value: undefined, says: /^Service chat can write/ },
  ],
  undecided: ["api/readOnly"],
});

it("docker-root-is-read-only passes containers that files are copied into, and those that are named", () => {
  const writable = changed("api/readOnly", false, [dockerContainer]);
  const uploading = changed("api/uploads", [{ file: "/run/secrets/x" }], writable);
  assert.deepEqual(say(dockerRootIsReadOnly, uploading), []);
  assert.deepEqual(say(dockerRootIsReadOnly, writable, { writable: ["shop-api"] }), []);
});
