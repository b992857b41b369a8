/** A place in pipeline.yaml: keys and list indexes from the top. */
export type Path = readonly (string | number)[];

/** The dotted form for people and JSON: `kafka.port`, `kafka.config.log.dirs`, `kafka.port[1]`. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join("");
}
