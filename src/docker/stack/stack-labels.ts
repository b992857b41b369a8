import { hostname } from "node:os";
import type { StackLabels } from "./labels.ts";
import type { Stack } from "../../model/settings.ts";
import { version } from "../../version.ts";

/** What every object of a stack is labelled with. */
export function stackLabels({
  name,
  file,
  profile,
}: Pick<Stack, "name" | "file"> & Partial<Pick<Stack, "profile">>): StackLabels {
  return { project: name, file, profile, host: hostname(), version };
}
