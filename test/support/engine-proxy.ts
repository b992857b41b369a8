import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "./engine.ts";
import {
  afterCall,
  beforeCall,
  createFaultCounter,
  duringCall,
  type Fault,
  type FaultCounter,
} from "./faults.ts";

export interface EngineProxy extends FaultCounter, AsyncDisposable {
  /** The value of DOCKER_HOST. */
  readonly url: string;
}

/**
 * Passes everything between a program and the engine, streams and upgraded connections too, and counts the
 * calls: the same number gives the same fault. A call's text is its method and path, without the query. A
 * caller that is gone is gone for the engine as well.
 */
export async function startEngineProxy(): Promise<EngineProxy> {
  const engineSocket = (await openEngine()).url.replace(/^unix:\/\//, "");
  const folder = await mkdtemp(join(tmpdir(), "engine-proxy-"));
  const counter = createFaultCounter();
  const count = ({ method, url = "" }: IncomingMessage): Fault | undefined =>
    counter.count(`${method} ${url.split("?")[0]}`);
  const server = createServer({ requestTimeout: 0, headersTimeout: 0 }, (incoming, response) => {
    passCall({ incoming, response, fault: count(incoming), engineSocket }).catch(() =>
      response.destroy(),
    );
  });
  const upgraded = new Set<Socket>();
  server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    passUpgrade({ incoming, socket, head, fault: count(incoming), engineSocket }).catch(() =>
      socket.destroy(),
    );
  });
  const path = join(folder, "docker.sock");
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  return Object.assign(counter, {
    url: `unix://${path}`,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      });
      await rm(folder, { recursive: true, force: true });
    },
  });
}

interface Passed {
  readonly incoming: IncomingMessage;
  readonly fault: Fault | undefined;
  readonly engineSocket: string;
}

async function passCall({
  incoming,
  response,
  fault,
  engineSocket,
}: Passed & { readonly response: ServerResponse }): Promise<void> {
  if (!(await beforeCall(fault))) {
    response.destroy();
    return;
  }
  const { method, url, rawHeaders } = incoming;
  const outgoing = request({ socketPath: engineSocket, method, path: url, agent: false });
  for (let at = 0; at < rawHeaders.length; at += 2) {
    outgoing.setHeader(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  }
  response.on("close", () => outgoing.destroy());
  outgoing.on("error", () => response.destroy());
  outgoing.on("finish", () => duringCall(fault));
  incoming.pipe(outgoing);
  const answer = await new Promise<IncomingMessage>((resolve) => {
    outgoing.on("response", resolve);
  });
  if (!(await afterCall(fault))) {
    response.destroy();
    return;
  }
  response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  response.flushHeaders();
  answer.on("error", () => response.destroy());
  answer.pipe(response);
}

async function passUpgrade({
  incoming,
  socket,
  head,
  fault,
  engineSocket,
}: Passed & { readonly socket: Socket; readonly head: Buffer }): Promise<void> {
  socket.on("error", () => socket.destroy());
  if (!(await beforeCall(fault))) {
    socket.destroy();
    return;
  }
  const engine = connect({ path: engineSocket, allowHalfOpen: true });
  engine.on("error", () => socket.destroy());
  socket.on("close", () => engine.destroy());
  const { method, url, rawHeaders } = incoming;
  const headers = rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  engine.write(`${method} ${url} HTTP/1.1\r\n${headers.join("")}\r\n`, () => duringCall(fault));
  engine.write(head);
  socket.pipe(engine);
  await new Promise((resolve) => {
    engine.once("readable", resolve);
  });
  if (await afterCall(fault)) engine.pipe(socket);
  else socket.destroy();
}
