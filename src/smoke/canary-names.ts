const prefix = "dp.smoke.";

/**
 * Names what a run makes: `dp.smoke.<until>.<random>.<purpose>`, where `until` is the time after which
 * the run is over for certain, in base 36 epoch seconds. What is found later was left by a killed run.
 */
export function canaryName(run: { until: number; random: string }, purpose: string): string {
  return `${prefix}${Math.ceil(run.until / 1000).toString(36)}.${run.random}.${purpose}`;
}

/** The names that runs which are over have left; those of a run under way elsewhere are not among them. */
export function leftoversOf(names: readonly string[], now: number): string[] {
  return names.filter((name) => {
    const until = /^dp\.smoke\.([0-9a-z]{1,8})\.[0-9a-z]+\.[a-z]+$/.exec(name)?.[1];
    return until !== undefined && Number.parseInt(until, 36) * 1000 < now;
  });
}

/** The same run's name for another purpose. */
export function siblingName(name: string, purpose: string): string {
  return name.replace(/[a-z]+$/, purpose);
}
