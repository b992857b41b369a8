import { release } from "node:os";
import { readEngineFacts } from "../../docker/stack/engine-facts.ts";
import { readEvidence } from "../../docker/stack/failures.ts";
import { createUsageMeter } from "../../docker/stack/usage.ts";
import { DpError, messageOf } from "../../errors.ts";
import { plainStyle } from "../../report/style.ts";
import { readDotenv, readText } from "../../config/find.ts";
import { formatChange, formatOps } from "../../stack/plan.ts";
import type { Host, SharedOptions } from "../../app/request.ts";
import { diagnose } from "../../app/diagnosis/diagnose.ts";
import { renderDiagnosis } from "../../app/diagnosis/render.ts";
import { fileStoreChecks, findFileStores } from "../../app/stack/file-stores.ts";
import { readHealth } from "../../app/checks/health-document.ts";
import { findStack, type FoundStack } from "../../app/stack/running.ts";
import { loadFileOfStack } from "../../app/stack/stack-file.ts";
import { readStatus } from "../../app/status/document.ts";
import { readFilePipelines } from "../../app/pipelines/file-pipelines.ts";
import { findStackImages, toPlanned } from "../../app/images/images.ts";
import { plannedEngineSocket } from "../../docker/stack/runner-socket.ts";
import { planUp } from "../../app/deploy/planning.ts";
import { version } from "../../version.ts";
import { secretsOfContainers, secretsOfFile } from "../../app/stack/read-secrets.ts";
import { maskSource, scrub, type Secret } from "../../safe-text/redact.ts";

/** A file of the archive. */
export interface SupportEntry {
  readonly path: string;
  readonly content: string;
}

export interface SupportInput {
  readonly host: Host;
  readonly shared: SharedOptions;
  /** Of each service's log. */
  readonly lineCount: number;
  readonly signal: AbortSignal;
}

export interface Support {
  readonly project: string | undefined;
  readonly entries: readonly SupportEntry[];
}

/**
 * What somebody who helps needs to know, without secrets. What can't be read is told in
 * `not-collected.txt`; nothing of it ends the command.
 */
export async function collectSupport(input: SupportInput): Promise<Support> {
  const { host, shared, signal } = input;
  const missing: string[] = [];
  /** Ends the reading of one part only. */
  const attempt = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (thrown) {
      signal.throwIfAborted();
      missing.push(`${what}: ${describe(thrown)}\n`);
      return undefined;
    }
  };
  const found = await attempt("the stack", () => findStack(host, shared));
  const file = await attempt("pipeline.yaml", () => readSource(host, shared));
  const secrets = [
    ...(file?.secrets ?? []),
    ...secretsOfContainers(found?.observed.containers ?? []),
  ];
  const parts: readonly (readonly [path: string, read: () => Promise<SupportEntry[]>])[] = [
    ["versions.json", () => readVersions(found, signal)],
    ["doctor", () => readDiagnosis(input)],
    ["plan.txt", () => readPlan(input, found)],
    ["status.json", () => readStatusEntry(input, found)],
    ["health.json", () => readHealthEntry(input, found)],
    ["logs", () => readContainers(input, found)],
    ["brokers", () => readBrokers(found, signal)],
  ];
  // One after another: the data path is judged without others that load the brokers.
  const entries: SupportEntry[] = file ? [{ path: "pipeline.yaml", content: file.text }] : [];
  for (const [what, read] of parts) entries.push(...((await attempt(what, read)) ?? []));
  if (missing.length > 0) entries.push({ path: "not-collected.txt", content: missing.join("") });
  return {
    project: found?.name ?? file?.project,
    entries: entries.map(({ path, content }) => ({ path, content: scrub(content, secrets) })),
  };
}

function describe(thrown: unknown): string {
  const why = thrown instanceof DpError && thrown.why !== undefined ? `: ${thrown.why}` : "";
  return `${messageOf(thrown)}${why}`;
}

interface Source {
  readonly project: string;
  /** As it may be shown. */
  readonly text: string;
  readonly secrets: readonly Secret[];
}

async function readSource(host: Host, shared: SharedOptions): Promise<Source> {
  const { identifyStack } = await import("../../config/identify.ts");
  const choice = { cwd: host.cwd, env: host.env, file: shared.file, project: shared.project };
  const { name: project, file } = await identifyStack(choice);
  if (file === undefined) throw new Error("there is none here");
  const source = await readText(file);
  const masked = maskSource(source);
  const secrets = [...masked.secrets, ...secretsOfFile(host, { source, dotenv: readDotenv(file) })];
  return { project, text: masked.text, secrets };
}

/** Throws when the stack was not found, for parts that are about it. */
function required(found: FoundStack | undefined): FoundStack {
  if (found) return found;
  throw new Error("no engine, or no stack");
}

