import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import vm from "node:vm";
import type { CaretakerArgs, MongodbUser } from "../../../components/mongodb/caretaker.ts";
import { caretakerScript, startScript } from "../../../components/mongodb/caretaker.ts";

type Command = Readonly<Record<string, unknown>>;
interface Configuration {
  version: number;
  readonly _id: string;
  readonly members: { _id: number; host: string; priority: number }[];
  readonly configsvr?: boolean;
}

/** Out of the script's own realm, whose arrays are others to assert. */
const copy = (value: unknown) => structuredClone(value) as Configuration;

/** What changes something; everything else only looks. */
const CHANGES = ["replSetInitiate", "replSetReconfig", "createUser", "addShard", "balancerStart"];

/**
 * As much of a server as the script meets, by MongoDB's documentation: who has not logged in may do what the localhost
 * exception allows, and only while there is no user. It can be cut off before any command.
 */
class FakeServer {
  configuration: Configuration | undefined;
  readonly users = new Map<string, string>();
  readonly shards: string[] = [];
  balancer = "off";
  readonly changes: string[] = [];
  failAt = Infinity;
  /** Looks at the state until the election is over. */
  election = 0;
  #commands = 0;
  readonly #router: boolean;

  constructor(router = false) {
    this.#router = router;
  }

  database(name: string, session: { login: boolean }): object {
    return {
      getSiblingDB: (other: string) => this.database(other, session),
      auth: (user: string, password: string) => {
        if (this.users.get(`${name}.${user}`) !== password) throw new Error("AuthenticationFailed");
        session.login = true;
        return { ok: 1 };
      },
      runCommand: (command: Command) => this.run(name, command, session.login),
    };
  }

  run(database: string, command: Command, login: boolean): object {
    if (++this.#commands >= this.failAt) {
      this.failAt = Infinity;
      throw new Error("the connection was cut");
    }
    const [name = ""] = Object.keys(command);
    const exception = this.users.size === 0 && ["replSetInitiate", "createUser"].includes(name);
    if (name !== "hello" && !login && !exception) return { ok: 0, codeName: "Unauthorized" };
    if (CHANGES.includes(name)) this.changes.push(name);
    return this.answer(database, name, command);
  }

