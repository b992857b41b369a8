import { homedir } from "node:os";
import { connectEngine, type Engine } from "../../src/docker/engine/connect.ts";
import { findCandidates } from "../../src/docker/engine/contexts.ts";

/** The engine that dp itself would use on this machine. */
export async function openEngine(): Promise<Engine> {
  const surroundings = { env: process.env, home: homedir(), uid: process.getuid?.() ?? 0 };
  return connectEngine(await findCandidates(surroundings), new AbortController().signal);
}
