import { createScrubber, type Secret } from "./redact.ts";

/** Masks the secrets that a command has come across so far. */
export interface Redactor {
  /** Adds secrets; they are masked in every text from here on. */
  readonly learn: (secrets: readonly Secret[]) => void;
  /** The text without the known secrets, and without the login of any URL. */
  readonly redact: (text: string) => string;
}

/** A redactor that knows no secret yet. */
export function createRedactor(): Redactor {
  let known: readonly Secret[] = [];
  let scrub: ((text: string) => string) | undefined;
  return {
    learn(secrets) {
      known = [...known, ...secrets];
      scrub = undefined;
    },
    redact(text) {
      scrub ??= createScrubber(known);
      return scrub(text);
    },
  };
}
