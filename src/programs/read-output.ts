import { withTimeout } from "../async/with-timeout.ts";

export interface ReadInput {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** All of its environment (default: that of dp). */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to its standard input, which is empty without it. */
  readonly input?: string;
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Characters. */
const outputLimit = 16 * 1024 * 1024;

/**
 * The standard output of a program. Undefined when the program is missing, fails, is not over in time, or
 * writes more than 16 MB. Throws the reason of the signal.
 */
export async function readOutput(input: ReadInput): Promise<string | undefined> {
  const { timeoutMs, signal } = input;
  const work = (stop: AbortSignal): Promise<string | undefined> => run(input, stop);
  return withTimeout({ work, timeoutMs, signal }).catch((thrown: unknown) => {
    if (signal?.aborted || !(thrown instanceof DOMException)) throw thrown;
    return undefined;
  });
}

async function run(
  { program, args, cwd, env, input }: ReadInput,
  stop: AbortSignal,
): Promise<string | undefined> {
  const { execa } = await import("execa");
  const result = await execa(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env, extendEnv: false }),
    ...(input === undefined ? { stdin: "ignore" } : { input }),
    stderr: "ignore",
    // The output is read as data, where a line end may count.
    stripFinalNewline: false,
    // More is a failure, because a part of the output would look like all of it.
    maxBuffer: outputLimit,
    cancelSignal: stop,
    // Nothing but dp needs the output, so the program must end with dp.
    cleanup: true,
    reject: false,
  });
  return result.failed ? undefined : result.stdout;
}
