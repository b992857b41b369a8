import { createServer, type AddressInfo, type Socket } from "node:net";
import { expect, test } from "vitest";
import { checkMember, checkZooKeeper, parseStatus } from "../../src/zookeeper/four-letter.ts";

test("mode and version must be read from srvr", () => {
  const text =
    "Zookeeper version: 3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c, built on 2024-02-12 22:16 UTC\nLatency min/avg/max: 0/0.0/0\nReceived: 1\nZxid: 0x0\nMode: standalone\nNode count: 5\n";
  expect(parseStatus(text)).toEqual({ mode: "standalone", version: "3.8.4" });
});

test.each([
  "srvr is not executed because it is not in the whitelist.",
  "This ZooKeeper instance is not currently serving requests",
  "",
])("an answer that is no status must be kept in its own words: %j", (text) => {
  expect(parseStatus(`${text}\n`)).toBe(text);
});

async function nodeThat(onConnection: (socket: Socket) => void) {
  const server = createServer((socket) => onConnection(socket.resume()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    where: `127.0.0.1:${port}`,
    nodes: [{ service: "zookeeper-1", address: { host: "127.0.0.1", port } }],
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

test.each<[string, (socket: Socket) => void]>([
  ["closes the connection", (socket) => socket.end()],
  ["resets the connection", (socket) => socket.resetAndDestroy()],
  ["breaks off", (socket) => socket.write("Zookeeper", () => socket.resetAndDestroy())],
])("a node that %s must read as one that does not answer", async (_what, onConnection) => {
  await using node = await nodeThat(onConnection);
  expect(await checkZooKeeper(node.nodes)).toEqual({
    ready: false,
    waitingFor: `zookeeper-1 does not answer on ${node.where}`,
  });
});

test("what a node says of itself while it starts must be told", async () => {
  const words = "This ZooKeeper instance is not currently serving requests";
  await using node = await nodeThat((socket) => socket.end(`${words}\n`));
  expect(await checkZooKeeper(node.nodes)).toEqual({
    ready: false,
    waitingFor: `zookeeper-1 on ${node.where} says "${words}"`,
  });
});

const inMode = (mode: string) => (socket: Socket) => socket.end(`Mode: ${mode}\n`);

test.each([
  { modes: ["follower", "leader", "follower"], waitingFor: undefined },
  { modes: ["follower", "follower", "follower"], waitingFor: "0 nodes of 3 are leader, not 1" },
  { modes: ["leader", "leader", "follower"], waitingFor: "2 nodes of 3 are leader, not 1" },
])("an ensemble must have exactly one leader: $modes", async ({ modes, waitingFor }) => {
  const members = await Promise.all(modes.map((mode) => nodeThat(inMode(mode))));
  const nodes = members.flatMap((member) => member.nodes);
  const expected = waitingFor === undefined ? { ready: true } : { ready: false, waitingFor };
  expect(await checkZooKeeper(nodes)).toEqual(expected);
  for (const member of members) await member[Symbol.asyncDispose]();
});

test("one node must be judged by itself: alone, or a member of an ensemble", async () => {
  await using follower = await nodeThat(inMode("follower"));
  await using alone = await nodeThat(inMode("standalone"));
  const check = (node: typeof alone, size: number) => checkMember(node.nodes[0]!, { size });
  expect(await check(follower, 3)).toEqual({ ready: true });
  expect(await check(alone, 1)).toEqual({ ready: true });
  expect(await check(alone, 3)).toEqual({
    ready: false,
    waitingFor: "zookeeper-1 is standalone, one of 3",
  });
});
