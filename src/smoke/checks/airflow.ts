import { randomBytes } from "node:crypto";
import { judge } from "../delivery.ts";
import type { CanaryRun, Check, Judgement } from "../model.ts";

export const airflowCheck: Check = {
  name: "airflow",
  proves: "Airflow loads a DAG, schedules and runs its task, and returns what the task printed",
  lacks: ({ airflow }) => (airflow ? undefined : "the stack has no Airflow"),
  async run({ subjects: { airflow }, signal }) {
    if (!airflow?.published) return judge(false, `${airflow?.service} is ${airflow?.state}`);
    const word = randomBytes(8).toString("hex");
    return judgeCanaryRun({ word, run: await airflow.runCanary(word, signal) });
  },
};

/** Pure. */
export function judgeCanaryRun(seen: {
  readonly word: string;
  readonly run: CanaryRun;
}): Judgement {
  const { word, run } = seen;
  const { state, answer, pickedUpMs, ranMs } = run;
  if (state !== "success") return judge(false, `the run of a canary DAG ended as ${state}`);
  if (answer !== word) {
    const said = answer === undefined ? "nothing" : `"${answer}"`;
    return judge(false, `the task of a canary DAG gave back ${said} and not its word`);
  }
  return judge(true, `a DAG was there after ${pickedUpMs} ms, its task ran within ${ranMs} ms`);
}
