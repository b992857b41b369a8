import { execa } from "execa";
import { dpCommand, dpEnvironment, type DpRun } from "./run-dp.ts";

export interface TerminalRun extends Pick<DpRun, "args" | "cwd" | "env"> {
  /** What is typed, in turn, each when the text before it has been seen. */
  readonly typing: readonly (readonly [seen: string, keys: string])[];
  /** Shell commands after dp, to look at the terminal that it leaves. */
  readonly after?: string;
  /** Milliseconds (default: 20 s). */
  readonly timeoutMs?: number;
}

/**
 * Runs the built dp on a terminal of its own, 100 columns and 33 rows; returns its exit code and what
 * the terminal showed. Fails when it is not over in time.
 */
export async function runOnTerminal(
  run: TerminalRun,
): Promise<{ readonly code: number | undefined; readonly shown: string }> {
  const { args, cwd, env, typing, after = "", timeoutMs = 20_000 } = run;
  const dp = [...dpCommand, ...args].map((word) => `'${word}'`).join(" ");
  const command = `stty cols 100 rows 33; ${dp}; code=$?; ${after}\nexit $code`;
  // util-linux is on every Debian.
  const shell = execa("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    cwd,
    env: dpEnvironment({ TERM: "xterm", ...env }),
    extendEnv: false,
    reject: false,
    stdin: "pipe",
    timeout: timeoutMs,
  });
  const left = [...typing];
  let unseen = "";
  shell.stdout.on("data", (chunk: Buffer | string) => {
    unseen += String(chunk);
    const [next] = left;
    if (next === undefined || !unseen.includes(next[0])) return;
    left.shift();
    unseen = "";
    shell.stdin.write(next[1]);
  });
  const { exitCode: code, stdout: shown, timedOut } = await shell;
  if (timedOut) throw new Error(`dp ${args.join(" ")} hung on a terminal\n${shown}`);
  return { code, shown };
}
