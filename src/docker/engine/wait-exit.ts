import type { Readable } from "node:stream";
import type Dockerode from "dockerode";

export interface ExitWait {
  /** Also waits for its removal. */
  readonly until: "not-running" | "removed";
  readonly signal?: AbortSignal;
}

/**
 * Returns when a container has ended; at once when it does not run (`not-running`). Throws what the engine
 * answered, an AbortError, or what broke the connection.
 *
 * The engine sends the answer's head at once and its body at the end. The client's own `wait` never
 * settles when the engine goes away in between: the body is read here, as a stream.
 * https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerWait
 */
export async function waitForExit(container: Dockerode.Container, wait: ExitWait): Promise<void> {
  await (await watchExit(container, wait)).exitCode();
}

/**
 * Begins to wait for the end of a container, which may not have started yet (`removed`). `exitCode` returns
 * when it has ended. Both throw as waitForExit.
 */
export async function watchExit(
  container: Dockerode.Container,
  { until, signal }: ExitWait,
): Promise<{ readonly exitCode: () => Promise<number> }> {
  const modem = container.modem as Modem;
  const body = await new Promise<Readable>((resolve, reject) => {
    const call = {
      path: `/containers/${container.id}/wait?`,
      method: "POST",
      options: { condition: until },
      isStream: true,
      statusCodes: { 200: true, 404: "no such container", 500: "server error" },
      ...(signal ? { abortSignal: signal } : {}),
    };
    modem.dial(call, (error, stream) => {
      if (error) reject(error);
      else resolve(stream);
    });
  });
  return {
    exitCode: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of body) chunks.push(chunk as Buffer);
      const { StatusCode: exitCode } = JSON.parse(Buffer.concat(chunks).toString() || "{}") as {
        readonly StatusCode?: number;
      };
      return exitCode ?? 0;
    },
  };
}

interface Modem {
  dial(call: object, done: (error: Error | null, stream: Readable) => void): void;
}
