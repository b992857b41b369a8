import { homedir } from "node:os";
import { connectEngine, type Engine } from "../docker/connect.ts";
import { findCandidates } from "../docker/contexts.ts";
import type { Host } from "./context.ts";

/** The engine that the environment names, or the first usual one that answers. */
export async function connect(host: Host): Promise<Engine> {
  const candidates = await findCandidates({
    env: host.env,
    home: homedir(),
    uid: process.getuid?.() ?? 0,
  });
  return connectEngine(candidates, host.signal);
}
