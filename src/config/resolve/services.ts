import path from "node:path";
import type {
  AirflowSettings,
  BuildSettings,
  FileStoreSettings,
  Healthcheck,
  ReadyCheck,
  RestartPolicy,
  ServiceSettings,
  ServiceVolume,
  StoreSettings,
} from "../../model/settings.ts";
import { resolveConnections } from "../airflow-connections.ts";
import { parseExtraHost, parsePort, parseVolume, shellWords } from "../container-forms.ts";
import { parseDotenv } from "../dotenv.ts";
import { defaults } from "../defaults.ts";
import { durationOf, optionalDuration, optionalSize } from "../units.ts";
import {
  buildOf,
  dependenciesOf,
  entriesOf,
  extraHostsOf,
  listOf,
  present,
  type WrittenService,
  type WrittenStore,
} from "../written.ts";
import { additionalRequirements } from "../requirements.ts";
import type { ResolveInput } from "./input.ts";
import { resolveAirflowRequirements } from "./requirements.ts";

export function resolveAirflow(input: ResolveInput): AirflowSettings | undefined {
  const { spec, file, ports } = input;
  const written = present(spec.airflow);
  if (!written) return undefined;
  return {
    version: written.version ?? defaults.airflowVersion,
    port: ports === "auto" ? "auto" : (written.port ?? defaults.airflowPort),
    image: written.image,
    start: written.start ?? defaults.airflowStart,
    dags: written.dags === undefined ? undefined : besideFile(file, written.dags),
    parallelism: written.parallelism ?? defaults.airflowParallelism,
    environment: withoutPackages(written.environment),
    volumes: (written.volumes ?? []).flatMap((text) => resolveVolume(input, text)),
    variables: written.variables ?? {},
    connections: resolveConnections(spec),
    requirements: resolveAirflowRequirements(input),
  };
}

/** The official image would install them at each start. */
function withoutPackages(environment: Readonly<Record<string, string>> = {}) {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => name !== additionalRequirements),
  );
}

export function resolveStores(input: ResolveInput): StoreSettings[] {
  return entriesOf(input.spec.stores).flatMap(([name, written]) => {
    const { type = defaults.storeType } = written;
    return type === "duckdb" ? [] : [resolveStore({ ...input, name, written, type })];
  });
}

export function resolveFileStores({ spec, file }: ResolveInput): FileStoreSettings[] {
  return entriesOf(spec.stores)
    .filter(([, { type }]) => type === "duckdb")
    .map(([name, { path: written = `${defaults.dataFolder}/${name}.duckdb` }]) => ({
      name,
      type: "duckdb",
      path: besideFile(file, written),
    }));
}

function resolveStore(
  input: Pick<ResolveInput, "file" | "ports"> & {
    name: string;
    written: WrittenStore;
    type: StoreSettings["type"];
  },
): StoreSettings {
  const { name, written, type, file, ports } = input;
  const { password, config = {} } = written;
  const server = {
    name,
    version: written.version ?? defaults.storeVersions[type],
    image: written.image,
    port: ports === "auto" ? "auto" : (written.port ?? defaults.storePorts[type]),
    memLimitBytes: optionalSize(written.mem_limit),
  } as const;
  switch (type) {
    case "postgres":
      return {
        ...server,
        type,
        database: written.database ?? name.replaceAll("-", "_"),
        user: written.user ?? defaults.storeUser,
        password: password ?? defaults.storePassword,
        init: listOf(written.init).map((each) => besideFile(file, each)),
        config,
      };
    case "redis":
      return { ...server, type, password, config };
    case "s3":
      return { ...server, type, buckets: listOf(written.buckets) };
  }
}

export function resolveServices(input: ResolveInput): ServiceSettings[] {
  return entriesOf(input.spec.services).map(([name, written]) =>
    resolveService({ ...input, name, written }),
  );
}

function resolveBuild(file: string, written: NonNullable<WrittenService["build"]>): BuildSettings {
  const { context, dockerfile, args, target } = buildOf(written);
  return {
    folder: besideFile(file, context),
    dockerfile: path.posix.normalize(dockerfile),
    args,
    target,
  };
}

