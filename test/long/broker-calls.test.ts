import { expect, test } from "vitest";
import { startBrokerProxy, type BrokerProxy } from "../support/broker-proxy.ts";
import { hostPortOf } from "../support/docker.ts";
import { startDoomed } from "../support/killed-dp.ts";
import { everyNth } from "../support/long-share.ts";
import { createProject, type Project } from "../support/project.ts";
import { tally } from "../support/tally.ts";

const records = 40;

interface Cluster extends AsyncDisposable {
  readonly project: Project;
  readonly proxy: BrokerProxy;
}

/** One broker behind a proxy. */
async function startProxied(): Promise<Cluster> {
  const project = await createProject("kafka:\n");
  await project.succeed(["up"]);
  const port = await hostPortOf(project.name, "kafka-1");
  const proxy = await startBrokerProxy({ host: "127.0.0.1", port });
  return {
    project,
    proxy,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    },
  };
}

function linesOf(name: string): string[] {
  return Array.from({ length: records }, (_, index) => `${name}:${index}`);
}

async function valuesOf({ project }: Cluster, topic: string): Promise<string[]> {
  const { stdout } = await project.succeed(["topic", "tail", topic, "-o", "start", "-e", "--json"]);
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => (JSON.parse(line) as { value: string }).value);
}

/** Tries every request of a command until one run has fewer of them. */
async function atEveryRequest(
  { proxy }: Cluster,
  moments: readonly ("before" | "during" | "after")[],
  run: (at: { call: number; when: "before" | "during" | "after" }) => Promise<void>,
): Promise<void> {
  for (let call = everyNth(), reached = true; reached; call += everyNth()) {
    for (const when of moments) {
      await run({ call, when });
      reached = proxy.happened;
      if (!reached) return;
    }
  }
}

test.concurrent("produce writes every record once when the connection breaks at any request", async () => {
  await using cluster = await startProxied();
  const { project, proxy } = cluster;
  const failures = await tally(
    "connection cut at every request: topic produce",
    async (attempt) => {
      await atEveryRequest(cluster, ["before", "after"], async (at) => {
        const topic = `cut-${at.when}-${at.call}`;
        await attempt(`${at.when} request ${at.call}`, async () => {
          await project.succeed(["topic", "create", topic]);
          proxy.expectFault({ ...at, act: () => false });
          const args = ["topic", "produce", topic, "--brokers", proxy.bootstrap];
          await project.succeed(args, { input: `${linesOf(topic).join("\n")}\n` });
          expect(await valuesOf(cluster, topic)).toEqual(linesOf(topic));
        });
      });
    },
  );
  expect(failures).toEqual([]);
});

test.concurrent("tail prints every record once when the connection breaks at any request", async () => {
  await using cluster = await startProxied();
  const { project, proxy } = cluster;
  await project.succeed(["topic", "create", "read"]);
  const lines = linesOf("read");
  await project.succeed(["topic", "produce", "read"], { input: `${lines.join("\n")}\n` });
  const failures = await tally("connection cut at every request: topic tail", async (attempt) => {
    await atEveryRequest(cluster, ["before", "after"], async (at) => {
      await attempt(`${at.when} request ${at.call}`, async () => {
        proxy.expectFault({ ...at, act: () => false });
        const args = ["topic", "tail", "read", "-o", "start", "-e", "--brokers", proxy.bootstrap];
        const { stdout } = await project.succeed([...args, "--format", "%v\\n"]);
        expect(stdout.trim().split("\n")).toEqual(lines);
      });
    });
  });
  expect(failures).toEqual([]);
});

test.concurrent("a produce that is killed at any request leaves a prefix of its records, each once", async () => {
  await using cluster = await startProxied();
  const { project, proxy } = cluster;
  const failures = await tally("killed at every request: topic produce", async (attempt) => {
    await atEveryRequest(cluster, ["before", "during", "after"], async (at) => {
      const topic = `killed-${at.when}-${at.call}`;
      await attempt(`${at.when} request ${at.call}`, async () => {
        await project.succeed(["topic", "create", topic]);
        const args = ["topic", "produce", topic, "--brokers", proxy.bootstrap];
        const input = `${linesOf(topic).join("\n")}\n`;
        await startDoomed(proxy, at, () => project.start(args, { input })).done;
        const values = await valuesOf(cluster, topic);
        expect(values).toEqual(linesOf(topic).slice(0, values.length));
        await project.succeed(["topic", "produce", topic], { input: "next\n" });
        expect(await valuesOf(cluster, topic)).toEqual([...values, "next"]);
      });
    });
  });
  expect(failures).toEqual([]);
});

test.concurrent.each([
  ["create", []],
  ["alter", ["-p", "2"]],
  ["delete", ["-y"]],
])("topic %s succeeds when its answers are lost at any request", async (command, options) => {
  await using cluster = await startProxied();
  const { project, proxy } = cluster;
  const kind = `connection cut at every request: topic ${command}`;
  const failures = await tally(kind, async (attempt) => {
    await atEveryRequest(cluster, ["before", "after"], async (at) => {
      const topic = `${command}-${at.when}-${at.call}`;
      await attempt(`${at.when} request ${at.call}`, async () => {
        if (command !== "create") await project.succeed(["topic", "create", topic]);
        proxy.expectFault({ ...at, act: () => false });
        await project.succeed(["topic", command, topic, ...options, "--brokers", proxy.bootstrap]);
        const { stdout } = await project.succeed(["topic", "list", "--json"]);
        expect(stdout.includes(`"${topic}"`)).toBe(command !== "delete");
      });
    });
  });
  expect(failures).toEqual([]);
});
