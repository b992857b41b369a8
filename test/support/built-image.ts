import { execa } from "execa";
import { ensureImage } from "../../src/docker/images/images.ts";
import type { ImageVersion } from "../../src/docker/images/recipes.ts";
import type { ResolvedImage } from "../../src/model/containers.ts";
import { openEngine } from "./engine.ts";

/** dp's own build of an image; one that is there is not built again, and an official one not used. */
export async function builtImage(image: ImageVersion): Promise<ResolvedImage> {
  return ensureImage({
    engine: await openEngine(),
    wish: { ...image, named: undefined, section: undefined },
    settings: { prefix: undefined, pull: "never", build: "always" },
    signal: new AbortController().signal,
    env: process.env,
    emit: () => undefined,
  });
}

/** What a program prints on standard output; fails with its standard error. */
export async function runProgram(program: string, args: readonly string[]): Promise<string> {
  return (await execa(program, args, { stripFinalNewline: false })).stdout;
}

/** Runs a shell in a throwaway container of dp's own build; standard output and error. */
export async function runInImage(image: ImageVersion, script: string): Promise<string> {
  const { ref } = await builtImage(image);
  const shell = ["--entrypoint", "sh", ref, "-c", `exec 2>&1; ${script}`];
  return runProgram("docker", ["run", "--rm", ...shell]);
}
