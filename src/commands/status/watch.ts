import { sleep } from "../../async/timers.ts";
import type { Report } from "../../report/choose.ts";
import { renderJsonLine } from "../../report/json.ts";
import { redactFields } from "../../report/redact-fields.ts";
import { formatDuration } from "../../report/format.ts";
import type { Host } from "../../app/request.ts";
import { exitCodeForSignal, exitCodes, type ExitCode } from "../../cli/exit-codes.ts";
import type { StatusDocument } from "../../app/status/document.ts";
import { renderStatus } from "./render.ts";

export interface WatchInput {
  readonly host: Host;
  readonly report: Report;
  readonly json: boolean;
  readonly intervalMs: number;
  readonly read: (signal: AbortSignal) => Promise<StatusDocument>;
}

/**
 * Shows the status again and again: drawn in place on a terminal, as a table for each change elsewhere,
 * as a JSON document a line with `json`. Ends with the exit code of the signal, or done when nobody
 * reads any more.
 */
export async function watchStatus(input: WatchInput): Promise<ExitCode> {
  const { host, report, intervalMs, read } = input;
  const { output } = report;
  output.watchReader();
  const either = AbortSignal.any([host.signal, output.closed]);
  const display = await chooseDisplay(input);
  try {
    for (;;) {
      display.show(await read(either));
      await sleep(intervalMs, either);
    }
  } catch (thrown) {
    if (host.signal.aborted) return exitCodeForSignal(host.interruptedBy() ?? "SIGINT");
    if (output.closed.aborted) return exitCodes.done;
    throw thrown;
  } finally {
    display.end();
  }
}

interface Display {
  show(document: StatusDocument): void;
  end(): void;
}

async function chooseDisplay({ host, report, json, intervalMs }: WatchInput): Promise<Display> {
  const { output, style } = report;
  const print = (text: string): void => void output.write(text);
  const end = (): void => {};
  if (json) {
    const { redact } = host.redactor;
    return { end, show: (document) => print(renderJsonLine(redactFields(document, redact))) };
  }
  if (report.columns !== undefined && host.env["TERM"] !== "dumb") {
    const { openScreen } = await import("../../report/screen.ts");
    const screen = await openScreen(host.stdout);
    const footer = style.dim(`every ${formatDuration(intervalMs)}; Ctrl-C ends`);
    return {
      end: () => screen.end(),
      show: (document) => {
        const view = { style, columns: host.stdout.columns };
        screen.draw(report.safe(`${renderStatus(document, view, Date.now())}\n${footer}\n`));
      },
    };
  }
  const isNews = newsFilter();
  return {
    end,
    show: (document) => {
      if (!isNews(document)) return;
      const now = new Date();
      const text = renderStatus(document, report, now.getTime());
      print(report.safe(`${now.toISOString()}\n${text}\n`));
    },
  };
}

/** Tells whether anything has changed but what changes all the time: uptime, CPU and memory. */
export function newsFilter(): (document: StatusDocument) => boolean {
  let last = "";
  return (document) => {
    const steady = {
      ...document,
      services: document.services.map((service) => ({
        ...service,
        uptimeMs: null,
        cpuPercent: null,
        memoryBytes: null,
      })),
    };
    const text = JSON.stringify(steady);
    const isNews = text !== last;
    last = text;
    return isNews;
  };
}
