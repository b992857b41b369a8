import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import { execIn, startCluster, type ClusterAccess, type TestCluster } from "./kafka-cluster.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the workers ask the main process for a shared cluster. */
    sharedClusters: string;
  }
}

type Mode = TestCluster["mode"];

// A shared cluster lives long enough to delete records with old timestamps.
const always = ["log.cleaner.backoff.ms=200", "log.retention.ms=-1"];
const config = {
  zookeeper: always,
  kraft: [
    ...always,
    // Lets everyone do what no rule is about.
    "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found=true",
  ],
};
const brokers = { zookeeper: 3, kraft: 1 };

/**
 * A cluster that all test files share: three brokers with ZooKeeper, or one node of KRaft. A test may use
 * topics, groups and rules of its own there (`uniqueName`), and must not kill or freeze anything.
 */
export async function sharedCluster(mode: Mode): Promise<ClusterAccess> {
  const response = await fetch(`${inject("sharedClusters")}/${mode}`);
  if (!response.ok) throw new Error(`no shared cluster: ${await response.text()}`);
  const place = (await response.json()) as Omit<ClusterAccess, "exec">;
  return { ...place, exec: execIn(place.name) };
}

/**
 * The globalSetup of the adapters (vitest calls it by its name). The main process starts a shared cluster when a worker first asks for
 * it, and removes it at the end, even when a worker died.
 */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const started = new Map<Mode, Promise<TestCluster>>();
  const start = (mode: Mode): Promise<TestCluster> => {
    const known =
      started.get(mode) ?? startCluster({ brokers: brokers[mode], mode, config: config[mode] });
    started.set(mode, known);
    return known;
  };
  const server = createServer((request, response) => {
    start(request.url === "/kraft" ? "kraft" : "zookeeper").then(
      (cluster) => response.end(JSON.stringify(cluster)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  provide("sharedClusters", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    server.closeAllConnections();
    for (const result of await Promise.allSettled(started.values())) {
      if (result.status === "fulfilled") await result.value[Symbol.asyncDispose]();
    }
  };
}
