import { createReport } from "../report/choose.ts";
import type { Host } from "./context.ts";
import { exitCodeForSignal, exitCodes, type ExitCode } from "./exit-codes.ts";
import { createProgram, runProgram } from "./program.ts";

/** The first signal asks every wait to end and undo; the second one ends the process at once. */
function watchSignals(): { signal: AbortSignal; interruptedBy: () => NodeJS.Signals | undefined } {
  const controller = new AbortController();
  let first: NodeJS.Signals | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    if (first !== undefined) process.exit(exitCodeForSignal(name));
    first = name;
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return { signal: controller.signal, interruptedBy: () => first };
}

const { signal, interruptedBy } = watchSignals();
let exitCode: ExitCode = exitCodes.done;
const host: Host = {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal,
  interruptedBy,
  setExitCode: (code) => {
    exitCode = code;
  },
};

const words = process.argv.slice(2);
await runProgram(await createProgram(host, words), words, (failure) => {
  const report = createReport({
    json: words.includes("--json"),
    quiet: false,
    verbose: false,
    color: !words.includes("--no-color"),
    events: false,
    stdout: host.stdout,
    stderr: host.stderr,
    env: host.env,
  });
  report.failure(failure);
  exitCode = exitCodes.usage;
});
process.exit(exitCode);
