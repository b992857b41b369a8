import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { checkTcp } from "../../src/health/dial.ts";
import type { Address } from "../../src/model/containers.ts";
import { unusedPort } from "../support/unused-port.ts";

const { signal } = new AbortController();
const servers: Server[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const server of servers.splice(0)) server.close();
});

/** A server that does something with each connection; nothing: it takes it and stays silent. */
async function listen(onConnection: (socket: Socket) => void = () => {}) {
  const server = createServer(onConnection).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port, server };
}

const check = (address: Address, direct?: Address) =>
  checkTcp({ address, findDirect: async () => direct }, signal);

const nothingListens = ({ port }: Address) => ({
  ready: false,
  waitingFor: `port ${port}: nothing listens`,
});

test("is ready when the container takes connections, also if the server is silent", async () => {
  expect(await check(await listen(), await listen())).toEqual({ ready: true });
});

test("is ready when a connection brings something", async () => {
  const greeting = await listen((socket) => socket.write("220 hello"));
  const findDirect = () => new Promise<never>(() => {});
  expect(await checkTcp({ address: greeting, findDirect }, signal)).toEqual({ ready: true });
});

test("is not ready when the proxy closes the connection", async () => {
  const closing = await listen((socket) => socket.end());
  expect(await check(closing, closing)).toEqual(nothingListens(closing));
});

test("is not ready when the proxy is slow to close and nothing listens in the container", async () => {
  const slow = await listen();
  const direct = { host: "127.0.0.1", port: await unusedPort() };
  expect(await check(slow, direct)).toEqual(nothingListens(slow));
});

test("is not ready when no port is published any more", async () => {
  const gone = { host: "127.0.0.1", port: await unusedPort() };
  expect(await check(gone)).toMatchObject({
    ready: false,
    waitingFor: expect.stringContaining("ECONNREFUSED") as unknown,
  });
});

test("waits a second for the proxy to close where the container can't be dialed", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const slow = await listen();
  const closed = check(slow);
  const [socket] = (await once(slow.server, "connection")) as [Socket];
  await vi.advanceTimersByTimeAsync(900);
  socket.destroy();
  expect(await closed).toEqual(nothingListens(slow));
});

test("is ready when a connection stays open where the container can't be dialed", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  let result: unknown;
  void check(await listen()).then((found) => (result = found));
  while (result === undefined) await vi.advanceTimersByTimeAsync(100);
  expect(result).toEqual({ ready: true });
});
