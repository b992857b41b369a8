import { Command } from "commander";
import { chooseImage } from "../../../docker/image-choice.ts";
import { observeImages } from "../../../docker/images.ts";
import { formatSize } from "../../../report/format.ts";
import { renderTable } from "../../../report/table.ts";
import { setAction, type Host } from "../../context.ts";
import { connect } from "../../engine.ts";
import { imageWish } from "../../images.ts";
import { withExamples, withSharedOptions } from "../../options.ts";
import { requireStack } from "../../stack-file.ts";

export function imagesListCommand(host: Host): Command {
  const command = new Command("list");
  withSharedOptions(command);
  withExamples(command, [
    ["dp images list", "best first; asks no registry"],
    ["dp images list --json", "for scripts"],
    ["dp images list -f other/pipeline.yaml", "of another file"],
  ]);
  return setAction(command, host, async ({ shared, report, signal }) => {
    const { stack } = await requireStack(host, shared, report);
    const engine = await connect(host);
    const { images: settings } = stack;
    const candidates = await observeImages({ engine, wish: imageWish(stack), settings, signal });
    const decision = chooseImage(candidates, settings);
    const images = candidates.map(({ ref, origin, image }) => ({
      for: "kafka",
      image: ref,
      origin,
      present: image !== undefined,
      sizeBytes: image?.sizeBytes ?? null,
      used: decision.action === "use" && decision.ref === ref,
    }));
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
} as const;
