import type { Command } from "commander";
import { DpError } from "../errors.ts";
import { createReport, type Report } from "../report/choose.ts";
import { describeFailure } from "../report/failure.ts";
import { exitCodeFor, exitCodes, type ExitCode } from "./exit-codes.ts";
import { explainOpenFiles } from "./process-limits.ts";
import { readSharedOptions } from "./options.ts";
import type { Host, SharedOptions } from "../app/request.ts";

/** The process of a command line, which ends with the exit code of its command. */
export interface CommandHost extends Host {
  setExitCode(code: ExitCode): void;
}

/** What a command's action works with. */
export interface Invocation<Options> {
  readonly host: Host;
  readonly shared: SharedOptions;
  /** The command's own options, as commander parsed them. */
  readonly options: Options;
  readonly report: Report;
  readonly signal: AbortSignal;
}

interface ActionStyle {
  /** With `--json` the command streams events, one a line, instead of printing one document. */
  readonly events?: boolean;
}

type Action<Options> = (
  invocation: Invocation<Options>,
  ...operands: string[][]
) => Promise<ExitCode | void>;

/**
 * Sets a command's action: `run` gets an invocation and each operand as a list of strings, and
 * returns the exit code (none is 0). Whatever it throws is told to the user here, and nowhere else.
 */
export function setAction<Options extends object>(
  command: Command,
  host: CommandHost,
  run: Action<Options>,
  style: ActionStyle = {},
): Command {
  return command.action(async (...input: unknown[]) => {
    const operands = input.slice(0, -2).map(toList);
    const shared = readSharedOptions(command);
    const report = await createReport({
      json: shared.json,
      quiet: shared.quiet,
      verbose: shared.verbose,
      color: shared.color,
      events: style.events === true,
      stdout: host.stdout,
      stderr: host.stderr,
      env: host.env,
      redact: host.redactor.redact,
    });
    try {
      const options = command.opts<Options>();
      const code = await run({ host, shared, options, report, signal: host.signal }, ...operands);
      host.setExitCode(code ?? exitCodes.done);
    } catch (error) {
      const thrown = explainOpenFiles(error);
      const failure = host.signal.aborted ? toInterruption(thrown) : thrown;
      if (style.events === true && shared.json) {
        report.result({ error: describeFailure(failure) }, () => "", { ok: false });
      }
      report.failure(failure);
      host.setExitCode(exitCodeFor(thrown, host.interruptedBy()));
    } finally {
      await closeReport(report, host);
    }
  });
}

/** Ends a report; output that could not be written makes the command fail, whatever it did besides. */
export async function closeReport(report: Report, host: CommandHost): Promise<void> {
  const lost = await report.close();
  if (lost === undefined) return;
  report.failure(lost);
  host.setExitCode(exitCodeFor(lost, host.interruptedBy()));
}

/** Whatever a wait that was ended by Ctrl-C threw, the user reads that it was interrupted. */
function toInterruption(thrown: unknown): DpError {
  if (thrown instanceof DpError && thrown.code === "interrupted") return thrown;
  return new DpError({ code: "interrupted", message: "interrupted", cause: thrown });
}

function toList(operand: unknown): string[] {
  if (operand === undefined) return [];
  return Array.isArray(operand) ? operand.map(String) : [String(operand)];
}
