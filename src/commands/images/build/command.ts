import { Command } from "commander";
import { buildImage, type ImageOptions } from "../../../docker/images/images.ts";
import { buildableImages } from "../../../docker/images/recipes.ts";
import { formatDuration } from "../../../report/format.ts";
import type { ResolvedImage } from "../../../model/containers.ts";
import { setAction, type Invocation, type CommandHost } from "../../../cli/invocation.ts";
import { connect, tellOtherEngine } from "../../../app/stack/engine.ts";
import { runImageWork } from "../../../app/images/image-work.ts";
import { buildStackImages } from "../../../app/images/images.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withSharedOptions } from "../../../cli/options.ts";
import { requireStack } from "../../../app/stack/stack-file.ts";

interface BuildOptions {
  readonly all?: boolean;
}

const defaultSettings = { prefix: undefined, pull: "missing", build: "auto" } as const;

export function imagesBuildCommand(host: CommandHost): Command {
  const command = new Command("build").option(
    "--all",
    "every version that has a recipe, whatever the file says",
  );
  withSharedOptions(command);
  withExamples(command, [
    ["dp images build", "those that the file needs, the services' own included"],
    ["dp images build --all", "without a file: Kafka, Airflow, the stores, the runtime of steps"],
    ["dp images build --json", "one event a line"],
  ]);
  return setAction<BuildOptions>(command, host, run, { events: true });
}

async function run({ host, shared, options, report, signal }: Invocation<BuildOptions>) {
  const startedAt = performance.now();
  const stack = options.all ? undefined : (await requireStack(host, shared, report)).stack;
  const engine = await connect(host, shared);
  tellOtherEngine(engine, report.emit);
  const { emit } = report;
  const building = { engine, emit, signal, env: host.env };
  const images = stack
    ? await buildStackImages({ ...building, stack })
    : await buildAll({ ...building, settings: defaultSettings });
  const durationMs = Math.round(performance.now() - startedAt);
  report.result({ images, durationMs }, ({ style }) => {
    const lines = images.map(({ ref, id }) => `${style.green("✓")} ${ref}  ${id.slice(7, 19)}\n`);
    return `${lines.join("")}built in ${formatDuration(durationMs)}\n`;
  });
}

function buildAll(options: Omit<ImageOptions, "wish">): Promise<ResolvedImage[]> {
  const works = buildableImages().map((image) => (signal: AbortSignal) => {
    const wish = { ...image, named: undefined, section: undefined };
    return buildImage({ ...options, wish, signal });
  });
  return runImageWork(works, options.signal);
}
