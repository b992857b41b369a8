import { createServer } from "node:net";
import { expect, test } from "vitest";
import { findTakenPorts } from "../../../src/docker/stack/taken-ports.ts";
import type { Observed, ObservedContainer } from "../../../src/model/containers.ts";
import { nothingObserved } from "../../../src/stack/observed.ts";

function observed(state: ObservedContainer["state"], hostPort: number): Observed {
  const ports = [{ containerPort: 9092, hostIp: "127.0.0.1", hostPort }];
  return { ...nothingObserved, containers: [{ state, ports } as unknown as ObservedContainer] };
}

/** A port that a program listens on: the test, or the engine for a container that it is starting. */
async function listen(): Promise<{ readonly port: number } & Disposable> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as { port: number };
  return { port, [Symbol.dispose]: () => void server.close() };
}

test("keeps a port whose container the engine has started since the observation", async () => {
  using listener = await listen();
  const now = observed("running", listener.port);
  const found = await findTakenPorts(observed("exited", listener.port), async () => now);
  expect(found).toEqual({ observed: now, taken: new Set() });
});

test("reports a port of a stopped container that another program holds", async () => {
  using listener = await listen();
  const now = observed("exited", listener.port);
  const found = await findTakenPorts(now, async () => now);
  expect([...found.taken]).toEqual([listener.port]);
});

test("does not observe the stack again when no port is in doubt", async () => {
  const { port } = await (async () => {
    using listener = await listen();
    return { port: listener.port };
  })();
  const before = observed("exited", port);
  const found = await findTakenPorts(before, () => Promise.reject(new Error("observed again")));
  expect(found.observed).toBe(before);
});
