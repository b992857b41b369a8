import path from "node:path";
import type {
  AirflowSettings,
  ReadyCheck,
  ServiceSettings,
  ServiceVolume,
  StoreSettings,
} from "../../stack/settings.ts";
import { parsePort, parseVolume, shellWords } from "../container-forms.ts";
import { defaults } from "../defaults.ts";
import { optionalSize } from "../units.ts";
import { entriesOf, listOf, present, type WrittenService, type WrittenStore } from "../written.ts";
import type { ResolveInput } from "./input.ts";

export function resolveAirflow({ spec, file, ports }: ResolveInput): AirflowSettings | undefined {
  const written = present(spec.airflow);
  if (!written) return undefined;
  return {
    version: written.version ?? defaults.airflowVersion,
    port: ports === "auto" ? "auto" : (written.port ?? defaults.airflowPort),
    image: written.image,
    start: written.start ?? defaults.airflowStart,
    dags: written.dags === undefined ? undefined : besideFile(file, written.dags),
    parallelism: written.parallelism ?? defaults.airflowParallelism,
    environment: written.environment ?? {},
  };
}

export function resolveStores(input: ResolveInput): StoreSettings[] {
  return entriesOf(input.spec.stores).map(([name, written]) =>
    resolveStore({ ...input, name, written }),
  );
}

function resolveStore(
  input: Pick<ResolveInput, "file" | "ports"> & { name: string; written: WrittenStore },
): StoreSettings {
  const { name, written, file, ports } = input;
  return {
    name,
    type: written.type ?? defaults.storeType,
    version: written.version ?? defaults.postgresVersion,
    image: written.image,
    port: ports === "auto" ? "auto" : (written.port ?? defaults.postgresPort),
    database: written.database ?? name.replaceAll("-", "_"),
    user: written.user ?? defaults.storeUser,
    password: written.password ?? defaults.storePassword,
    init: listOf(written.init).map((each) => besideFile(file, each)),
    config: written.config ?? {},
    memLimitBytes: optionalSize(written.mem_limit),
  };
}

export function resolveServices(input: ResolveInput): ServiceSettings[] {
  return entriesOf(input.spec.services).map(([name, written]) =>
    resolveService({ ...input, name, written }),
  );
}

/** What can't be read is left out here, and told by the rules. */
function resolveService(
  input: Pick<ResolveInput, "file" | "ports"> & { name: string; written: WrittenService },
): ServiceSettings {
  const { name, written, file, ports } = input;
  return {
    name,
    source:
      written.build === undefined
        ? { kind: "image", ref: written.image ?? "" }
        : { kind: "build", folder: besideFile(file, written.build) },
    command: wordsOf(written.command),
    environment: written.environment ?? {},
    ports: (written.ports ?? []).flatMap((text) => {
      const port = parsePort(text);
      if (!port) return [];
      return [ports === "auto" ? { ...port, host: "auto" } : port];
    }),
    ready: readyCheck(written.ready),
    volumes: (written.volumes ?? []).flatMap((text) => resolveVolume(file, text)),
  };
}

function wordsOf(command: string | readonly string[] | undefined): readonly string[] {
  return typeof command === "string" ? (shellWords(command) ?? []) : (command ?? []);
}

function readyCheck(written: WrittenService["ready"]): ReadyCheck | undefined {
  if (written?.http?.port !== undefined) {
    const { port, path = defaults.readyPath, status = defaults.readyStatus } = written.http;
    return { kind: "http", port, path, status };
  }
  if (written?.tcp !== undefined) return { kind: "tcp", port: written.tcp };
  if (written?.exec !== undefined) return { kind: "exec", command: wordsOf(written.exec) };
  if (written?.log !== undefined) return { kind: "log", pattern: written.log };
  return undefined;
}

function resolveVolume(file: string, text: string): ServiceVolume[] {
  const volume = parseVolume(text);
  if (volume?.kind !== "bind") return volume ? [volume] : [];
  return [{ ...volume, source: besideFile(file, volume.source) }];
}

/** The absolute form of a path that is relative to the folder of pipeline.yaml. */
function besideFile(file: string, written: string): string {
  return path.resolve(path.dirname(file), written);
}
