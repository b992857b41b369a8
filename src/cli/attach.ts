import type { ExecSession, TerminalSize } from "../docker/exec/exec-session.ts";
import { DpError } from "../errors.ts";
import type { Report } from "../report/choose.ts";
import type { Host } from "../app/request.ts";
import { exitCodes, passOn, type ExitCode } from "./exit-codes.ts";

/** The size of the terminal that dp talks through; undefined when stdin or stdout is none. */
export function terminalSize({ stdin, stdout }: Host): TerminalSize | undefined {
  if (!stdin.isTTY || !stdout.isTTY) return undefined;
  return { columns: stdout.columns, rows: stdout.rows };
}

export interface Attachment {
  readonly host: Host;
  readonly report: Report;
  readonly session: ExecSession;
}

/**
 * Joins dp's standard streams with a command's until it ends; returns its exit code. Signals go to the
 * command; a terminal hands over every key, and is as before afterwards. Throws DpError `no-command`,
 * and `interrupted` when the command can't be reached by signals.
 */
export async function attach({ host, report, session }: Attachment): Promise<ExitCode> {
  const unreachable = new AbortController();
  const pass = async (name: string): Promise<void> => {
    // Interactive shells ignore SIGTERM; their terminal goes away with dp.
    const signal = name === "SIGTERM" && terminalSize(host) ? "SIGHUP" : name;
    if (!(await session.kill(signal))) unreachable.abort();
  };
  const endPassing = host.passSignals((name) => void pass(name));
  // It came before there was anything to pass it to.
  if (host.signal.aborted) void pass(host.interruptedBy() ?? "SIGINT");
  const release = joinTerminal(host, session);
  const { closed } = report.output;
  const close = (): void => session.close();
  const onReaderGone = (): void => void session.kill("SIGPIPE").finally(close);
  unreachable.signal.addEventListener("abort", close, { once: true });
  closed.addEventListener("abort", onReaderGone, { once: true });
  host.stdin.pipe(session.input);
  try {
    report.output.watchReader();
    for await (const { stream, payload } of session.output()) {
      const output = stream === "stderr" ? report.errorOutput() : report.output;
      await output.write(payload);
    }
    return closed.aborted ? exitCodes.done : passOn(await session.exitCode());
  } catch (thrown) {
    if (closed.aborted) return exitCodes.done;
    if (!unreachable.signal.aborted) throw thrown;
    throw new DpError({
      code: "interrupted",
      message: "interrupted; the command may go on in the container",
      why: "it can't be sent a signal there",
      cause: thrown,
    });
  } finally {
    host.stdin.unpipe(session.input).pause();
    release();
    endPassing();
  }
}

/** Hands the keys over as they are typed, and tells of the window's size; returns what ends that. */
function joinTerminal({ stdin, stdout }: Host, session: ExecSession): () => void {
  if (!stdin.isTTY || !stdout.isTTY) return () => {};
  const onResize = (): void => void session.resize({ columns: stdout.columns, rows: stdout.rows });
  stdin.setRawMode(true);
  stdout.on("resize", onResize);
  return () => {
    stdout.off("resize", onResize);
    stdin.setRawMode(false);
  };
}
