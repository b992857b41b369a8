type Rule = readonly [words: RegExp, instead: string];

/** Terms that need a second reading, each with what is written in its place. */
export const avoidedTerms: readonly Rule[] = [
  [/\b(?:mends?|put right)\b/i, "fix"],
  [/\b(?:tells?|told|says?|said)\b/i, "report, print, show"],
  [/\b(?:try again|tries)\b/i, "retry, attempts"],
  [/\b(?:doubles?|doubled)\b/i, "duplicate"],
  [/\boverlays?\b|\blays?\b|\blaid\b/i, "apply, override"],
  [/\b(?:as in|whatever|whoever|somebody|nobody)\b/i, "e.g., or the name of the thing"],
  [/\b(?:so many|so long|be it|for ever|anew|ones?'? own)\b/i, "N, a duration, again"],
  [/\bis no [a-z]|\bis none\b/i, "is not a"],
  [/\b(?:stands?|goes|go on)\b/i, "is, continues"],
  [/\bstays?\b|\bleft alone\b/i, "is kept, is unchanged"],
  [/\bgives? (?:back|no answer)\b|\btakes? back\b/i, "reset, cancel, does not respond"],
  [/\bfrom outside\b|\bunder way\b|\bjust as\b/i, "stopped by SIGTERM, active, unchanged"],
  [/\b(?:proves?|proofs?|proven|verdicts?|judges?)\b/i, "check, verify, result"],
  [/\bhand-written\b|\bby hand\b/i, "custom DAG, manually"],
  [/\b(?:wants?|consent|stand-in|set aside)\b/i, "requires, confirmation, local base image"],
];

/** What help and docs avoid besides. */
export const avoided: readonly Rule[] = [
  ...avoidedTerms,
  [/\bmay be repeated\b|\bagain for more\b/i, "(repeatable)"],
  [/\bcannot\b|\bcolour|\bcancell/i, "US spelling, can't"],
  [/ {2}|[“”‘’]/, "one space, straight quotes"],
  [/, and also\b|\bThis command\b/, "one idea per sentence"],
];
