import { rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { Command } from "commander";
import { createArchive } from "../../docker/exec/archive.ts";
import { DpError, messageOf } from "../../errors.ts";
import { formatCount, formatSize } from "../../report/format.ts";
import { renderTable } from "../../report/table.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { withExamples } from "../../cli/command-help.ts";
import { parseCountOption, withSharedOptions } from "../../cli/options.ts";
import { lineLimits } from "../../config/units.ts";

interface SupportOptions {
  readonly lines: number;
}

interface SupportDocument {
  readonly project: string | null;
  /** Absolute path of the archive. */
  readonly file: string;
  readonly entries: readonly { readonly path: string; readonly bytes: number }[];
}

const defaultLines = 1000;

export function supportCommand(host: CommandHost): Command {
  const command = new Command("support")
    .description(
      "The archive contains versions, the diagnosis of `dp doctor`, the plan, and logs. Passwords, values of variables, and environments of containers are left out. Read the archive before you send it.",
    )
    .argument("[file]", "Path of the archive (default: `dp-support-<project>-<time>.tar.gz`)")
    .option(
      "-n, --lines <count>",
      "Number of lines to include from the end of each log",
      parseCountOption(lineLimits),
      defaultLines,
    );
  withSharedOptions(command);
  withExamples(command, [
    ["dp support", "Create an archive in the current folder and list its contents"],
    ["dp support /tmp/shop.tar.gz", "Choose the path of the archive"],
    ["dp support -n 100", "Include only the last 100 lines of each log"],
    ["dp support --project shop --json", "Collect the data of another stack from any folder"],
  ]);
  return setAction<SupportOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, [word] = []) => {
      const { collectSupport } = await import("./collect.ts");
      const lineCount = options.lines;
      const collected = await collectSupport({ host, shared, lineCount, signal });
      const { project, entries } = collected;
      const time = new Date().toISOString().replaceAll(/[-:]|\..*/g, "");
      const name = `dp-support-${project ?? "none"}-${time}`;
      const file = resolve(host.cwd, word ?? `${name}.tar.gz`);
      const inside = entries.map((entry) => ({ ...entry, path: `${name}/${entry.path}` }));
      await save(file, gzipSync(await createArchive({ entries: inside })));
      const document: SupportDocument = {
        project: project ?? null,
        file,
        entries: entries.map(({ path, content }) => ({ path, bytes: Buffer.byteLength(content) })),
      };
      report.result(document, ({ style, columns: width }) => {
        const table = renderTable({
          columns: [
            { header: "file", shrink: true },
            { header: "size", align: "right" },
          ],
          rows: document.entries.map(({ path, bytes }) => [path, formatSize(bytes)]),
          width,
          style,
        });
        return `${table}\n${style.green("✓")} ${file}: ${formatCount(entries.length, "file")}\n`;
      });
    },
  );
}

/** Only its owner may read it: logs may tell more than anybody thinks. */
async function save(file: string, content: Buffer): Promise<void> {
  try {
    await writeFile(file, content, { mode: 0o600, flag: "wx" });
  } catch (thrown) {
    const isThere = (thrown as NodeJS.ErrnoException).code === "EEXIST";
    // What is cut off looks whole.
    if (!isThere) await rm(file, { force: true });
    throw new DpError({
      code: "io-failed",
      message: `can't write ${file}`,
      why: isThere ? "there is such a file already" : messageOf(thrown),
      next: "name another one: dp support FILE",
      cause: thrown,
    });
  }
}
