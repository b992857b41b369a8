import { DpError } from "../../errors.ts";
import type { HealthCheck } from "../../health/checks.ts";
import { formatBroken, type BrokenDag } from "../../report/pipeline-list.ts";
import { airflowContainer } from "../pipelines/airflow.ts";
import type { FilePipelines } from "../pipelines/file-pipelines.ts";
import { publishedAddress, type FoundStack } from "../stack/running.ts";

/** Reads what pipeline.yaml says about pipelines: asked only for the paths of broken DAGs. */
export type ReadFile = () => Promise<FilePipelines | undefined>;

/** Airflow can load each file of DAGs, in the version that was deployed last. */
export function dagChecks(
  { engine, observed }: Pick<FoundStack, "engine" | "observed">,
  readFile: ReadFile,
): HealthCheck[] {
  const container = airflowContainer(observed);
  const address = container && publishedAddress(container);
  if (!container || !address) return [];
  const run = async (signal: AbortSignal): Promise<string> => {
    const [{ openAirflow }, { createSentTime, readErrors, toBrokenDag }] = await Promise.all([
      import("../../airflow/client.ts"),
      import("../pipelines/broken-dags.ts"),
    ]);
    const client = openAirflow(address, { attempts: "one" });
    try {
      const sentAt = createSentTime(engine, container);
      const { current, outdated } = await readErrors({ client, sentAt }, signal);
      const ofFile = current.length + outdated.length > 0 ? await readFile() : undefined;
      if (current.length > 0) throw brokenDags(current.map((one) => toBrokenDag(one, ofFile)));
      const [late] = outdated.map((one) => toBrokenDag(one, ofFile));
      if (late) throw new Error(`Airflow has not read ${late.file} since it was deployed`);
      return "no import errors";
    } finally {
      client.close();
    }
  };
  // An API that does not respond may recover; an error in the code stays.
  const mayPass = (thrown: unknown): boolean => !(thrown instanceof BrokenDags);
  return [{ service: container.service, name: "dags", run, mayPass }];
}

class BrokenDags extends DpError {}

function brokenDags(broken: readonly BrokenDag[]): BrokenDags {
  const [only, ...more] = broken.map(formatBroken);
  const evidence = broken.flatMap((one) => [
    formatBroken(one),
    ...(one.hint === null ? [] : [`  hint: ${one.hint}`]),
  ]);
  return new BrokenDags({
    code: "airflow-failed",
    message: more.length === 0 ? (only ?? "") : `${broken.length} files have import errors`,
    evidence: [...new Set(evidence)],
  });
}
