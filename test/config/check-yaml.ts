import path from "node:path";
import { checkText, type Checked } from "../../src/config/check.ts";
import { parseSetting } from "../../src/config/set.ts";

interface Circumstances {
  readonly env?: Readonly<Record<string, string>>;
  readonly project?: string;
  readonly ports?: "written" | "auto";
  readonly profile?: string;
  /** The words after each `--set`. */
  readonly set?: readonly string[];
  readonly files?: readonly string[];
  /** Texts of files by path, from the folder of pipeline.yaml on. */
  readonly texts?: Readonly<Record<string, string>>;
}

const folder = "/home/me/My Shop";

/** Checks a text as if it stood in /home/me/My Shop/pipeline.yaml. */
export function checkYaml(text: string, circumstances: Circumstances = {}): Checked {
  const { env = {}, project, ports = "written", files = [], texts = {} } = circumstances;
  const { profile, set = [] } = circumstances;
  const lookup = (name: string): string | undefined => env[name];
  const byFile = new Map(
    Object.entries(texts).map(([name, content]) => [path.join(folder, name), content]),
  );
  return checkText({
    text,
    file: path.join(folder, "pipeline.yaml"),
    lookup,
    profile,
    settings: set.map((word) => parseSetting(word, lookup)),
    project,
    ports,
    realPathOf: (file) => file,
    kindOf: (file) => {
      if (files.includes(file) || byFile.has(file)) return "file";
      return [...byFile.keys()].some((each) => each.startsWith(`${file}/`)) ? "folder" : "missing";
    },
    textOf: (file) => byFile.get(file),
  });
}

/** The messages of all problems, in the order of the file. */
export function messagesOf(text: string, circumstances: Circumstances = {}): string[] {
  return checkYaml(text, circumstances).problems.map(({ message }) => message);
}
