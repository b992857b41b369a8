import { Command } from "commander";
import { buildImage } from "../../../docker/images.ts";
import { lockedVersions } from "../../../docker/recipes.ts";
import { formatDuration } from "../../../report/format.ts";
import type { ResolvedImage } from "../../../stack/model.ts";
import { setAction, type Host, type Invocation } from "../../context.ts";
import { connect } from "../../engine.ts";
import { imageWish } from "../../images.ts";
import { withExamples, withSharedOptions } from "../../options.ts";
import { requireStack } from "../../stack-file.ts";

interface BuildOptions {
  readonly all?: boolean;
}

const defaultSettings = { prefix: undefined, pull: "missing", build: "auto" } as const;

export function imagesBuildCommand(host: Host): Command {
  const command = new Command("build").option(
    "--all",
    "every version that has a recipe, whatever the file says",
  );
  withSharedOptions(command);
  withExamples(command, [
    ["dp images build", "the one that the file needs"],
    ["dp images build --all", `without a file: ${lockedVersions().join(" and ")}`],
    ["dp images build --json", "one event a line"],
  ]);
  return setAction<BuildOptions>(command, host, run, { events: true });
}

async function run({ host, shared, options, report, signal }: Invocation<BuildOptions>) {
  const startedAt = performance.now();
  const stack = options.all ? undefined : (await requireStack(host, shared, report)).stack;
  const engine = await connect(host);
  const wishes = stack
    ? [{ ...imageWish(stack), named: undefined }]
    : lockedVersions().map((version) => ({ what: "kafka" as const, version, named: undefined }));
  const settings = stack?.images ?? defaultSettings;
  const images: ResolvedImage[] = [];
  for (const wish of wishes) {
    const { emit } = report;
    images.push(await buildImage({ engine, wish, settings, emit, signal, env: host.env }));
  }
  const durationMs = Math.round(performance.now() - startedAt);
  report.result({ images, durationMs }, ({ style }) => {
    const lines = images.map(({ ref, id }) => `${style.green("✔")} ${ref}  ${id.slice(7, 19)}\n`);
    return `${lines.join("")}built in ${formatDuration(durationMs)}\n`;
  });
}
