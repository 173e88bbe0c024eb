import { MongoClient } from "mongodb";
import type { MongodbConfiguration } from "../configuration.ts";
import type { Connector } from "./dependency.ts";

export function mongodbConnector(
  { host, port, database, user, password = "" }: MongodbConfiguration,
  { name, timeout }: { name: string; timeout: number },
): Connector<MongoClient> {
  return {
    name: "mongodb",
    optional: true,
    async connect(suspect) {
      const client = new MongoClient(`mongodb://${host}:${port}/`, {
        appName: name,
        connectTimeoutMS: timeout,
        serverSelectionTimeoutMS: timeout,
        ...(user === undefined ? {} : { auth: { username: user, password }, authSource: database }),
      });
      client.on("close", () => suspect(new Error("the connection is closed")));
      try {
        await client.connect();
        await client.db(database).command({ ping: 1 });
        return client;
      } catch (error) {
        await client.close();
        throw error;
      }
    },
    async ping(client) {
      await client.db(database).command({ ping: 1 });
    },
    close: (client) => client.close(),
  };
}
