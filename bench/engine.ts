import { homedir } from "node:os";
import { imageWish } from "../src/cli/images.ts";
import { connectEngine, type Engine } from "../src/docker/connect.ts";
import { findCandidates } from "../src/docker/contexts.ts";
import { observeImages } from "../src/docker/images.ts";
import { chooseImage } from "../src/docker/image-choice.ts";
import type { ResolvedImage, Stack } from "../src/stack/model.ts";

/** The engine that dp itself uses on this machine. */
export async function openEngine(signal: AbortSignal): Promise<Engine> {
  const surroundings = { env: process.env, home: homedir(), uid: process.getuid?.() ?? 0 };
  return connectEngine(await findCandidates(surroundings), signal);
}

/** The image that `dp up` takes for a stack. Throws Error when the engine does not have it. */
export async function findImage(
  engine: Engine,
  stack: Stack,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const { images: settings } = stack;
  const candidates = await observeImages({ engine, wish: imageWish(stack), settings, signal });
  const decision = chooseImage(candidates, settings);
  if (decision.action === "use") return { ref: decision.ref, id: decision.id };
  throw new Error("the image is not there: dp images build");
}
