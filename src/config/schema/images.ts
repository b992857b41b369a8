import * as z from "zod";
import { defaults } from "../defaults.ts";
import { text } from "./parts.ts";

export const images = z.strictObject({
  prefix: text({
    pattern: /^[^\s/]\S*$/,
    must: "must be a registry, with or without a folder",
    title: "registry",
  })
    .describe("Registry or mirror that is put before every image name, e.g. `mirror.example/hub`.")
    .optional(),
  pull: z
    .enum(["missing", "always", "never"], { error: "must be missing, always or never" })
    .describe(
      "When to pull. `missing`: when the engine does not have the image. `always`: on every `dp up`. `never`: not at all.",
    )
    .meta({ default: defaults.pull })
    .optional(),
  build: z
    .enum(["auto", "never", "always"], { error: "must be auto, never or always" })
    .describe(
      "When to build images on this machine. `auto`: when no registry can be reached. `never`: not at all. `always`: instead of using the official image.",
    )
    .meta({ default: defaults.build })
    .optional(),
});