/** What can't be read is left out here, and told by the rules. */
function resolveService(
  input: Pick<ResolveInput, "file" | "realPathOf" | "ports" | "textOf" | "lookup"> & {
    name: string;
    written: WrittenService;
  },
): ServiceSettings {
  const { name, written, file, ports } = input;
  return {
    name,
    source:
      written.build === undefined
        ? { kind: "image", ref: written.image ?? "" }
        : { kind: "build", ...resolveBuild(file, written.build) },
    entrypoint: wordsOf(written.entrypoint),
    command: wordsOf(written.command),
    environment: { ...variablesOfFiles(input, written.env_file), ...written.environment },
    ports: (written.ports ?? []).flatMap((text) => {
      const port = parsePort(text);
      if (!port) return [];
      return [ports === "auto" ? { ...port, host: "auto" } : port];
    }),
    ready: readyCheck(written),
    volumes: (written.volumes ?? []).flatMap((text) => resolveVolume(input, text)),
    startsAfter: dependenciesOf(written).map(({ name: group, condition }) => ({
      group,
      when: condition === "service_started" ? "started" : "ready",
    })),
    healthcheck: healthcheckOf(written.healthcheck),
    scale: written.scale ?? defaults.scale,
    restart: restartPolicy(written.restart),
    memLimitBytes: optionalSize(written.mem_limit),
    cpus: written.cpus === undefined ? undefined : Number(written.cpus),
    user: written.user,
    hostname: written.hostname,
    workingDir: written.working_dir,
    extraHosts: extraHostsOf(written).flatMap((text) => parseExtraHost(text) ?? []),
    ulimits: Object.entries(written.ulimits ?? {}).flatMap(([limit, value]) => {
      const { soft, hard } = typeof value === "number" ? { soft: value, hard: value } : value;
      return soft === undefined || hard === undefined ? [] : [{ name: limit, soft, hard }];
    }),
    stopGraceMs: durationOf(written.stop_grace_period ?? defaults.stopGracePeriod),
  };
}

/** Skips lines that can't be read: the rules report them. */
function variablesOfFiles(
  { file, textOf, lookup }: Pick<ResolveInput, "file" | "textOf" | "lookup">,
  written: WrittenService["env_file"],
): Record<string, string> {
  const files = listOf(written).map((each) => textOf(besideFile(file, each)) ?? "");
  return Object.fromEntries(files.flatMap((text) => [...parseDotenv(text, lookup).values]));
}

/** `{ test: …, disable: true }` and a test of another form are told by the rules. */
function healthcheckOf(written: WrittenService["healthcheck"]): Healthcheck | undefined {
  const test = testOf(written);
  if (!test) return undefined;
  return {
    test,
    intervalMs: optionalDuration(written?.interval),
    timeoutMs: optionalDuration(written?.timeout),
    startPeriodMs: optionalDuration(written?.start_period),
    retries: written?.retries,
  };
}

function testOf(written: WrittenService["healthcheck"]): readonly string[] | undefined {
  if (written?.disable === true) return ["NONE"];
  const { test } = written ?? {};
  return typeof test === "string" ? ["CMD-SHELL", test] : test;
}

/** `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:RETRIES`. */
function restartPolicy(written: string | undefined): RestartPolicy | undefined {
  if (written === undefined) return undefined;
  const [name = "", retries] = written.split(":");
  return { name: name as RestartPolicy["name"], maxRetries: Number(retries ?? 0) };
}

export function wordsOf(command: string | readonly string[] | undefined): readonly string[] {
  return typeof command === "string" ? (shellWords(command) ?? []) : (command ?? []);
}

function readyCheck({ ready: written, restart, healthcheck }: WrittenService) {
  if (restart === "no") return { kind: "completed" } satisfies ReadyCheck;
  return writtenCheck(written) ?? checkOfHealth(healthcheckOf(healthcheck));
}

/** dp runs the engine's check by itself: the engine would let pass its interval before the first run. */
function checkOfHealth(healthcheck: Healthcheck | undefined): ReadyCheck | undefined {
  const [form, ...words] = healthcheck?.test ?? ["NONE"];
  if (form === "NONE") return undefined;
  const command = form === "CMD-SHELL" ? ["/bin/sh", "-c", ...words] : words;
  const timeoutMs = healthcheck?.timeoutMs ?? durationOf(defaults.healthcheckTimeout);
  return { kind: "exec", command, timeoutMs };
}

function writtenCheck(written: WrittenService["ready"]): ReadyCheck | undefined {
  if (written?.http?.port !== undefined) {
    const { port, path = defaults.readyPath, status = defaults.readyStatus } = written.http;
    return { kind: "http", port, path, status };
  }
  if (written?.tcp !== undefined) return { kind: "tcp", port: written.tcp };
  if (written?.exec !== undefined) return { kind: "exec", command: wordsOf(written.exec) };
  if (written?.log !== undefined) return { kind: "log", pattern: written.log };
  return undefined;
}

export function resolveVolume(
  { file, realPathOf }: Pick<ResolveInput, "file" | "realPathOf">,
  text: string,
): ServiceVolume[] {
  const volume = parseVolume(text);
  if (volume?.kind !== "bind") return volume ? [volume] : [];
  const folder = path.dirname(file);
  const target = realPathOf(besideFile(file, volume.source));
  // A link in the folder may be changed after the check. The folder itself is kept as it was named.
  return [{ ...volume, source: path.join(folder, path.relative(realPathOf(folder), target)) }];
}

/** The absolute form of a path that is relative to the folder of pipeline.yaml. */
function besideFile(file: string, written: string): string {
  return path.resolve(path.dirname(file), written);
}
