import { DpError } from "../../errors.ts";
import type { Emit } from "../../model/events.ts";
import type { ImageSettings } from "../../model/settings.ts";
import type { Engine } from "../engine/connect.ts";
import type { Environment } from "./host-settings.ts";
import { findImages } from "./present.ts";
import { pullImage } from "./pull.ts";
import { applyPrefix } from "./reference.ts";
import { buildStandIn, standInTag } from "./stand-in.ts";
import { runStep } from "../engine/step.ts";

export interface BaseOptions {
  readonly engine: Pick<Engine, "find" | "client">;
  readonly settings: ImageSettings;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly env: Environment;
  /** True when a pull has just shown that no registry can be reached. */
  readonly offline: boolean;
}

/**
 * The image that builds start from: Debian's own where the engine has it or can pull it, else a
 * stand-in made of the distribution's packages. Returns its name, present on the engine.
 * Throws DpError `image-missing`.
 */
export async function ensureBase(options: BaseOptions): Promise<string> {
  const { engine, settings, emit, signal, env, offline } = options;
  const official = applyPrefix("debian:bookworm-slim", settings.prefix);
  const standIn = standInTag();
  const present = await findImages({ engine, refs: [official, standIn], signal });
  if (present.has(official)) return official;
  if (present.has(standIn)) return standIn;
  const docker = await engine.client();
  if (!offline && settings.pull !== "never") {
    const outcome = await pullImage({ docker, ref: official, emit, signal, env });
    if (outcome.kind === "pulled") return official;
    if (outcome.kind !== "unreachable") {
      throw new DpError({
        code: "image-missing",
        message: `the base image ${official} could not be pulled`,
        why: outcome.why,
      });
    }
  }
  await runStep({
    emit,
    action: "build",
    target: standIn,
    cause: "no registry can be reached",
    work: () => buildStandIn({ docker, emit, signal }),
  });
  return standIn;
}
