/** Which literal texts of a Compose file are secrets, and where they are in a text. */

const secretName =
  /PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PASSPHRASE|(?:^|_)(?:PASS|PWD)$|KEY$|ACCESS_KEY/i;

/** Whether a variable of this name has a value that must not be copied. A name of a file is not secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name) && !/_(FILE|PATH|DIR)$/i.test(name);
}

/** Whether a text has a literal part that can be secret: more than references, and not a switch. */
export function isLiteral(text: string): boolean {
  const literal = text.replaceAll(/\${1,2}(?:\{[^}]*\}|\w+)/g, "");
  return literal !== "" && !/^(true|false|yes|no|on|off|none|null)$/i.test(text);
}

/** A part of a text that is a secret. */
export interface SecretPart {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/**
 * Forms in which a password is a part of a text; the group `secret` is the password:
 *
 *     scheme "://" user ":" SECRET "@"           the form of URLs
 *     QUOTE name QUOTE ":" QUOTE SECRET QUOTE    a member of JSON, e.g. of an Airflow connection
 *     "-" name ( "=" / blank ) SECRET            an option of a command, e.g. --password=…
 *     name "=" SECRET                            a variable of a command, or of JAAS
 */
const forms: readonly RegExp[] = [
  /\w:\/\/[^\s:/@"']*:(?<secret>(?:\$\{[^}]*\}|[^\s@/"'])+)@/dg,
  /"[^"]*(?:password|secret|token|api_?key)[^"]*"\s*:\s*"(?<secret>[^"]+)"/dgi,
  /(?<=^|\s)--?[\w-]*(?:password|requirepass|passwd|secret|token|api-?key)(?:=|\s+)["']?(?<secret>[^\s"'-][^\s"']*)/dgi,
  /[\w.-]*(?:password|passwd|secret|token|(?:api|secret|access)[-_.]?key)=["']?(?<secret>[^\s"';&]+)/dgi,
];

/** The literal passwords inside a text. */
export function findSecretParts(text: string): SecretPart[] {
  const found = forms.flatMap((form) =>
    [...text.matchAll(form)].flatMap(({ groups, indices }): SecretPart[] => {
      const value = groups?.["secret"];
      const span = indices?.groups?.["secret"];
      if (value === undefined || !span || !isLiteral(withoutDefaults(value))) {
        return defaultPart(value, span);
      }
      return [{ start: span[0], end: span[1], value }];
    }),
  );
  return found
    .toSorted((a, b) => a.start - b.start)
    .filter(({ start }, index, all) => index === 0 || start >= (all[index - 1]?.end ?? 0));
}

/** `${NAME:-secret}` in place of a password: its default is one. */
function defaultPart(
  value: string | undefined,
  span: readonly [number, number] | undefined,
): SecretPart[] {
  if (value === undefined || !span || withoutDefaults(value) === value) return [];
  return [{ start: span[0], end: span[1], value }];
}

const defaultForm = /\$\{(\w+):?-[^}]+\}/g;

/** `${NAME:-secret}` → `${NAME}`. */
export function withoutDefaults(text: string): string {
  return text.replaceAll(defaultForm, (_, name: string) => `\${${name}}`);
}

/** The variable of a text that is one reference with a default, e.g. `${NAME:-secret}`. */
export function variableWithDefault(text: string): string | undefined {
  return /^\$\{(\w+):?-[^}]+\}$/.exec(text)?.[1];
}
