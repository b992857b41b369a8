import type { View } from "../../report/choose.ts";
import { formatDuration } from "../../report/format.ts";
import type { BrokenDag } from "../../report/pipeline-list.ts";
import type { Endpoints } from "../../stack/endpoints.ts";
import type { SmokeDocument } from "../../smoke/model.ts";
import { renderVerdicts } from "../../report/smoke-verdicts.ts";
import type { Change } from "../../stack/plan-model.ts";
import type { DagChange } from "../../app/pipelines/plan-dags.ts";
import type { PhaseTime } from "../../app/deploy/phases.ts";

/** What `dp up` prints at its end. */
export interface UpDocument {
  readonly project: string;
  readonly changes: readonly Change[];
  readonly pipelines: readonly DagChange[];
  readonly endpoints: Endpoints;
  /** The files of DAGs that Airflow can't load. */
  readonly brokenDags: readonly BrokenDag[];
  readonly phases: readonly PhaseTime[];
  readonly durationMs: number;
  /** With `--smoke`: what the proofs found. */
  readonly smoke?: SmokeDocument;
}

export function renderUp(document: UpDocument, view: View): string {
  const { style } = view;
  const { project, changes, pipelines, endpoints, phases, durationMs } = document;
  const width = Math.max(0, ...Object.keys(endpoints).map((name) => name.length));
  const addresses = Object.entries(endpoints).map(
    ([name, address]) => `  ${name.padEnd(width)}  ${address}\n`,
  );
  const spent = phases
    .filter((phase) => phase.durationMs >= 50)
    .map((phase) => `${phase.phase} ${formatDuration(phase.durationMs)}`);
  const times = spent.length > 0 ? style.dim(` (${spent.join(", ")})`) : "";
  const proofs = document.smoke ? `\n${renderVerdicts(document.smoke, view)}` : "";
  const isUnchanged = changes.length === 0 && pipelines.length === 0;
  const done = isUnchanged ? "is as the file says, and ready" : "is ready";
  return `${style.green("✓")} ${style.bold(project)} ${done} after ${formatDuration(durationMs)}${times}\n${addresses.join("")}${proofs}`;
}
