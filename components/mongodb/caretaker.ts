import { MONGODB_PORT } from "./settings.ts";

export interface MongodbUser {
  readonly user: string;
  /** The database in which the user is found. */
  readonly database: string;
  readonly roles: readonly { readonly role: string; readonly db: string }[];
  /** Its password's file. */
  readonly passwordFile: string;
}

export interface ReplicaSetPlan {
  readonly kind: "replica set";
  readonly name: string;
  /** `host:port`; the first one is where the script runs, and is preferred as primary. */
  readonly members: readonly string[];
  readonly configServers: boolean;
}

export interface RouterPlan {
  readonly kind: "router";
  /** As `addShard` takes them: `name/host:port,host:port`. */
  readonly shards: readonly string[];
}

export interface CaretakerArgs {
  readonly plan: ReplicaSetPlan | RouterPlan;
  readonly administrator: MongodbUser;
  /** Users beside the administrator; none where users are not kept (the shards of a cluster). */
  readonly users: readonly MongodbUser[];
}

/**
 * A script for mongosh that brings a replica set or a sharded cluster to what the plan says, and does nothing where it is
 * there already, so that it may run at any time and be cut off anywhere. It runs in the container of the first member
 * or router: until there is a user, MongoDB takes orders over the loopback interface only.
 * https://www.mongodb.com/docs/manual/core/localhost-exception/
 *
 * It throws when there is more to do that it must wait for (an election, a shard that does not answer yet), and is run
 * again. Loops, no callbacks: mongosh waits for the database in plain statements only.
 * https://www.mongodb.com/docs/mongodb-shell/reference/access-mdb-shell-help/
 */
export function caretakerScript(args: CaretakerArgs): string {
  return `const fs = require("fs");
const { plan, administrator, users } = ${JSON.stringify(args, undefined, 2)};
const password = (of) => fs.readFileSync(of.passwordFile, "utf8").trim();
const admin = new Mongo("mongodb://127.0.0.1:${MONGODB_PORT}/?directConnection=true&serverSelectionTimeoutMS=5000").getDB("admin");

function run(database, command) {
  const answer = database.runCommand(command);
  if (answer.ok !== 1) throw new Error(Object.keys(command)[0] + ": " + (answer.codeName || answer.errmsg));
  return answer;
}

function login() {
  try {
    return admin.auth(administrator.user, password(administrator)).ok === 1;
  } catch {
    return false;
  }
}

function becomeAdministrator() {
  if (login()) return;
  run(admin, { createUser: administrator.user, pwd: password(administrator), roles: administrator.roles });
  if (!login()) throw new Error("the administrator's password is not the one it was made with");
}

function initiate() {
  const members = [];
  for (let id = 0; id < plan.members.length; id++) {
    members.push({ _id: id, host: plan.members[id], priority: id === 0 ? 2 : 1 });
  }
  const configuration = { _id: plan.name, members };
  if (plan.configServers) configuration.configsvr = true;
  run(admin, { replSetInitiate: configuration });
}

// one at a time: a reconfiguration may change the majority by one vote only
function addMember() {
  const { config } = run(admin, { replSetGetConfig: 1 });
  for (const host of plan.members) {
    let id = 0;
    let known = false;
    for (const member of config.members) {
      known = known || member.host === host;
      id = Math.max(id, member._id + 1);
    }
    if (known) continue;
    config.members.push({ _id: id, host, priority: 1 });
    config.version++;
    run(admin, { replSetReconfig: config });
    throw new Error("added " + host + "; the next run goes on");
  }
}

function careForReplicaSet() {
  const hello = run(admin, { hello: 1 });
  if (!hello.setName) {
    initiate();
    throw new Error("the replica set has been initiated and elects its primary");
  }
  if (!hello.isWritablePrimary) {
    if (hello.secondary && hello.primary) return false;
    throw new Error("no primary yet");
  }
  becomeAdministrator();
  addMember();
  return true;
}

function careForShards() {
  becomeAdministrator();
  const known = [];
  for (const shard of run(admin, { listShards: 1 }).shards) known.push(shard._id);
  for (const shard of plan.shards) {
    if (!known.includes(shard.split("/")[0])) run(admin, { addShard: shard });
  }
  if (run(admin, { balancerStatus: 1 }).mode !== "full") run(admin, { balancerStart: 1 });
  return true;
}

function careForUsers() {
  for (const user of users) {
    const database = admin.getSiblingDB(user.database);
    const found = run(database, { usersInfo: { user: user.user, db: user.database } }).users;
    if (found.length === 0) run(database, { createUser: user.user, pwd: password(user), roles: user.roles });
  }
}

if (plan.kind === "router" ? careForShards() : careForReplicaSet()) careForUsers();
`;
}

const SECONDS_BETWEEN_LOOKS = 60;

/** The caretaker in the background, the server in the shell's own place, so that it gets the signals; `/tmp/ready` says that all is as planned. */
export function startScript(server: string, caretaker: string): string {
  return `#!/bin/sh
rm -f /tmp/ready
while :; do
  if mongosh --nodb --norc --quiet --file ${caretaker}; then
    touch /tmp/ready
    sleep ${SECONDS_BETWEEN_LOOKS}
  else
    sleep 3
  fi
done &
exec ${server}
`;
}
