import { homedir } from "node:os";
import { connectEngine, type Engine } from "../../docker/engine/connect.ts";
import { findCandidates, listContexts, type Candidates } from "../../docker/engine/contexts.ts";
import { DpError } from "../../errors.ts";
import type { Host, SharedOptions } from "../request.ts";
import type { ContextFacts, EngineAttempt, EngineSearch } from "./judge-engine.ts";

export interface FoundEngine extends EngineSearch {
  readonly engine: Engine | undefined;
}

/** Asks at every address that an engine may have, also after one has answered. */
export async function searchEngine(
  host: Host,
  { context }: Pick<SharedOptions, "context">,
): Promise<FoundEngine> {
  const uid = process.getuid?.() ?? 0;
  const surroundings = { env: host.env, home: homedir(), uid, context };
  const candidates = await findCandidates(surroundings).catch(toFailure);
  if (candidates instanceof DpError) {
    return { attempts: [], engine: undefined, failure: tell(candidates) };
  }
  const tried = await Promise.all(
    candidates.list.map((candidate) => tryOne({ ...candidates, list: [candidate] }, host.signal)),
  );
  const engine = tried.find((one) => one.engine !== undefined)?.engine;
  const attempts = tried.map(({ attempt }) => attempt);
  if (engine) return { attempts, engine, failure: undefined };
  // Asked again as other commands do, for the reason that they would give.
  const failure = await connectEngine(candidates, host.signal).catch(toFailure);
  return failure instanceof DpError
    ? { attempts, engine: undefined, failure: tell(failure) }
    : { attempts, engine: failure, failure: undefined };
}

function toFailure(thrown: unknown): DpError {
  if (thrown instanceof DpError) return thrown;
  throw thrown;
}

function tell({ message, why, next }: DpError): { why: string; next: string | undefined } {
  return { why: why === undefined ? message : `${message}: ${why}`, next };
}

async function tryOne(
  candidates: Candidates,
  signal: AbortSignal,
): Promise<{ readonly attempt: EngineAttempt; readonly engine: Engine | undefined }> {
  const { origin = "", url = "" } = candidates.list[0] ?? {};
  const answer = await connectEngine(candidates, signal).catch(toFailure);
  if (!(answer instanceof DpError)) {
    return { attempt: { origin, url, failure: undefined }, engine: answer };
  }
  const said = answer.evidence.map((line) => line.replace(`${origin} (${url}): `, "").trim());
  const failure = said.length > 0 ? said.join("; ") : (answer.why ?? answer.message);
  return { attempt: { origin, url, failure }, engine: undefined };
}

export async function askContexts(
  host: Host,
  { context }: Pick<SharedOptions, "context">,
): Promise<ContextFacts> {
  const { list, current } = await listContexts({ env: host.env, home: homedir() });
  const deciding = ["DOCKER_HOST", "DOCKER_CONTEXT"].flatMap((name) => {
    const value = host.env[name];
    return value ? [`${name}=${value}`] : [];
  });
  const overridden = context === undefined ? deciding : [`--context ${context}`];
  return { contexts: list, current, overridden };
}
