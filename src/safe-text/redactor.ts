import { createScrubber, type Secret } from "./redact.ts";

/** Masks the secrets that a command has come across so far. */
export interface Redactor {
  /**
   * Adds the secrets that `find` returns; they are masked in every text from here on. `find` is called with
   * the first of these texts: a command that prints none does not wait for it.
   */
  readonly learn: (find: () => readonly Secret[]) => void;
  /** The text without the known secrets, and without the login of any URL. */
  readonly redact: (text: string) => string;
}

/** A redactor that knows no secret yet. */
export function createRedactor(): Redactor {
  const known: Secret[] = [];
  const finders: (() => readonly Secret[])[] = [];
  let scrub = createScrubber(known);
  return {
    learn(find) {
      finders.push(find);
    },
    redact(text) {
      if (finders.length > 0) {
        known.push(...finders.flatMap((find) => find()));
        finders.length = 0;
        scrub = createScrubber(known);
      }
      return scrub(text);
    },
  };
}