  private answer(database: string, name: string, command: Command): object {
    switch (name) {
      case "hello":
        if (this.#router) return { ok: 1, msg: "isdbgrid" };
        if (this.configuration === undefined) return { ok: 1, isreplicaset: true };
        return { ok: 1, setName: this.configuration._id, isWritablePrimary: this.election-- <= 0, secondary: true };
      case "replSetInitiate":
        if (this.configuration !== undefined) return { ok: 0, codeName: "AlreadyInitialized" };
        this.configuration = { ...copy(command[name]), version: 1 };
        this.election = 1;
        return { ok: 1 };
      case "replSetGetConfig":
        return { ok: 1, config: structuredClone(this.configuration) };
      case "replSetReconfig": {
        const next = copy(command[name]);
        const before = this.configuration?.members.length ?? 0;
        if (Math.abs(next.members.length - before) > 1) return { ok: 0, codeName: "InvalidReplicaSetConfig" };
        this.configuration = next;
        return { ok: 1 };
      }
      case "createUser":
        if (this.users.has(`${database}.${String(command[name])}`)) return { ok: 0, codeName: "Location51003" };
        this.users.set(`${database}.${String(command[name])}`, String(command["pwd"]));
        return { ok: 1 };
      case "usersInfo": {
        const { user, db } = command[name] as { user: string; db: string };
        return { ok: 1, users: this.users.has(`${db}.${user}`) ? [{ user }] : [] };
      }
      case "listShards":
        return { ok: 1, shards: this.shards.map((shard) => ({ _id: shard.split("/")[0] })) };
      case "addShard":
        this.shards.push(String(command[name]));
        return { ok: 1 };
      case "balancerStatus":
        return { ok: 1, mode: this.balancer };
      case "balancerStart":
        this.balancer = "full";
        return { ok: 1 };
      default:
        return { ok: 0, codeName: "CommandNotFound" };
    }
  }
}

const user = (name: string, database: string, role: string): MongodbUser => ({
  user: name,
  database,
  roles: [{ role, db: database }],
  passwordFile: `/run/secrets/${name}`,
});
const common = { administrator: user("administrator", "admin", "root"), users: [user("finai", "finai", "readWrite")] };
const members = ["a:27017", "b:27017", "c:27017"];
const replicaSet = (count = 3): CaretakerArgs => ({
  ...common,
  plan: { kind: "replica set", name: "rs", members: members.slice(0, count), configServers: false },
});
const router: CaretakerArgs = { ...common, plan: { kind: "router", shards: ["s0/a:27017", "s1/b:27017,c:27017"] } };

function run(server: FakeServer, args: CaretakerArgs): void {
  const context = {
    require: () => ({ readFileSync: (path: string) => `password of ${path}\n` }),
    Mongo: class {
      getDB(name: string) {
        return server.database(name, { login: false });
      }
    },
  };
  vm.runInNewContext(caretakerScript(args), context);
}

/** As the container does: again until it goes through. */
function care(server: FakeServer, args: CaretakerArgs): number {
  for (let runs = 1; runs < 20; runs++) {
    try {
      run(server, args);
      return runs;
    } catch {
      // the loop in the container waits and runs it again
    }
  }
  throw new Error("never done");
}

const state = ({ configuration, users, shards, balancer }: FakeServer) =>
  JSON.stringify([configuration, [...users.keys()].sort(), [...shards].sort(), balancer]);

describe("MongoDB's caretaker", () => {
  it("initiates the replica set, makes the administrator and the users, and then changes nothing", () => {
    const server = new FakeServer();
    care(server, replicaSet());
    assert.deepEqual(server.changes, ["replSetInitiate", "createUser", "createUser"]);
    assert.deepEqual(
      server.configuration?.members.map(({ host, priority }) => [host, priority]),
      [
        ["a:27017", 2],
        ["b:27017", 1],
        ["c:27017", 1],
      ],
    );
    assert.equal(server.users.get("finai.finai"), "password of /run/secrets/finai");
    assert.equal(care(server, replicaSet()), 1);
    assert.equal(server.changes.length, 3);
  });

  it("adds the shards, turns the balancer on, and then changes nothing", () => {
    const server = new FakeServer(true);
    care(server, router);
    assert.deepEqual(server.changes, ["createUser", "addShard", "addShard", "balancerStart", "createUser"]);
    care(server, router);
    assert.equal(server.changes.length, 5);
  });

  it("gets to the same end wherever it is cut off", () => {
    for (const [args, isRouter] of [
      [replicaSet(), false],
      [router, true],
    ] as const) {
      const undisturbed = new FakeServer(isRouter);
      care(undisturbed, args);
      for (let failAt = 1; failAt < 25; failAt++) {
        const server = new FakeServer(isRouter);
        server.failAt = failAt;
        care(server, args);
        assert.equal(state(server), state(undisturbed), `cut off at ${failAt}`);
        assert.equal(server.changes.length, undisturbed.changes.length);
      }
    }
  });

  it("lets a set grow by one member at a time", () => {
    const server = new FakeServer();
    care(server, replicaSet(1));
    assert.equal(care(server, replicaSet(3)), 3);
    assert.deepEqual(
      server.configuration?.members.map(({ _id: id, host }) => [id, host]),
      [
        [0, "a:27017"],
        [1, "b:27017"],
        [2, "c:27017"],
      ],
    );
  });

  it("has no password in it, and is started by a script that a shell reads", () => {
    assert.equal(/pwd: "|canary/.test(caretakerScript(router)), false);
    const script = startScript("docker-entrypoint.sh mongos --config /c", "/etc/groundwork/caretaker.js");
    assert.equal(spawnSync("sh", ["-n"], { input: script }).status, 0);
    assert.match(script, /\nexec docker-entrypoint\.sh mongos --config \/c\n$/);
  });
});
