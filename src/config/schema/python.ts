import * as z from "zod";
import { requirements } from "./parts.ts";

export const python = z.strictObject({
  requirements: requirements
    .describe(
      "Python packages for the code of steps: a requirements file, or a list such as `[pandas]`. dp resolves them together with the packages that its own steps use, and adds them to the image.",
    )
    .optional(),
});
