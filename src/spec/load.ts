import { DpError } from "../errors.ts";
import type { Stack } from "../stack/settings.ts";
import type { Problem } from "../stack/problem.ts";
import {
  chosenProject,
  kindOf,
  readText,
  requireFile,
  textOf,
  variablesFor,
  type FileChoice,
} from "./find.ts";
import { checkText } from "./check.ts";

interface LoadedFile {
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  /** Its text, to show problems in. */
  readonly text: string;
}

export type LoadedStack = LoadedFile &
  (
    | {
        readonly ok: true;
        readonly stack: Stack;
        readonly warnings: readonly Problem[];
        /** Values that came from variables: dotted path → as written, e.g. `kafka.port` → `${PORT}`. */
        readonly fromVariables: ReadonlyMap<string, string>;
      }
    | { readonly ok: false; readonly problems: readonly Problem[] }
  );

/**
 * Finds, reads and checks the pipeline.yaml: the stack it means, or every problem in it. Throws
 * DpError "no-file" when there is none, "io-failed" when it can't be read, "usage" for a bad
 * `--project` or DP_PORTS.
 */
export async function loadStack(choice: FileChoice): Promise<LoadedStack> {
  const project = chosenProject(choice);
  const ports = chosenPorts(choice.env["DP_PORTS"]);
  const file = requireFile(choice);
  const text = await readText(file);
  const lookup = await variablesFor(file, choice.env);
  const checked = checkText({ text, file, lookup, project, ports, kindOf, textOf });
  const { stack, problems, fromVariables } = checked;
  if (!stack || problems.some(({ severity }) => severity === "error")) {
    return { ok: false, file, text, problems };
  }
  return { ok: true, file, text, stack, warnings: problems, fromVariables };
}

function chosenPorts(value: string | undefined): "written" | "auto" {
  if (value === undefined || value === "") return "written";
  if (value === "auto") return "auto";
  throw new DpError({
    code: "usage",
    message: `DP_PORTS is "${value}"`,
    why: "the only value it has is auto: every port of this machine is then a free one",
    next: "unset it, or set DP_PORTS=auto",
  });
}
