import { hostname } from "node:os";
import type { StackLabels } from "../docker/labels.ts";
import { version } from "./version.ts";

/** What every object of a stack is labelled with. */
export function stackLabels({ name, file }: { name: string; file: string }): StackLabels {
  return { project: name, file, host: hostname(), version };
}
