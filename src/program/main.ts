import { setMaxListeners } from "node:events";
import type { DpError } from "../errors.ts";
import { createReport, writeFailed } from "../report/choose.ts";
import { isDirect, writeDirectly } from "../report/direct-output.ts";
import { createOutput } from "../report/stdout.ts";
import { createRedactor } from "../safe-text/redactor.ts";
import { askPassword } from "../cli/ask-password.ts";
import { closeReport, type CommandHost } from "../cli/invocation.ts";
import type { Host } from "../app/request.ts";
import { exitCodeFor, exitCodeForSignal, exitCodes, type ExitCode } from "../cli/exit-codes.ts";
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

const stdoutFd = 1;
const words = process.argv.slice(2);
let exitCode: ExitCode = exitCodes.done;
const host: CommandHost = {
  env: process.env,
  // Asked for when a command needs it: help and `ls` do not.
  get cwd() {
    return currentFolder();
  },
  // Node creates a stream when it is first used, which takes longer than printing the help.
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
  ...watchSignals(),
  setExitCode: (code) => {
    exitCode = code;
  },
  askPassword: (user) => askPassword(user, { output: process.stderr }),
  command: describeCommand(words),
  redactor: createRedactor(),
};

/** Prints the help without a report and, unless on a terminal, without a stream: both take long to load. */
async function printHelp(text: string): Promise<DpError | undefined> {
  let rest: string | Uint8Array = text;
  try {
    if (isDirect(stdoutFd)) rest = writeDirectly(stdoutFd, text);
  } catch (thrown) {
    return writeFailed("stdout", thrown as Error);
  }
  if (rest.length === 0) return undefined;
  const output = createOutput(host.stdout);
  void output.write(rest);
  await output.flush();
  const lost = output.failure();
  return lost && writeFailed("stdout", lost);
}

function terminalColumns(): number | undefined {
  return !isDirect(stdoutFd) && process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** For the failures outside of an action, which has a report of its own. */
async function printFailure(failure: DpError): Promise<void> {
  const report = await createReport({
    json: words.includes("--json"),
    quiet: false,
    verbose: false,
    color: !words.includes("--no-color"),
    events: false,
    stdout: host.stdout,
    stderr: host.stderr,
    env: host.env,
    redact: host.redactor.redact,
  });
  report.failure(failure);
  host.setExitCode(exitCodeFor(failure, host.interruptedBy()));
  await closeReport(report, host);
}

let help = "";
let failure: DpError | undefined;
const program = await createProgram({
  host,
  words,
  printHelp: (text) => {
    help += text;
  },
  terminalColumns,
});
await runProgram(program, words, (error) => {
  failure = error;
});
if (help !== "") failure = await printHelp(help);
if (failure !== undefined) await printFailure(failure);
process.exit(exitCode);
