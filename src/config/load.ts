import { DpError } from "../errors.ts";
import { realPathOf } from "../files/real-path.ts";
import type { Stack } from "../model/settings.ts";
import type { Problem } from "../stack/problem.ts";
import {
  chosenProject,
  givenProfile,
  kindOf,
  readText,
  requireFile,
  textOf,
  variablesFor,
  type FileChoice,
  type Variables,
} from "./find.ts";
import { checkText } from "./check.ts";
import type { ParsedContent } from "./parse.ts";
import { noProfile, unknownProfile, type ProfileSource } from "./profile.ts";
import { parseSetting } from "./set.ts";

interface LoadedFile {
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  /** Its text, to show problems in. */
  readonly text: string;
}

export interface LoadChoice extends FileChoice {
  /** The profile of the last `dp up`, used when none is given. */
  readonly lastProfile?: string | undefined;
}

export type LoadedStack = LoadedFile &
  (
    | {
        readonly ok: true;
        readonly stack: Stack;
        readonly warnings: readonly Problem[];
        /** What the stack was made from. */
        readonly content: ParsedContent;
        readonly variables: Variables;
        /** Whether DP_PORTS makes every port a free one. */
        readonly ports: "written" | "auto";
      }
    | { readonly ok: false; readonly problems: readonly Problem[] }
  );

/**
 * Finds, reads and checks the pipeline.yaml: the stack it means, or every problem in it. Throws
 * DpError "no-file" when there is none, "io-failed" when it can't be read, "usage" for a bad
 * `--project`, `--profile`, `--set` or DP_PORTS.
 */
export async function loadStack(choice: LoadChoice): Promise<LoadedStack> {
  const project = chosenProject(choice);
  const ports = chosenPorts(choice.env["DP_PORTS"]);
  const file = requireFile(choice);
  const text = await readText(file);
  const variables = variablesFor(file, choice.env);
  const lookup = variables.valueOf;
  const settings = (choice.set ?? []).map((word) => parseSetting(word, lookup));
  const profile = chosenProfile(choice);
  const checked = checkText({
    text,
    file,
    lookup,
    profile,
    settings,
    project,
    ports,
    realPathOf,
    kindOf,
    textOf,
  });
  const { stack, problems, content } = checked;
  if (content && profile !== undefined && !content.profiles.includes(profile)) {
    throw unknownProfile({ name: profile, known: content.profiles, source: sourceOf(choice) });
  }
  if (!stack || !content || problems.some(({ severity }) => severity === "error")) {
    return { ok: false, file, text, problems };
  }
  return { ok: true, file, text, stack, warnings: problems, content, variables, ports };
}

/** Whether the profile of the last `dp up` counts: none is given, and the file may have some. */
export async function mayTakeLastProfile(choice: FileChoice): Promise<boolean> {
  if (givenProfile(choice) !== undefined) return false;
  return (await readText(requireFile(choice))).includes("profiles");
}

function chosenProfile(choice: LoadChoice): string | undefined {
  const name = givenProfile(choice) ?? choice.lastProfile;
  return name === noProfile ? undefined : name;
}

function sourceOf(choice: LoadChoice): ProfileSource {
  if (choice.profile !== undefined) return "flag";
  return givenProfile(choice) === undefined ? "last-up" : "environment";
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
