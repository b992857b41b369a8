import path from "node:path";
import { isOutside } from "../../files/real-path.ts";
import type { Path } from "../../stack/path.ts";
import type { Found, RuleInput } from "./rule.ts";

/**
 * What is wrong with a path of the file: it leaves the folder of pipeline.yaml, as written or through a link,
 * or nothing of the wanted kind lies there. Empty when it is as it should be.
 */
export function pathProblems(input: {
  readonly at: Path;
  /** As it stands in the file. */
  readonly written: string;
  readonly want: "file" | "folder" | "file or folder";
  readonly rules: Pick<RuleInput, "stack" | "realPathOf" | "kindOf">;
}): Found[] {
  const { at, written, want, rules } = input;
  const folder = path.dirname(rules.stack.file);
  const target = path.resolve(folder, written);
  const relative = path.relative(folder, target);
  if (path.isAbsolute(written) || isOutside(relative) || relative.startsWith("~")) {
    return [
      {
        path: at,
        message: `"${written}" lies outside the folder of pipeline.yaml`,
        hint: "write a path relative to pipeline.yaml and inside its folder",
      },
    ];
  }
  if (isOutside(path.relative(rules.realPathOf(folder), rules.realPathOf(target)))) {
    return [
      {
        path: at,
        message: `"${written}" leaves the folder of pipeline.yaml through a symbolic link`,
        hint: "copy the target of the link into the folder of pipeline.yaml",
      },
    ];
  }
  const kind = rules.kindOf(target);
  // Whatever lies in the folder can be mounted, the socket of a server as well.
  if (kind === want || (want === "file or folder" && kind !== "missing")) return [];
  return [
    {
      path: at,
      message:
        kind === "missing" ? `there is no ${want} "${written}"` : `"${written}" is a ${kind}`,
      hint: "the path is relative to the folder of pipeline.yaml",
    },
  ];
}
