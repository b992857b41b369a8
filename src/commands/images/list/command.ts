import { Command } from "commander";
import { formatSize } from "../../../report/format.ts";
import { renderTable } from "../../../report/table.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { connect } from "../../../app/stack/engine.ts";
import { stackCandidates } from "../../../app/images/images.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { withSharedOptions } from "../../../cli/options.ts";
import { requireStack } from "../../../app/stack/stack-file.ts";

export function imagesListCommand(host: CommandHost): Command {
  const command = new Command("list").description(
    "Lists the candidates for each image, the preferred one first, and the one that `dp up` uses. No registry is contacted.",
  );
  withSharedOptions(command);
  withExamples(command, [
    ["dp images list", "List the images of the nearest pipeline.yaml"],
    ["dp images list -f other/pipeline.yaml", "List the images of another file"],
    ["dp images list --json", "Print the images as one JSON document"],
  ]);
  return setAction(command, host, async ({ shared, report, signal }) => {
    const { stack } = await requireStack(host, shared, report);
    const engine = await connect(host, shared);
    const found = await stackCandidates({ engine, stack, signal });
    const images = found.flatMap(({ key, candidates, used }) =>
      candidates.map(({ ref, origin, image, layer }) => ({
        for: key,
        image: ref,
        origin,
        present: image !== undefined,
        sizeBytes: image?.sizeBytes ?? null,
        used: used !== undefined && (used.ref === ref || used.ref === layer?.recipe.tag),
      })),
    );
    report.result({ images }, ({ style, columns: width }) =>
      renderTable({
        columns: [
          { header: "for" },
          { header: "image", shrink: true },
          { header: "origin" },
          { header: "present" },
          { header: "size", align: "right" },
          { header: "used" },
        ],
        rows: images.map((image) => [
          image.for,
          image.image,
          origins[image.origin],
          image.present ? "yes" : "no",
          image.sizeBytes === null ? null : formatSize(image.sizeBytes),
          image.used ? "yes" : null,
        ]),
        width,
        style,
      }),
    );
  });
}

const origins = {
  named: "the file",
  official: "registry",
  build: "built here",
  service: "its folder",
  packages: "requirements",
} as const;
