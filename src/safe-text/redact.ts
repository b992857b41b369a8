/** A text that must not be shown, and what is shown in its place. */
export interface Secret {
  readonly value: string;
  readonly shown: string;
}

const secretWords =
  "passwo?r?d|passwd|passphrase|secret|token|authorization|credential|api_?-?key|access_?-?key|private_?-?key|signing_?-?key|fernet_?-?key|jaas";

const secretWord = new RegExp(secretWords, "i");

/** Whether what bears this name is to be kept to oneself. */
export function isSecretName(name: string): boolean {
  return secretWord.test(name);
}

/** What anybody may know: the password of dp's own stores, and words that mean nothing by themselves. */
const harmless = new Set(["", "dp", "true", "false", "null", "none", "auto", "~", "localhost"]);

/**
 * The secrets among named values. One whose name tells nothing counts, too, unless it is as short or as
 * plain as a port, a size or a version: to hide these would make everything else unreadable.
 */
export function secretsAmong(
  named: readonly (readonly [name: string, value: string])[],
  show: (name: string) => string,
): Secret[] {
  return named.flatMap(([name, value]) => {
    if (harmless.has(value.toLowerCase())) return [];
    const isPlain = value.length < 4 || /^v?\d[\d.]{0,7}[a-z]{0,2}$/i.test(value);
    if (isPlain && !isSecretName(name)) return [];
    return [{ value, shown: show(name) }];
  });
}

/** Shorter ones stand in every text by chance; they are masked where they are named only. */
const shortest = 3;

/** What createScrubber returns, for a text alone. */
export function scrub(text: string, secrets: readonly Secret[]): string {
  return createScrubber(secrets)(text);
}

/**
 * Returns a function that masks the secrets in a text, also where they stand in a URL or in JSON, and the
 * login of any URL.
 */
export function createScrubber(secrets: readonly Secret[]): (text: string) => string {
  const shownFor = new Map(
    secrets
      .filter(({ value }) => value.length >= shortest)
      .flatMap(({ value, shown }) => {
        const written = [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
        return written.map((form) => [form, shown] as const);
      })
      // A secret may be a part of another one: the longest that fits is masked.
      .toSorted(([a], [b]) => b.length - a.length),
  );
  const forms = [...shownFor.keys()].map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const anyForm = forms.length === 0 ? undefined : new RegExp(forms.join("|"), "g");
  return (text) => {
    const scrubbed =
      anyForm === undefined ? text : text.replace(anyForm, (form) => shownFor.get(form) ?? mask);
    return maskLogins(scrubbed, (password) => (harmless.has(password) ? password : mask));
  };
}

export interface MaskedSource {
  readonly text: string;
  /** What was masked. */
  readonly secrets: readonly Secret[];
}

/** Stands in the place of a secret. */
export const mask = "***";
const quoted = `"(?:[^"\\\\]|\\\\.)*"|'(?:[^']|'')*'`;
const secretKey = `(?:^|[\\s{,"'-])["']?[\\w.-]*(?:${secretWords})[\\w.-]*["']?\\s*[:=]\\s*`;
/** A plain value goes to the end of the line or a comment; in braces to the next comma or brace. */
const keyedValue = new RegExp(`^(.*?${secretKey})(${quoted}|(?:(?!\\s#).)*)`, "i");
const keyedInBraces = new RegExp(
  `^(.*?${secretKey})(${quoted}|(?:\\$\\{[^}]*\\}|(?!\\s#)[^,}])*)`,
  "i",
);
/** What stands in the braces of a reference, which may hold others. */
const inReference = String.raw`(?:[^{}]|\{[^{}]*\})*`;
/** Variables alone, or after the word that HTTP wants before them. */
const onlyVariables = new RegExp(
  String.raw`^(?:(?:bearer|basic|token)\s+)?(?:\$\{${inReference}\})+$`,
  "i",
);
const withOperand = new RegExp(String.raw`\$\{(\w+):?[-+?](${inReference})\}`, "g");

/**
 * The source of a pipeline.yaml as it may be shown: `${VAR}` stays, without its default where that may be
 * a secret; literal passwords and the like, and logins in URLs, are masked.
 */
export function maskSource(source: string): MaskedSource {
  const secrets: Secret[] = [];
  const hideOperands = (value: string): string =>
    value.replaceAll(withOperand, (_, name: string, operand: string) => {
      hideOperands(operand);
      if (!onlyVariables.test(operand) && !harmless.has(operand.toLowerCase())) {
        secrets.push({ value: operand, shown: `\${${name}}` });
      }
      return `\${${name}}`;
    });
  const hide = (value: string): string => {
    const bare = value.trim().replaceAll(/^["']|["']$/g, "");
    if (harmless.has(bare.toLowerCase())) return value;
    if (onlyVariables.test(bare)) return hideOperands(value);
    secrets.push({ value: bare, shown: mask });
    return value.replace(bare, () => mask);
  };
  const lines: string[] = [];
  /** The indent of a key whose block of lines is a secret. */
  let blockIndent: number | undefined;
  for (const line of source.split("\n")) {
    const indent = line.search(/\S/);
    if (blockIndent !== undefined && (indent === -1 || indent > blockIndent)) {
      if (indent !== -1) secrets.push({ value: line.trim(), shown: mask });
      lines.push(indent === -1 ? line : `${" ".repeat(indent)}${mask}`);
      continue;
    }
    blockIndent = undefined;
    if (isSecretBlock(line)) {
      blockIndent = indent;
      lines.push(line);
      continue;
    }
    lines.push(maskLogins(maskKeyed(line, hide), hide));
  }
  return { text: lines.join("\n"), secrets };
}

function isSecretBlock(line: string): boolean {
  const [, key = ""] = /^\s*["']?([\w.-]+)["']?\s*:\s*[|>][+-]?\d?\s*$/.exec(line) ?? [];
  return key !== "" && isSecretName(key);
}

/** All keys of a line: a map in braces may have several. */
function maskKeyed(line: string, hide: (value: string) => string): string {
  if (!isSecretName(line)) return line;
  const plain = keyedValue.exec(line);
  const isFlow = /[{[]/.test((plain?.[1] ?? "").replaceAll("${", ""));
  const found = isFlow ? keyedInBraces.exec(line) : plain;
  if (!found) return line;
  const [whole, head = "", value = ""] = found;
  const rest = line.slice(whole.length);
  const shown = value.trim() === "" ? value : hide(value);
  // What follows in braces begins with a comma.
  return `${head}${shown}${isFlow ? maskKeyed(`{${rest}`, hide).slice(1) : rest}`;
}

/** `postgresql://ann:secret@host` keeps all but the password. */
function maskLogins(line: string, hide: (value: string) => string): string {
  return line.replaceAll(
    /(:\/\/[^\s:/@"']*:)([^\s/@"']+)@/g,
    (_, head: string, password: string) => `${head}${hide(password)}@`,
  );
}
