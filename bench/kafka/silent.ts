import { createServer, type AddressInfo } from "node:net";
import type { Bench } from "../context.ts";
import { openEngine } from "../engine.ts";
import type { Row } from "../judge.ts";
import { compare, type Contestant } from "../measure.ts";
import { createStack } from "../stack.ts";

const mostTurns = 3;
const tail = ["topic", "tail", "orders", "-n", "10"];
const list = ["topic", "list"];

/** How long it takes until dp says that no broker answers: nothing listens, or the broker is frozen. */
export const silent: Bench = {
  name: "silent",
  measure: async (context) => {
    const { signal } = context;
    const runs = Math.min(context.runs, mostTurns);
    await using stack = await createStack("kafka:\ntopics:\n  orders:\n", signal);
    await stack.run(["up"]);
    const { stdout } = await stack.run(["env", "--json"]);
    const broker = (JSON.parse(stdout) as Record<string, string>)["KAFKA_BOOTSTRAP_SERVERS"] ?? "";
    // By its address: of its own stacks dp knows from the engine that a container is frozen.
    const failing = (args: readonly string[], address: string): Contestant => {
      const all = [...args, "--brokers", address];
      return async () => (await stack.run(all, { exitCode: 1 })).wallMs;
    };
    const closed = `127.0.0.1:${await unusedPort()}`;
    const nobody = await compare(
      { tail: failing(tail, closed), list: failing(list, closed) },
      { runs, signal },
    );
    const container = (await (await openEngine(signal)).client()).getContainer(
      `${stack.name}-kafka-1`,
    );
    await container.pause();
    try {
      const frozen = await compare(
        { tail: failing(tail, broker), list: failing(list, broker) },
        { runs, signal },
      );
      const row = (name: string, ours: number | undefined, most: number): Row => {
        return { name, unit: "ms", ours, peer: undefined, limit: { kind: "absolute", most } };
      };
      return [
        row("nothing-listens-tail", nobody["tail"], 1000),
        row("nothing-listens-list", nobody["list"], 1000),
        row("frozen-broker-tail", frozen["tail"], 5000),
        row("frozen-broker-list", frozen["list"], 5000),
      ];
    } finally {
      await container.unpause();
    }
  },
};

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
