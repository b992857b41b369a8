import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "./engine.ts";

/** A call to the engine, e.g. the 7th: `POST /containers/shop-kafka-1/start`. */
export interface EngineCall {
  /** From 1, in the order in which the calls arrived since the last `expectFault`. */
  readonly number: number;
  /** Method and path, without the query. */
  readonly text: string;
}

/**
 * What happens to one call. A killed program gets no answer: `before` the engine has not seen the call,
 * `during` the engine has the call and loses the caller, `after` the engine has done what was asked.
 * A held call is sent, or its answer is passed on, when `until` resolves.
 */
export type Fault = {
  /** The number of the call, or the first one that fits. */
  readonly call: number | ((call: EngineCall) => boolean);
} & (
  | { readonly kill: () => void; readonly when: "before" | "during" | "after" }
  | { readonly until: () => Promise<unknown>; readonly when: "before" | "after" }
);

export interface EngineProxy extends AsyncDisposable {
  /** The value of DOCKER_HOST. */
  readonly url: string;
  /** Since the last `expectFault`. */
  readonly calls: readonly EngineCall[];
  /** Restarts the count, and the fault that one of the next calls gets; none when left out. */
  expectFault(fault?: Fault): void;
  /** Whether the expected fault has happened. */
  readonly happened: boolean;
}

/**
 * Passes everything between a program and the engine, streams and upgraded connections too, and counts the
 * calls: the same number gives the same fault. A caller that is gone is gone for the engine as well.
 */
export async function startEngineProxy(): Promise<EngineProxy> {
  const engineSocket = (await openEngine()).url.replace(/^unix:\/\//, "");
  const folder = await mkdtemp(join(tmpdir(), "engine-proxy-"));
  const calls: EngineCall[] = [];
  let expected: Fault | undefined;
  let happened = false;
  const count = ({ method, url = "" }: IncomingMessage): Fault | undefined => {
    const call = { number: calls.length + 1, text: `${method} ${url.split("?")[0]}` };
    calls.push(call);
    const fault = expected;
    if (!fault) return undefined;
    const fits = typeof fault.call === "number" ? fault.call === call.number : fault.call(call);
    if (!fits) return undefined;
    expected = undefined;
    happened = true;
    return fault;
  };
  const server = createServer({ requestTimeout: 0, headersTimeout: 0 }, (incoming, response) => {
    passCall({ incoming, response, fault: count(incoming), engineSocket }).catch(() =>
      response.destroy(),
    );
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    passUpgrade({ incoming, socket, head, fault: count(incoming), engineSocket }).catch(() =>
      socket.destroy(),
    );
  });
  const path = join(folder, "docker.sock");
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  return {
    url: `unix://${path}`,
    calls,
    expectFault: (fault) => {
      calls.length = 0;
      expected = fault;
      happened = false;
    },
    get happened() {
      return happened;
    },
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await rm(folder, { recursive: true, force: true });
    },
  };
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
  if (!(await beforeCall(fault))) return;
  const { method, url, rawHeaders } = incoming;
  const outgoing = request({ socketPath: engineSocket, method, path: url, agent: false });
  for (let at = 0; at < rawHeaders.length; at += 2) {
    outgoing.setHeader(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  }
  response.on("close", () => outgoing.destroy());
  outgoing.on("error", () => response.destroy());
  if (fault && "kill" in fault && fault.when === "during") outgoing.on("finish", fault.kill);
  incoming.pipe(outgoing);
  const answer = await new Promise<IncomingMessage>((resolve) => {
    outgoing.on("response", resolve);
  });
  if (!(await afterCall(fault))) return;
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
  if (!(await beforeCall(fault))) return;
  const engine = connect({ path: engineSocket, allowHalfOpen: true });
  engine.on("error", () => socket.destroy());
  socket.on("close", () => engine.destroy());
  const { method, url, rawHeaders } = incoming;
  const headers = rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  engine.write(`${method} ${url} HTTP/1.1\r\n${headers.join("")}\r\n`, () => {
    if (fault && "kill" in fault && fault.when === "during") fault.kill();
  });
  engine.write(head);
  socket.pipe(engine);
  await new Promise((resolve) => {
    engine.once("readable", resolve);
  });
  if (await afterCall(fault)) engine.pipe(socket);
}

/** False when the caller was killed. */
async function beforeCall(fault: Fault | undefined): Promise<boolean> {
  return fault?.when !== "before" || endOrHold(fault);
}

async function afterCall(fault: Fault | undefined): Promise<boolean> {
  return fault?.when !== "after" || endOrHold(fault);
}

async function endOrHold(fault: Fault): Promise<boolean> {
  if ("kill" in fault) {
    fault.kill();
    return false;
  }
  await fault.until();
  return true;
}
