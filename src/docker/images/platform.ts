import type { Emit } from "../../model/events.ts";
import type { Engine } from "../engine/connect.ts";
import type { PresentImage } from "./present.ts";

/** Architectures that a machine runs without emulation, besides its own. */
const native: Readonly<Record<string, readonly string[]>> = { amd64: ["386"], arm64: ["arm"] };

/**
 * Warns of an image that is made for other machines than the engine's. It is no error: many engines
 * emulate them.
 */
export async function noteForeignImage(options: {
  readonly engine: Pick<Engine, "get">;
  readonly image: Pick<PresentImage, "platform">;
  readonly ref: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { engine, image, ref, emit, signal } = options;
  if (image.platform === undefined) return;
  const version = await engine.get<{ Os?: string; Arch?: string }>("/version", signal);
  const text = foreignImage({
    ref,
    image: image.platform,
    engine: `${version.Os}/${version.Arch}`,
  });
  if (text !== undefined) emit({ type: "note", level: "warning", text });
}

/** What is to be said of an image for `image` on an engine of `engine`, e.g. `linux/amd64`. */
export function foreignImage(options: {
  readonly ref: string;
  readonly image: string;
  readonly engine: string;
}): string | undefined {
  const { ref, image, engine } = options;
  const [imageSystem, imageProcessor = ""] = image.split("/");
  const [system, processor = ""] = engine.split("/");
  const fits = imageProcessor === processor || native[processor]?.includes(imageProcessor) === true;
  if (imageSystem === system && fits) return undefined;
  return (
    `${ref} is for ${image}, and the engine's machine is ${engine}: it runs slowly by emulation, or ` +
    `ends with "exec format error"; docker pull --platform ${engine} ${ref} gets the right one, where ` +
    "its registry has one"
  );
}
