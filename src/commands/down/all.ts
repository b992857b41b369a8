import { listStacks, type ListedStack } from "../../docker/stack/stack-list.ts";
import { DpError, messageOf, type ErrorCode } from "../../errors.ts";
import { formatAge, formatCount } from "../../report/format.ts";
import type { View } from "../../report/choose.ts";
import { confirm } from "../../cli/confirm.ts";
import type { Invocation } from "../../cli/invocation.ts";
import { connect, tellOtherEngine } from "../../app/stack/engine.ts";
import { exitCodes, type ExitCode } from "../../cli/exit-codes.ts";
import { renderTakenDown, takeDown, type TakenDown } from "./take-down.ts";

export interface DownAllOptions {
  readonly volumes: "keep" | "remove";
  /** Only stacks whose latest container is older than so many milliseconds. */
  readonly olderThanMs: number | undefined;
  readonly yes: boolean;
  /** The command line that does it without a question. */
  readonly command: string;
}

interface Failed {
  readonly project: string;
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly why: string | null;
  };
}

/** What `dp down --all --json` prints. */
interface DownAllDocument {
  readonly stacks: readonly TakenDown[];
  readonly failed: readonly Failed[];
}

/** Removes every stack of the engine, one after another, also when one fails; asks before. */
export async function downAll(
  { host, shared, report, signal }: Invocation<object>,
  options: DownAllOptions,
): Promise<ExitCode> {
  const { volumes, olderThanMs, yes } = options;
  const engine = await connect(host, shared);
  tellOtherEngine(engine, report.emit);
  const now = Date.now();
  const chosen = (await listStacks(engine, signal)).filter(
    ({ createdAt }) => olderThanMs === undefined || now - createdAt >= olderThanMs,
  );
  if (chosen.length > 0 && !yes) {
    const answer = await confirm(host, askFor(chosen, { ...options, now }));
    if (answer === "cancelled") return exitCodes.interrupted;
    if (answer === "no") {
      report.emit({ type: "note", level: "info", text: "nothing was removed" });
      return exitCodes.failed;
    }
  }
  const { command } = host;
  const stacks: TakenDown[] = [];
  const failed: Failed[] = [];
  for (const { name: project } of chosen) {
    try {
      stacks.push(await takeDown({ engine, project, volumes, command, emit: report.emit, signal }));
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      failed.push({ project, error: describeFailure(thrown) });
    }
  }
  const document: DownAllDocument = { stacks, failed };
  report.result(document, (view) => renderAll(document, view));
  return failed.length > 0 ? exitCodes.failed : exitCodes.done;
}

function askFor(
  stacks: readonly ListedStack[],
  { volumes, command, now }: DownAllOptions & { readonly now: number },
) {
  const lines = stacks.map(({ name, services, volumes: data, createdAt, file }) => {
    const parts = [formatCount(services.length, "container"), formatCount(data.length, "volume")];
    return `  ${name}: ${parts.join(", ")}, ${formatAge(now - createdAt)} old, ${file}`;
  });
  const what = `${formatCount(stacks.length, "stack")}${volumes === "remove" ? " with all data" : ""}`;
  return {
    message: `Remove ${what}?\n${lines.join("\n")}`,
    what: `removing ${what}`,
    command,
  };
}

function describeFailure(thrown: unknown): Failed["error"] {
  if (!(thrown instanceof DpError)) {
    return { code: "internal", message: messageOf(thrown), why: null };
  }
  return { code: thrown.code, message: thrown.message, why: thrown.why ?? null };
}

function renderAll({ stacks, failed }: DownAllDocument, { style }: View): string {
  if (stacks.length + failed.length === 0) return "there is no such stack on this engine\n";
  return [
    ...stacks.map((stack) => renderTakenDown(stack, style)),
    ...failed.map(
      ({ project, error: { message, why } }) =>
        `${style.red("✖")} ${project} stays: ${[message, why].filter((text) => text !== null).join("; ")}\n`,
    ),
  ].join("");
}
