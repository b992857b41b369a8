import path from "node:path";
import { chosenProject, findFile, readText, requireFile, variablesFor } from "./find.ts";
import type { FileChoice } from "./find.ts";
import { interpolate } from "./interpolate.ts";
import { isValidName, nameOfFolder } from "./name.ts";

export interface Identity {
  readonly name: string;
  /** Absolute path of the pipeline.yaml; undefined when only `--project` tells the stack. */
  readonly file: string | undefined;
  /** The text of the file; undefined where the name did not have to be read. */
  readonly source?: string;
}

/**
 * The name of the stack that a command is about. Reads nothing but `name`, so that a mistake
 * elsewhere in the file is none here. Throws DpError "no-file" when there is neither a file nor a
 * `--project`, "usage" when that is no valid name.
 */
export async function identifyStack(choice: FileChoice): Promise<Identity> {
  const project = chosenProject(choice);
  if (project !== undefined) return { name: project, file: findFile(choice) };
  const file = requireFile(choice);
  const source = await readText(file);
  const name = await nameIn(source, (written) => {
    const { valueOf } = variablesFor(file, choice.env);
    const { text, failures } = interpolate(written, valueOf);
    return failures.length === 0 ? text : undefined;
  });
  const isUsable = name !== undefined && isValidName(name);
  return { name: isUsable ? name : nameOfFolder(path.basename(path.dirname(file))), file, source };
}

/** A name at the beginning of a line, without quotes, is read without loading the YAML parser. */
async function nameIn(
  text: string,
  fillIn: (written: string) => string | undefined,
): Promise<string | undefined> {
  const simple = /^name:[ \t]+([a-z][a-z0-9-]*)[ \t]*(?:#.*)?\r?$/m.exec(text);
  if (simple) return simple[1];
  if (!/name/.test(text)) return undefined;
  const { parseDocument } = await import("yaml");
  const written: unknown = parseDocument(text, { logLevel: "silent" }).get("name");
  return written === undefined || written === null ? undefined : fillIn(String(written));
}
