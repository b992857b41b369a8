import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openConnection, type Connection } from "../../../src/kafka/connection/connection.ts";
import type { Request } from "../../../src/kafka/protocol/request.ts";

let server: Server | undefined;
let connection: Connection | undefined;

afterEach(() => {
  connection?.close();
  server?.close();
});

interface Planned {
  readonly afterMs: number;
  readonly throttleMs: number;
}

/** A broker that gives the planned answers in turn, and then none. */
async function connectTo(plan: readonly Planned[]): Promise<Connection> {
  const answers = [...plan];
  server = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (; received.length >= 4; received = received.subarray(4 + received.readInt32BE(0))) {
        const next = answers.shift();
        if (next === undefined) return;
        const frame = Buffer.alloc(12);
        frame.writeInt32BE(8, 0);
        frame.writeInt32BE(received.readInt32BE(8), 4);
        frame.writeInt32BE(next.throttleMs, 8);
        setTimeout(() => socket.write(frame), next.afterMs);
      }
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  connection = await openConnection({ address: { host: "127.0.0.1", port }, timeoutMs: 5000 });
  return connection;
}

const request: Request<string> = {
  name: "Question",
  apiKey: 3,
  apiVersion: 0,
  encode() {},
  decode(body) {
    body.throttle();
    return "answer";
  },
};

test("gives the time in whole milliseconds when there is no answer", async () => {
  const asked = await connectTo([]);
  await expect(asked.send(request, 19.98)).rejects.toThrow("did not answer Question within 20 ms");
});

test("does not count the time for which a quota holds back answers", async () => {
  const asked = await connectTo([
    { afterMs: 0, throttleMs: 60_000 },
    { afterMs: 2000, throttleMs: 0 },
    { afterMs: 300, throttleMs: 0 },
  ]);
  const first = asked.send(request, 5000);
  // It is on its way before the first answer tells of the quota.
  const second = asked.send(request, 1500);
  expect(await first).toBe("answer");
  expect(asked.heldBackUntil).toBeGreaterThan(performance.now() + 50_000);
  expect(await second).toBe("answer");
  expect(await asked.send(request, 100)).toBe("answer");
});
