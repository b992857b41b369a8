import { dirname } from "node:path";
import { convertCompose, type Conversion } from "../../../src/config/compose/convert.ts";

export interface ConvertText {
  /** The files around the Compose file, by absolute path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  /** The Compose file, /lab/compose.yaml when left out. */
  readonly file?: string;
  /** The folder of pipeline.yaml; that of the Compose file when left out. */
  readonly folder?: string;
}

/** Converts a Compose file, with files that exist in memory only. */
export function convertText(text: string, input: ConvertText = {}): Conversion {
  const { files = {}, variables = {}, folder = "/lab", file = "/lab/compose.yaml" } = input;
  const paths = Object.keys(files);
  const lookup = (name: string): string | undefined => variables[name];
  return convertCompose({
    text,
    file,
    lookup,
    isSet: (name) => lookup(name) !== undefined,
    project: undefined,
    around: {
      folder,
      kindOf: (file) => {
        if (paths.includes(file)) return "file";
        return paths.some((each) => each.startsWith(`${file}/`)) ? "folder" : "missing";
      },
      textOf: (file) => files[file],
      namesIn: (parent) =>
        paths
          .filter((file) => dirname(file) === parent)
          .map((file) => file.slice(parent.length + 1)),
    },
  });
}

/** As `convertText`, for a Compose file without problems. */
export function converted(
  text: string,
  input: ConvertText = {},
): Extract<Conversion, { ok: true }> {
  const conversion = convertText(text, input);
  if (!conversion.ok) throw new Error(JSON.stringify(conversion.problems));
  return conversion;
}
