// Says which Docker engine dp would use. Exit 0: it answers; 1: none answers, and nothing names
// one; 2: DOCKER_HOST or a context names one, and that one does not answer.
import { homedir } from "node:os";
import { connectEngine } from "../src/docker/engine/connect.ts";
import { findCandidates } from "../src/docker/engine/contexts.ts";
import { DpError } from "../src/errors.ts";

const surroundings = { env: process.env, home: homedir(), uid: process.getuid?.() ?? 0 };
// A context that can't be read was named by something.
let decided = true;
try {
  const candidates = await findCandidates(surroundings);
  ({ decided } = candidates);
  const { origin, url } = await connectEngine(candidates, AbortSignal.timeout(30_000));
  console.log(`${origin} (${url})`);
} catch (thrown) {
  if (!(thrown instanceof DpError)) throw thrown;
  console.log([thrown.message, ...thrown.evidence, thrown.next].join("\n  "));
  process.exitCode = decided ? 2 : 1;
}
