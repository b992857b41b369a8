import type { View } from "../../report/choose.ts";
import { pad, visibleWidth } from "../../report/width.ts";
import type { Diagnosis } from "./diagnose.ts";
import type { Finding } from "./finding.ts";

/** A line for each finding; below one that is not ok its evidence and the mend, with `verbose` all. */
export function renderDiagnosis(
  { findings }: Pick<Diagnosis, "findings">,
  { style, verbose }: Pick<View, "style"> & { readonly verbose: boolean },
): string {
  const width = Math.max(...findings.map(({ check }) => visibleWidth(check)));
  const signs: Readonly<Record<Finding["verdict"], string>> = {
    ok: style.green("✓"),
    warning: style.yellow("!"),
    problem: style.red("✗"),
  };
  const lines = findings.flatMap(({ check, verdict, detail, evidence, mend }) => {
    const shown = verdict === "ok" && !verbose ? [] : evidence;
    return [
      `${signs[verdict]} ${style.bold(pad(check, width))}  ${detail}`,
      ...shown.map((line) => style.dim(`    ${line}`)),
      ...(mend === null ? [] : [`    ${style.cyan("mend")}  ${mend}`]),
    ];
  });
  return `${lines.join("\n")}\n\n${summarize(findings)}\n`;
}

function summarize(findings: readonly Finding[]): string {
  const count = (wanted: Finding["verdict"]): number =>
    findings.filter(({ verdict }) => verdict === wanted).length;
  return `${count("ok")} ok, ${count("warning")} to look at, ${count("problem")} to mend`;
}
