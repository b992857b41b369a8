import * as z from "zod";
import { defaults } from "../defaults.ts";
import { text } from "./parts.ts";

export const images = z.strictObject({
  prefix: text({
    pattern: /^[^\s/]\S*$/,
    must: "must be a registry, with or without a folder",
    title: "registry",
  })
    .describe(
      "Registry or mirror to put before every image name, for example `mirror.example/hub`.",
    )
    .optional(),
  pull: z
    .enum(["missing", "always", "never"], { error: "must be missing, always or never" })
    .describe("When images are pulled from the registry.")
    .meta({ default: defaults.pull })
    .optional(),
  build: z
    .enum(["auto", "never", "always"], { error: "must be auto, never or always" })
    .describe("When images are built here; `auto` means when no registry can be reached.")
    .meta({ default: defaults.build })
    .optional(),
});
