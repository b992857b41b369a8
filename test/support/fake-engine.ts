import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectEngine, type Engine } from "../../src/docker/engine/connect.ts";

/** Status and JSON body of an answer. */
export type EngineAnswer = readonly [status: number, body?: unknown];

export interface FakeEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** What was called so far, e.g. `POST /containers/c/start`. */
  readonly calls: string[];
}

/**
 * An engine on a socket of its own that gives the listed answers, by method and path without the query.
 * Everything else is answered with 404, as a real engine does for an object that does not exist.
 */
export async function startFakeEngine(
  answers: Readonly<Record<string, EngineAnswer | (() => EngineAnswer)>>,
): Promise<FakeEngine> {
  const folder = await mkdtemp(join(tmpdir(), "fake-engine-"));
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    if (path === "/_ping") {
      response.writeHead(200, { "api-version": "1.41" }).end("OK");
      return;
    }
    const call = `${request.method} ${path}`;
    calls.push(call);
    const found = answers[call] ?? ([404, { message: `no such object: ${path}` }] as const);
    const [status, body] = typeof found === "function" ? found() : found;
    request.resume().on("end", () => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    });
  });
  const socket = join(folder, "docker.sock");
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  const candidates = { decided: true, list: [{ origin: "test", url: `unix://${socket}` }] };
  return {
    engine: await connectEngine(candidates, new AbortController().signal),
    calls,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await rm(folder, { recursive: true });
    },
  };
}
