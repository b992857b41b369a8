import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { forgetCanary, leftCanaries, renderCanary, runCanaryDag } from "../../airflow/canary.ts";
import { openAirflow, type AirflowClient } from "../../airflow/client.ts";
import { templatePath } from "../../assets.ts";
import { putDagFile, removeDagFiles } from "../../docker/exec/canary-file.ts";
import type { CanaryRun, SmokeAirflow } from "../../smoke/model.ts";
import type { ObservedContainer } from "../../model/containers.ts";
import { airflowPlaces } from "../../stack/names.ts";
import { publishedAddress, type FoundStack } from "../stack/running.ts";

/** Time to remove the canary when the check is over, also after Ctrl-C. */
const cleanUpMs = 10_000;

type Container = Parameters<typeof putDagFile>[0];

/** A stack's Airflow as the proofs see it; undefined when it has none. */
export function openSmokeAirflow({ engine, observed }: FoundStack): SmokeAirflow | undefined {
  const airflow = observed.containers.find(({ kind }) => kind === "airflow");
  if (!airflow) return undefined;
  const address = publishedAddress(airflow);
  return {
    service: airflow.service,
    state: airflow.state,
    published: address && `${address.host}:${address.port}`,
    runCanary: async (word, signal) => {
      const container = (await engine.client()).getContainer(airflow.id);
      return runCanary({ container, airflow, word, signal });
    },
  };
}

async function runCanary(input: {
  readonly container: Container;
  readonly airflow: ObservedContainer;
  readonly word: string;
  readonly signal: AbortSignal;
}): Promise<CanaryRun> {
  const { container, airflow, word, signal } = input;
  const address = publishedAddress(airflow);
  if (!address) throw new Error(`${airflow.service} is ${airflow.state}`);
  const template = await readFile(templatePath("smoke-dag.py"), "utf8");
  const random = randomBytes(4).toString("hex");
  const dag = renderCanary({ template, word, now: Date.now(), random });
  // The check's own limit ends a call.
  const client = openAirflow(address, { timeoutMs: Infinity });
  try {
    const { dags, owner } = airflowPlaces;
    const path = `${dags}/${dag.file}`;
    await putDagFile(container, { path, text: dag.text, owner }, signal);
    const { state, ...seen } = await runCanaryDag(client, dag, signal);
    return { state: state === "succeeded" ? "success" : state, ...seen };
  } finally {
    await removeCanaries({ container, client, id: dag.id });
    client.close();
  }
}

/** Removes the canary, and those that killed runs have left. */
async function removeCanaries(of: {
  readonly container: Container;
  readonly client: AirflowClient;
  readonly id: string;
}): Promise<void> {
  const { container, client, id } = of;
  const signal = AbortSignal.timeout(cleanUpMs);
  const left = await leftCanaries(client, Date.now(), signal).catch(() => []);
  const ids = [id, ...left];
  await removeDagFiles(
    container,
    ids.map((one) => `${airflowPlaces.dags}/${one}.py`),
    signal,
  );
  await Promise.all(ids.map((one) => forgetCanary(client, one, signal)));
}