function json(path: string, document: object): SupportEntry[] {
  return [{ path, content: `${JSON.stringify(document, null, 2)}\n` }];
}

async function readVersions(
  found: FoundStack | undefined,
  signal: AbortSignal,
): Promise<SupportEntry[]> {
  const { platform, arch } = process;
  const own = { dp: version, node: process.version, platform, arch, release: release() };
  if (!found) return json("versions.json", own);
  const { origin, url, remote } = found.engine;
  const { version: engine, info } = await readEngineFacts(found.engine, signal);
  // The rest tells of registries, proxies and whatever else is set up on that machine.
  const { OperatingSystem, KernelVersion, Driver, CgroupVersion, NCPU, MemTotal } = info;
  const { DockerRootDir, DefaultAddressPools, SecurityOptions, Warnings } = info;
  return json("versions.json", {
    ...own,
    engine: { origin, url, remote, ...engine },
    machine: { OperatingSystem, KernelVersion, Driver, CgroupVersion, NCPU, MemTotal },
    settings: { DockerRootDir, DefaultAddressPools, SecurityOptions, Warnings },
  });
}

async function readDiagnosis({ host, shared, signal }: SupportInput): Promise<SupportEntry[]> {
  const diagnosis = await diagnose({ host, shared, signal });
  const content = renderDiagnosis(diagnosis, { style: plainStyle, verbose: true });
  return [...json("doctor.json", diagnosis), { path: "doctor.txt", content }];
}

async function readPlan(
  { host, shared, signal }: SupportInput,
  found: FoundStack | undefined,
): Promise<SupportEntry[]> {
  const { engine, observed } = required(found);
  const loaded = await loadFileOfStack(host, shared);
  if (!loaded.ok) {
    const lines = loaded.problems.map(
      ({ message, at }) => `${at ? `${at.line}: ` : ""}${message}\n`,
    );
    return [{ path: "plan.txt", content: `the file can't be used:\n${lines.join("")}` }];
  }
  const { stack } = loaded;
  const images = await findStackImages({ engine, stack, signal });
  const { plan } = await planUp({
    engine,
    stack,
    observed,
    images: new Map(images.map((image) => [image.key, toPlanned(image)])),
    engineSocket: plannedEngineSocket({ stack, engine, observed }),
    services: [],
    recreate: [],
    signal,
  });
  const changes = plan.changes.map((change) => `${formatChange(change)}\n`).join("");
  const content = `${changes || "nothing would change\n"}\n${formatOps(plan.ops)}`;
  return [{ path: "plan.txt", content }];
}

async function readStatusEntry(
  { host, shared, signal }: SupportInput,
  found: FoundStack | undefined,
): Promise<SupportEntry[]> {
  const stack = required(found);
  const pipelines = readFilePipelines({ host, shared }, stack.file);
  const usageOf = createUsageMeter(stack.engine);
  return json("status.json", await readStatus({ found: stack, pipelines, usageOf, signal }));
}

async function readHealthEntry(
  { host, shared, signal }: SupportInput,
  found: FoundStack | undefined,
): Promise<SupportEntry[]> {
  const stack = required(found);
  const beside = fileStoreChecks(await findFileStores({ host, shared, stack }));
  const readFile = () => readFilePipelines({ host, shared }, stack.file);
  return json("health.json", await readHealth(stack, { signal, beside, readFile }));
}

async function readContainers(
  { lineCount }: SupportInput,
  found: FoundStack | undefined,
): Promise<SupportEntry[]> {
  const { engine, observed } = required(found);
  const client = await engine.client();
  const entries = await Promise.all(
    observed.containers.map(async ({ service, name }) => {
      const evidence = await readEvidence(client, { name, lineCount, redact: String });
      if (!evidence) return [];
      return [
        { path: `logs/${service}.log`, content: evidence.log },
        { path: `inspect/${service}.json`, content: evidence.inspect },
      ];
    }),
  );
  return entries.flat();
}

const readTimeoutMs = 10_000;

/** The configuration that dp wrote for each broker that runs. */
async function readBrokers(
  found: FoundStack | undefined,
  signal: AbortSignal,
): Promise<SupportEntry[]> {
  const { engine, observed } = required(found);
  const { runInContainer } = await import("../../docker/exec/exec.ts");
  const client = await engine.client();
  const brokers = observed.containers.filter(
    ({ kind, state }) => kind === "kafka" && state === "running",
  );
  const command = ["cat", "/etc/dp/server.properties"];
  return Promise.all(
    brokers.map(async ({ id, service }) => {
      const container = client.getContainer(id);
      const run = await runInContainer({ container, command, timeoutMs: readTimeoutMs, signal });
      // Its lines are keys and values, as those of the file are.
      const { text } = maskSource(run.exitCode === 0 ? run.stdout : run.stderr);
      return { path: `brokers/${service}.properties`, content: text };
    }),
  );
}
