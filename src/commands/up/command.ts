import { Command } from "commander";
import type { ImportError } from "../../airflow/dags.ts";
import { importFailure } from "../../airflow/import-errors.ts";
import { toBrokenDag } from "../../app/pipelines/broken-dags.ts";
import type { Emit } from "../../model/events.ts";
import { formatBroken, type BrokenDag } from "../../report/pipeline-list.ts";
import type { Engine } from "../../docker/engine/connect.ts";
import { removeRuns } from "../../docker/stack/left-runs.ts";
import { observeStack } from "../../docker/stack/observe.ts";
import { endpointsOf, fileEndpoints } from "../../stack/endpoints.ts";
import type { SmokeDocument } from "../../smoke/model.ts";
import { airflowService } from "../../stack/names.ts";
import { claimFile, type FoundStack } from "../../app/stack/running.ts";
import { exitCodes, smokeExitCodes, type ExitCode } from "../../cli/exit-codes.ts";
import { smokeDefaults, smokeOutcome } from "../../smoke/outcome.ts";
import { setAction, type CommandHost, type Invocation } from "../../cli/invocation.ts";
import type { Host, SharedOptions } from "../../app/request.ts";
import { connect, tellEngine } from "../../app/stack/engine.ts";
import { ensureStackImages, removeOldBuilds, toStepImages } from "../../app/images/images.ts";
import { withExamples, withExitCodes } from "../../cli/command-help.ts";
import { readinessTimeout, withSharedOptions } from "../../cli/options.ts";
import { tellForgottenProfile } from "../../app/stack/last-profile.ts";
import { createPhases } from "../../app/deploy/phases.ts";
import { verifyEngineSocket } from "../../docker/stack/runner-socket.ts";
import { includesGroup } from "../../app/deploy/planning.ts";
import { startStack } from "./start-stack.ts";
import { requireStack } from "../../app/stack/stack-file.ts";
import { withStackLock } from "../../app/stack/stack-lock.ts";
import { renderUp, type UpDocument } from "./up-result.ts";

interface UpOptions {
  readonly timeout: number;
  readonly keep?: boolean;
  readonly recreate?: string[];
  readonly pull?: boolean;
  readonly smoke?: boolean;
  readonly allowBrokenDags?: boolean;
}

export function upCommand(host: CommandHost): Command {
  const command = new Command("up")
    .description(
      "Creates and changes only what differs from pipeline.yaml: containers, topics and their seeds, and pipelines. Run `dp plan` to see the differences first. If a service does not become ready, everything that this run created is removed, and everything else is unchanged. If Airflow can't load a DAG, the stack is kept, and the exit code is 1.",
    )
    .argument(
      "[service...]",
      "Services to start, with the services they depend on (default: all; kafka: all brokers)",
    )
    .addOption(readinessTimeout())
    .option("--keep", "Keep the containers of a failed run for inspection")
    .option(
      "--recreate <service...>",
      "Replace these services even if nothing changed; keep their data",
    )
    .option("--pull", "Pull newer images first")
    .option("--allow-broken-dags", "Exit with code 0 even if Airflow can't load a DAG")
    .option("--smoke", "Run all smoke tests as soon as the stack is ready")
    .option(
      "-d, --detach",
      "No effect, accepted for docker compose users: `dp up` always detaches",
    );
  withSharedOptions(command);
  withExamples(command, [
    ["dp up", "Start the stack of the nearest pipeline.yaml"],
    ["dp up kafka --timeout 60s", "Start the brokers and their dependencies within a minute"],
    ["dp up --recreate kafka-2", "Replace the container of one broker, keeping its data"],
    [
      "dp up --smoke && dp env -- mvn verify",
      "Run the tests of a CI job if the stack passes all smoke tests",
    ],
    ["DP_PORTS=auto dp up --json", "Use free ports, and print one JSON event per line"],
  ]);
  withExitCodes(command, [
    [0, "The stack is ready"],
    [
      1,
      "The stack could not be started, Airflow can't load a DAG, or `--smoke` could check nothing",
    ],
    [10, "A smoke test failed (only with `--smoke`)"],
  ]);
  return setAction<UpOptions>(command, host, run, { events: true });
}

