import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { Command } from "commander";
import { listStacks, type ListedStack } from "../../docker/stack/stack-list.ts";
import type { View } from "../../report/choose.ts";
import { formatAge } from "../../report/format.ts";
import type { Style } from "../../report/style.ts";
import { renderTable } from "../../report/table.ts";
import { setAction, type CommandHost } from "../../cli/invocation.ts";
import { connect } from "../../app/stack/engine.ts";
import { withExamples } from "../../cli/command-help.ts";
import { withSharedOptions } from "../../cli/options.ts";

/** `partly`: some containers run, or need not any more; `data`: volumes only. */
type StackState = "running" | "partly" | "stopped" | "data" | "empty";

/** What `dp ls --json` prints. */
interface ListDocument {
  readonly stacks: readonly {
    readonly name: string;
    readonly state: StackState;
    /** Containers that run, and one-shots that are done. */
    readonly running: number;
    readonly services: readonly { readonly service: string; readonly state: string }[];
    /** When the latest of its containers was made; of data alone, when it last changed. */
    readonly created: string;
    readonly file: string;
    readonly host: string;
    /** Whether the file is still there; null when it lies on another host. */
    readonly fileExists: boolean | null;
    readonly volumes: readonly string[];
  }[];
}

export function lsCommand(host: CommandHost): Command {
  const command = new Command("ls").description(
    "Shows the state, services, volumes, age, and pipeline.yaml of each stack, including stacks of other folders.",
  );
  withSharedOptions(command);
  withExamples(command, [
    ["dp ls", "List all stacks on this engine"],
    ["dp ls --json", "Print the stacks as JSON, with the names of services and volumes"],
    ["dp ls --context build-server", "List the stacks on the engine of another Docker context"],
  ]);
  return setAction(command, host, async ({ shared, report, signal }) => {
    const stacks = await listStacks(await connect(host, shared), signal);
    const document: ListDocument = { stacks: stacks.map(describe) };
    report.result(document, (view) => renderList(document, view));
  });
}

function describe(stack: ListedStack): ListDocument["stacks"][number] {
  const { name, services, file, host, volumes, createdAt } = stack;
  const up = services.filter(({ state, done }) => state === "running" || done);
  return {
    name,
    state: stateOf({ up: up.length, all: services.length, volumes: volumes.length }),
    running: up.length,
    services: services.map(({ service, state, done }) => ({
      service,
      state: done ? "done" : state,
    })),
    created: new Date(createdAt).toISOString(),
    file,
    host,
    fileExists: host === hostname() ? existsSync(file) : null,
    volumes,
  };
}

function stateOf(counts: {
  readonly up: number;
  readonly all: number;
  readonly volumes: number;
}): StackState {
  const { up, all, volumes } = counts;
  if (all === 0) return volumes > 0 ? "data" : "empty";
  if (up === all) return "running";
  return up > 0 ? "partly" : "stopped";
}

const stateWords: Readonly<Record<StackState, (style: Style) => string>> = {
  running: ({ green }) => green("running"),
  partly: ({ yellow }) => yellow("partly"),
  stopped: () => "stopped",
  data: () => "only data",
  empty: () => "empty",
};

function renderList({ stacks }: ListDocument, { style, columns: width }: View): string {
  if (stacks.length === 0) return "there is no dp stack on this engine; dp up starts one\n";
  return renderTable({
    columns: [
      { header: "name" },
      { header: "state" },
      { header: "services", align: "right" },
      { header: "volumes", align: "right" },
      { header: "age", align: "right" },
      { header: "file", shrink: true },
    ],
    rows: stacks.map(({ name, state, running, services, volumes, created, ...stack }) => {
      return [
        name,
        stateWords[state](style),
        services.length === 0 ? null : `${running}/${services.length}`,
        volumes.length,
        formatAge(Date.now() - Date.parse(created)),
        describeFile(stack, style.red),
      ];
    }),
    width,
    style,
  });
}

function describeFile(
  { file, host, fileExists }: Pick<ListDocument["stacks"][number], "file" | "host" | "fileExists">,
  mark: (text: string) => string,
): string {
  if (fileExists === null) return `${host}:${file}`;
  return fileExists ? file : `${mark("gone:")} ${file}`;
}
