import { DpError, messageOf } from "../errors.ts";

interface EngineErrorShape {
  readonly statusCode?: number;
  readonly json?: { readonly message?: string } | null;
  readonly code?: string;
}

/** The engine's own words, without the client's wrapping. */
export function engineWords(thrown: unknown): string {
  const { json } = thrown as EngineErrorShape;
  return (
    json?.message ??
    messageOf(thrown)
      .replace(/^\(HTTP code \d+\)[^-]*- /, "")
      .trim()
  );
}

/** HTTP status of a refused call; undefined when the engine did not answer at all. */
export function statusOf(thrown: unknown): number | undefined {
  return (thrown as EngineErrorShape).statusCode;
}

/** True when the thing to be removed or stopped is gone, stopped or being removed already. */
export function isAlreadyDone(thrown: unknown): boolean {
  const status = statusOf(thrown);
  return status === 304 || status === 404 || isRemovalUnderWay(thrown);
}

/** True when the engine is removing the container already. */
export function isRemovalUnderWay(thrown: unknown): boolean {
  return statusOf(thrown) === 409 && /already in progress/.test(engineWords(thrown));
}

/** True when what a plan counted on is no longer as it was observed. */
export function isOutdated(thrown: unknown): boolean {
  const gone = /no such (container|volume)|network \S+ not found|marked for removal/i;
  const inTheWay = /container name \S+ is already in use/i;
  const status = statusOf(thrown);
  const words = engineWords(thrown);
  return (status === 404 || status === 409) && (gone.test(words) || inTheWay.test(words));
}

/** What a call to the engine threw, as a failure that names the call. */
export function toEngineError(thrown: unknown, action: string): unknown {
  if (thrown instanceof DpError || (thrown as Error).name === "AbortError") return thrown;
  const words = engineWords(thrown);
  if (/port is already allocated|address already in use/.test(words)) {
    return new DpError({
      code: "port-taken",
      message: `can't ${action}: a port is taken`,
      why: words,
      next: "stop what holds the port, or choose another one (`port: auto` takes a free one)",
      cause: thrown,
    });
  }
  const lost = statusOf(thrown) === undefined;
  return new DpError({
    code: lost ? "no-engine" : "engine-failed",
    message: lost ? `lost the engine while trying to ${action}` : `the engine could not ${action}`,
    why: words,
    next: lost ? "see that Docker runs, then run the command again" : undefined,
    cause: thrown,
  });
}

/** Awaits a stop or removal that somebody else may have done already. */
export async function unlessDone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (thrown) {
    if (!isAlreadyDone(thrown)) throw thrown;
  }
}
