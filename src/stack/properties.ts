/** Text of a .properties or zoo.cfg file; later entries win, keys keep their first position. */
export function formatProperties(entries: Readonly<Record<string, string | number>>): string {
  return Object.entries(entries)
    .map(([key, value]) => `${key}=${escapeValue(String(value))}\n`)
    .join("");
}

/** java.util.Properties: a backslash escapes, and a value may span lines only when escaped. */
function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replace(/^ /, "\\ ");
}

/** The entries of a file written by formatProperties; used to say which key changed. */
export function parseProperties(text: string): Record<string, string> {
  return parseLines(text, "=");
}

/** The directives of a file such as redis.conf: a name, a space and its arguments a line. */
export function parseDirectives(text: string): Record<string, string> {
  return parseLines(text, " ");
}

function parseLines(text: string, separator: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(separator);
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}
