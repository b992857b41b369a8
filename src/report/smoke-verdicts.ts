import type { SmokeDocument, Verdict } from "../smoke/model.ts";
import type { View } from "./choose.ts";
import { formatDuration } from "./format.ts";
import { renderTable } from "./table.ts";

/** The proofs as a table: each with its verdict, its time and its evidence. */
export function renderVerdicts({ checks }: SmokeDocument, { style, columns: width }: View): string {
  const words: Readonly<Record<Verdict, string>> = {
    passed: style.green("passed"),
    failed: style.red("failed"),
    "not-applicable": style.dim("not applicable"),
  };
  return renderTable({
    columns: [
      { header: "check" },
      { header: "verdict" },
      { header: "time", align: "right" },
      { header: "evidence", shrink: true },
    ],
    rows: checks.map(({ name, verdict, durationMs, evidence }) => [
      name,
      words[verdict],
      verdict === "not-applicable" ? undefined : formatDuration(durationMs),
      evidence,
    ]),
    width,
    style,
  });
}
