import { homedir } from "node:os";
import { findStackImages } from "../src/app/images/images.ts";
import { connectEngine, type Engine } from "../src/docker/engine/connect.ts";
import { findCandidates } from "../src/docker/engine/contexts.ts";
import type { ResolvedImage } from "../src/model/containers.ts";
import type { Stack } from "../src/model/settings.ts";

/** The engine that dp itself uses on this machine. */
export async function openEngine(signal: AbortSignal): Promise<Engine> {
  const surroundings = { env: process.env, home: homedir(), uid: process.getuid?.() ?? 0 };
  return connectEngine(await findCandidates(surroundings), signal);
}

/** The images that `dp up` takes for a stack, by key. Throws Error when the engine lacks one. */
export async function findImages(
  engine: Engine,
  stack: Stack,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ResolvedImage>> {
  const images = await findStackImages({ engine, stack, signal });
  return new Map(
    images.map(({ key, found, expected }) => {
      if (!found) throw new Error(`${expected.ref} is not there: dp images build`);
      return [key, found];
    }),
  );
}
