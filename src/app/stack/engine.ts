import { homedir } from "node:os";
import { connectEngine, type Engine } from "../../docker/engine/connect.ts";
import { findCandidates } from "../../docker/engine/contexts.ts";
import type { Emit } from "../../model/events.ts";
import type { Host, SharedOptions } from "../request.ts";

/** The engine that the command line or the environment names, or the first usual one that answers. */
export async function connect(
  host: Host,
  { context }: Pick<SharedOptions, "context">,
): Promise<Engine> {
  const candidates = await findCandidates({
    env: host.env,
    home: homedir(),
    uid: process.getuid?.() ?? 0,
    context,
  });
  return connectEngine(candidates, host.signal);
}

/** Says which engine a command is about to change something on. */
export function tellEngine({ url, origin }: Engine, emit: Emit): void {
  emit({ type: "note", level: "info", text: `engine: ${url} (${origin})` });
}

/** As tellEngine, for commands of a moment: silent for the usual engine of this machine. */
export function tellOtherEngine(engine: Engine, emit: Emit): void {
  if (engine.origin !== "default socket") tellEngine(engine, emit);
}
