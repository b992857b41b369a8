import { DpError, isBug, messageOf, type ErrorCode } from "../../errors.ts";

interface EngineErrorShape {
  readonly statusCode?: number;
  /** The client's name for the status, e.g. `container already started`. */
  readonly reason?: string;
  readonly json?: { readonly message?: string } | null;
  readonly code?: string;
}

/** The engine's own words, without the client's wrapping; never empty: a status stands for an empty answer. */
export function engineWords(thrown: unknown): string {
  const { json, reason, statusCode, code } = thrown as EngineErrorShape;
  const words = json?.message ?? messageOf(thrown).replace(/^\(HTTP code \d+\)[^-]*- /, "");
  if (words.trim() !== "") return words.trim();
  if (statusCode === undefined) return code ?? "the connection broke without a message";
  return `${reason ?? "an empty answer"} (HTTP status ${statusCode})`;
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

/**
 * True when an image, whose name was just taken from it, was removed by another call for another of its
 * names: engines up to version 25 answer with status 500.
 */
export function isImageGone(thrown: unknown): boolean {
  return statusOf(thrown) === 500 && /unrecognized image ID/.test(engineWords(thrown));
}

/** True when the engine is removing the container already. */
export function isRemovalUnderWay(thrown: unknown): boolean {
  return statusOf(thrown) === 409 && /already in progress/.test(engineWords(thrown));
}

/**
 * True when what a plan counted on is no longer as it was observed. A name that is taken belongs to another
 * command's object, or to what the engine still creates for a killed one: only another look tells.
 */
export function isOutdated(thrown: unknown): boolean {
  const gone = /no such (container|volume)|network \S+ not found|marked for removal/i;
  const inTheWay =
    /container name \S+ is already in use|network with name \S+ already exists|cannot start a paused/i;
  const status = statusOf(thrown);
  const words = engineWords(thrown);
  return (status === 404 || status === 409) && (gone.test(words) || inTheWay.test(words));
}

/** Prune asks first. */
const freeSpaceHint =
  "free space: docker system df shows what takes it, docker system prune removes what nothing uses";

interface Mend {
  readonly words: RegExp;
  readonly code: ErrorCode;
  /** What is wrong, after `can't <action>: `. */
  readonly reason: string;
  readonly next: string;
  /** Programs in containers tell it with the same words. */
  readonly inLogs?: true;
}

/** What the engine's words mean, and what mends it; the first that fits holds. */
const mends: readonly Mend[] = [
  {
    words: /port is already allocated|address already in use/,
    code: "port-taken",
    reason: "a port is taken",
    next: "stop what holds the port, or choose another one (`port: auto` takes a free one)",
  },
  {
    words: /no space left on device/i,
    code: "engine-failed",
    reason: "the engine's disk is full",
    next: `${freeSpaceHint}; then run the command again`,
    inLogs: true,
  },
  {
    words: /non-overlapping IPv4 address pool|address pools have been fully subnetted/,
    code: "engine-failed",
    reason: "the engine has no addresses left for another network",
    next: "each stack has one network: dp down where one is not needed, docker network prune for those of others; or give the engine more in default-address-pools of its daemon.json",
  },
  {
    words: /has active endpoints|has associated containers/,
    code: "engine-failed",
    reason: "a container is still attached to the network",
    next: "docker network inspect names it: disconnect or remove that container, then run the command again",
  },
  {
    words: /No chain\/target\/match by that name|Chain 'DOCKER' does not exist/,
    code: "engine-failed",
    reason: "the engine's firewall rules are gone",
    next: "a firewall was reloaded after the engine's start: restart the engine (sudo systemctl restart docker)",
  },
  {
    words: /exec format error/,
    code: "engine-failed",
    reason: "its image is for another processor",
    next: "use an image that is built for the engine's platform (docker version names it)",
    inLogs: true,
  },
  {
    words: /executable file not found|exec: .*(no such file or directory|permission denied)/,
    code: "engine-failed",
    reason: "its image can't run that command",
    next: "mend the service's `command`, or its image's entrypoint",
  },
];

/** What mends a fault of the machine that a program tells in its log; undefined without such a line. */
export function mendOf(lines: readonly string[]): string | undefined {
  const faults = mends.filter(({ inLogs }) => inLogs === true);
  return faults.find(({ words }) => lines.some((line) => words.test(line)))?.next;
}

/** What a call to the engine threw, as a failure that names the call and what mends it. */
export function toEngineError(thrown: unknown, action: string): unknown {
  if (thrown instanceof DpError || isBug(thrown)) return thrown;
  if ((thrown as Error).name === "AbortError") return thrown;
  if (isLost(thrown)) return lostEngine(thrown, `trying to ${action}`);
  const why = engineWords(thrown);
  const mend = mends.find(({ words }) => words.test(why));
  return new DpError({
    code: mend?.code ?? "engine-failed",
    message: mend ? `can't ${action}: ${mend.reason}` : `the engine could not ${action}`,
    why,
    next: mend?.next,
    cause: thrown,
  });
}

/** True when a call got no answer at all. */
export function isLost(thrown: unknown): boolean {
  return !(thrown instanceof DpError) && !isBug(thrown) && statusOf(thrown) === undefined;
}

/** An engine that went away; `during` says at what, e.g. `waiting for kafka-1`. */
export function lostEngine(thrown: unknown, during: string): DpError {
  return new DpError({
    code: "no-engine",
    message: `lost the engine while ${during}`,
    why: engineWords(thrown),
    next: "see that Docker runs, then run the command again",
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
