import { interpolate } from "../interpolate.ts";
import type { Notes } from "./notes.ts";
import {
  findSecretParts,
  isLiteral,
  isSecretName,
  variableWithDefault,
  withoutDefaults,
} from "./secrets.ts";
import type { Place } from "./tree.ts";

/** A variable that pipeline.yaml uses, and that must be set in `.env`. */
export interface NeededVariable {
  readonly name: string;
  /**
   * `secret`: its value is at `at` in the Compose file. `unset`: Compose uses an empty text. `elsewhere`: it is in
   * the `.env` beside the Compose file, which dp does not read.
   */
  readonly kind: "secret" | "unset" | "elsewhere";
  readonly at: Place;
}

/** A text of the Compose file, and where it is. */
export interface WrittenText {
  readonly service: string | undefined;
  /** With dots, e.g. `environment.POSTGRES_PASSWORD`. */
  readonly key: string;
  /** The name of the variable for a secret, where it is not the last part of the key. */
  readonly variable?: string;
  readonly text: string;
  readonly at: Place;
}

/** Turns texts of the Compose file into texts of pipeline.yaml. Values of variables are never copied. */
export interface Values {
  /** References are kept, and literal secrets become references. */
  readonly convert: (written: WrittenText) => string;
  /** As `convert`, for a text that is a secret as a whole. */
  readonly convertSecret: (written: WrittenText) => string;
  /** The value that Compose would use, for decisions only. */
  readonly evaluate: (text: string) => string;
  readonly needed: () => readonly NeededVariable[];
}

type Lookup = (name: string) => string | undefined;

interface ValuesInput {
  /** The variables of Compose. */
  readonly lookup: Lookup;
  /** Whether dp finds a variable: it may read another `.env`. */
  readonly isSet: (name: string) => boolean;
  readonly notes: Notes;
}

export function createValues({ lookup, isSet, notes }: ValuesInput): Values {
  const needed = new Map<string, NeededVariable>();
  /** Secret → the variables that have its value. */
  const variables = new Map<string, readonly string[]>();

  const need = (name: string, kind: NeededVariable["kind"], at: Place): void => {
    if (!isSet(name) && !needed.has(name)) needed.set(name, { name, kind, at });
  };

  const noteUnset = (text: string, at: Place): void => {
    const isKnown = (name: string) => (isSet(name) ? "set" : undefined);
    for (const { reference, kind } of interpolate(text, isKnown).failures) {
      const name = /^\$\{(\w+)/.exec(reference)?.[1];
      if (name === undefined || kind !== "unset") continue;
      need(name, lookup(name) === undefined ? "unset" : "elsewhere", at);
    }
  };

  /** The variable for a secret: one that has its value already, or a new one. */
  const variableFor = (secret: string, wanted: string, written: WrittenText): string => {
    const prefix = (written.service ?? "").toUpperCase().replaceAll(/\W/g, "_");
    const isFree = (name: string) =>
      !needed.has(name) && [undefined, secret].includes(lookup(name));
    const own = wanted.startsWith(`${prefix}_`) ? wanted : `${prefix}_${wanted}`;
    const candidates = [wanted, own, ...[2, 3, 4, 5].map((number) => `${own}_${number}`)];
    const known = variables.get(secret) ?? [];
    const name =
      candidates.find((each) => known.includes(each)) ??
      candidates.find(isFree) ??
      `${own}_${needed.size + 6}`;
    variables.set(secret, [...known, name]);
    need(name, "secret", written.at);
    return name;
  };

  const dropDefault = (text: string, written: WrittenText): string => {
    const name = variableWithDefault(text) ?? "NAME";
    need(name, "secret", written.at);
    const reason = `a secret in plain text is not copied: the default of \${${name}} is left out`;
    notes.change({ ...written, reason });
    return withoutDefaults(text);
  };

  const noteSecret = (name: string, written: WrittenText): string => {
    const reason = `a secret in plain text is not copied: pipeline.yaml has \${${name}}`;
    notes.change({ ...written, reason });
    return `\${${name}}`;
  };

  /** A password that is a part of a text is often that of a variable. */
  const replacePart = (secret: string, written: WrittenText): string => {
    if (withoutDefaults(secret) !== secret) return dropDefault(secret, written);
    const [known] = variables.get(secret) ?? [];
    return noteSecret(known ?? variableFor(secret, nameOfPart(written), written), written);
  };

  const convertParts = (written: WrittenText): string => {
    const text = braceReferences(written.text);
    let converted = "";
    let end = 0;
    for (const part of findSecretParts(text)) {
      converted += text.slice(end, part.start) + replacePart(part.value, written);
      end = part.end;
    }
    return converted + text.slice(end);
  };

  const finish = (text: string, at: Place): string => {
    noteUnset(text, at);
    return text;
  };

  const convertSecret = (written: WrittenText): string => {
    const text = braceReferences(written.text);
    if (variableWithDefault(text) !== undefined) {
      return finish(dropDefault(text, written), written.at);
    }
    if (!isLiteral(text)) return finish(text, written.at);
    return noteSecret(
      variableFor(text, written.variable ?? nameOfKey(written.key), written),
      written,
    );
  };

  return {
    convert: (written) =>
      isSecretName(nameOfKey(written.key))
        ? convertSecret(written)
        : finish(convertParts(written), written.at),
    convertSecret,
    evaluate: (text) => interpolate(text, lookup, "braced and bare").text,
    needed: () => [...needed.values()],
  };
}

/** The variable for a password inside a text. */
function nameOfPart({ service = "", key }: WrittenText): string {
  const isVariable = key.startsWith("environment.");
  return isVariable ? `${nameOfKey(key)}_PASSWORD` : `${nameOfKey(service)}_SECRET`;
}

/** `environment.POSTGRES_PASSWORD` → `POSTGRES_PASSWORD`. */
function nameOfKey(key: string): string {
  return key
    .slice(key.lastIndexOf(".") + 1)
    .toUpperCase()
    .replaceAll(/\W/g, "_");
}

/** `$NAME` → `${NAME}`, the only form that pipeline.yaml has. */
function braceReferences(text: string): string {
  return text.replaceAll(/\$\$|\$([A-Za-z_]\w*)/g, (found, name?: string) =>
    name === undefined ? found : `\${${name}}`,
  );
}
