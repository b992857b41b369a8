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
  const command = new Command("build")
    .description(
      "Builds the images that pipeline.yaml needs, including those of its services. Packages come from the distribution, Maven Central, and PyPI, so no container registry is required.",
    )
    .option("--all", "Build every image that dp has a recipe for, without pipeline.yaml");
  withSharedOptions(command);
  withExamples(command, [
    ["dp images build", "Build the images of the nearest pipeline.yaml"],
    ["dp images build --all", "Build the images of Kafka, Airflow, the stores, and Python steps"],
    ["dp images build --json", "Print one JSON event per line"],
  ]);
  return setAction<BuildOptions>(command, host, run, { events: true });
}

async function run({ host, shared, options, report, signal }: Invocation<BuildOptions>) {
  const startedAt = performance.now();
  const required = options.all ? undefined : await requireStack(host, shared, report);
  const engine = await connect(host, shared);
  tellOtherEngine(engine, report.emit);
  const { emit } = report;
  const building = { engine, emit, signal, env: host.env };
  const images = required
    ? await buildStackImages({ ...building, stack: required.stack }).catch((thrown: unknown) => {
        throw required.withPlace(thrown);
      })
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