async function run(invocation: Invocation<UpOptions>, services: string[] = []): Promise<ExitCode> {
  const { host, shared, options, report, signal } = invocation;
  const startedAt = performance.now();
  const phases = createPhases(report.emit);
  const connecting = prepareEngine(host, shared);
  const required = await requireStack(host, shared, report);
  const { stack, fromVariables, hasProfiles, withPlace } = required;
  const engine = await connecting;
  tellEngine(engine, report.emit);
  let ready = false;
  const isAllowed = options.allowBrokenDags === true;
  let importErrors: readonly ImportError[] = [];
  const work = async (): Promise<UpDocument> => {
    const [before, runs] = await Promise.all([
      observeStack(engine, stack.name, signal),
      removeRuns({ engine, project: stack.name, which: "left", signal }),
    ]);
    for (const name of runs) {
      const text = `removed ${name}, the container of a local run that was killed`;
      report.emit({ type: "note", level: "info", text });
    }
    const adopted = claimFile({
      project: stack.name,
      file: stack.file,
      observed: before,
      projectGiven: shared.project !== undefined,
    });
    if (adopted) report.emit({ type: "note", level: "info", text: adopted });
    const getting = { engine, stack, emit: report.emit, signal, env: host.env };
    const images = await phases.run("images", () =>
      ensureStackImages({ ...getting, update: options.pull === true, words: services }),
    );
    const engineSocket = await verifyEngineSocket({ ...getting, images, observed: before });
    const { planned, pipelines, topics, sentAhead } = await phases.run("start", () =>
      startStack({
        engineSocket,
        engine,
        stack,
        before,
        images,
        services,
        recreate: options.recreate ?? [],
        report,
        signal,
        timeoutMs: options.timeout,
        keep: options.keep === true,
        fromVariables,
        phases,
      }),
    );
    ready = true;
    if (hasProfiles) await tellForgottenProfile({ engine, stack, emit: report.emit, signal });
    if (includesGroup(planned, "kafka")) await topics.finish();
    if (planned.plan.changes.length > 0) {
      await removeOldBuilds(engine, { stack, images, signal });
    }
    const after = await observeStack(engine, stack.name, signal);
    if (includesGroup(planned, airflowService)) {
      const { bringUpPipelines } = await import("../../app/deploy/pipelines-phase.ts");
      const { timeout: timeoutMs } = options;
      const sendable = { ...stack, stepImages: toStepImages(images, stack) };
      const started = { stack: sendable, engine, observed: after, ahead: sentAhead };
      importErrors = await phases.run("pipelines", () =>
        bringUpPipelines({ ...started, report, signal, timeoutMs }),
      );
    }
    const brokenDags = importErrors.map((error) => toBrokenDag(error, stack));
    if (isAllowed) warnBroken(brokenDags, report.emit);
    const found = { name: stack.name, file: stack.file, engine, observed: after };
    const smoke = options.smoke
      ? await phases.run("smoke", () => proveAll(found, invocation))
      : undefined;
    return {
      project: stack.name,
      changes: planned.plan.changes,
      pipelines,
      endpoints: {
        ...endpointsOf(after.containers, { passwords: "masked" }),
        ...fileEndpoints(stack.fileStores),
      },
      brokenDags,
      phases: phases.times,
      durationMs: Math.round(performance.now() - startedAt),
      ...(smoke && { smoke }),
    };
  };
  try {
    const lock = { engine, project: stack.name, command: host.command };
    const document = await withStackLock(lock, work);
    const { smoke } = document;
    const isBroken = importErrors.length > 0 && !isAllowed;
    const ok = (smoke?.ok ?? true) && !isBroken;
    report.result(document, (view) => renderUp(document, view), { ok });
    if (isBroken) {
      report.failure(importFailure(importErrors, stack.airflow?.dags ?? ""));
    }
    const code = smoke ? smokeExitCodes[smokeOutcome(smoke)] : exitCodes.done;
    return code === exitCodes.done && isBroken ? exitCodes.failed : code;
  } catch (thrown) {
    if (ready) {
      const text = "the stack is ready and stays; dp up goes on from there";
      report.emit({ type: "note", level: "info", text });
    }
    throw withPlace(thrown);
  }
}

function warnBroken(broken: readonly BrokenDag[], emit: Emit): void {
  for (const one of broken) {
    const hint = one.hint === null ? "" : `; ${one.hint}`;
    emit({
      type: "note",
      level: "warning",
      text: `Airflow can't load ${formatBroken(one)}${hint}`,
    });
  }
}

/** All proofs, on a stack that is ready. */
async function proveAll(
  stack: FoundStack,
  { report, signal }: Invocation<UpOptions>,
): Promise<SmokeDocument> {
  const [{ prove }, { allChecks }] = await Promise.all([
    import("../../app/checks/smoke-prove.ts"),
    import("../../smoke/checks.ts"),
  ]);
  return prove({ stack, checks: allChecks, ...smokeDefaults, emit: report.emit, signal });
}

/** The engine answers while the file is parsed; what `up` asks of it for certain is asked at once. */
function prepareEngine(host: Host, shared: SharedOptions): Promise<Engine> {
  const connecting = connect(host, shared);
  // A failure is told when it is awaited: a mistake in the file comes first.
  connecting.then((engine) => Promise.all([engine.id(), engine.client()])).catch(() => {});
  return connecting;
}
