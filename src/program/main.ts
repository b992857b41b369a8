import { setMaxListeners } from "node:events";
import type { DpError } from "../errors.ts";
import { createReport } from "../report/choose.ts";
import { createRedactor } from "../safe-text/redactor.ts";
import { askPassword } from "../cli/ask-password.ts";
import { closeReport, type CommandHost } from "../cli/invocation.ts";
import type { Host } from "../app/request.ts";
import { exitCodeForSignal, exitCodes, type ExitCode } from "../cli/exit-codes.ts";
import { currentFolder } from "../cli/process-limits.ts";
import { describeCommand } from "./command-table.ts";
import { createProgram, runProgram } from "./program.ts";

/**
 * The first signal asks every wait to end and undo; the second one ends the process at once. Neither,
 * while they are handed to a program that dp runs.
 */
function watchSignals(): Pick<Host, "signal" | "interruptedBy" | "passSignals"> {
  const controller = new AbortController();
  // Each call that is under way may add one.
  setMaxListeners(0, controller.signal);
  let first: NodeJS.Signals | undefined;
  let receiver: ((name: NodeJS.Signals) => void) | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    if (receiver) return receiver(name);
    // A terminal that closes hangs up more than once: shell and kernel both tell its programs.
    if (first !== undefined && name === "SIGHUP") return;
    if (first !== undefined) process.exit(exitCodeForSignal(name));
    first = name;
    controller.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  return {
    signal: controller.signal,
    interruptedBy: () => first,
    passSignals: (to) => {
      receiver = to;
      return () => {
        receiver = undefined;
      };
    },
  };
}

const words = process.argv.slice(2);
let exitCode: ExitCode = exitCodes.done;
const host: CommandHost = {
  env: process.env,
  // Asked for when a command needs it: help and `ls` do not.
  get cwd() {
    return currentFolder();
  },
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  ...watchSignals(),
  setExitCode: (code) => {
    exitCode = code;
  },
  askPassword: (user) => askPassword(user, { output: process.stderr }),
  command: describeCommand(words),
  redactor: createRedactor(),
};

const help: string[] = [];
let failure: DpError | undefined;
const program = await createProgram({ host, words, printHelp: (text) => void help.push(text) });
await runProgram(program, words, (error) => {
  failure = error;
});
// Help and wrong usage need a report here. The action of a command has its own.
if (help.length > 0 || failure !== undefined) {
  const report = await createReport({
    json: words.includes("--json"),
    quiet: false,
    verbose: false,
    // The help has no colors, so it must not load them.
    color: failure !== undefined && !words.includes("--no-color"),
    events: false,
    stdout: host.stdout,
    stderr: host.stderr,
    env: host.env,
    redact: host.redactor.redact,
  });
  for (const text of help) void report.output.write(text);
  if (failure !== undefined) {
    report.failure(failure);
    exitCode = exitCodes.usage;
  }
  await closeReport(report, host);
}
process.exit(exitCode);
