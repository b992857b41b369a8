import type { ServiceKind } from "../stack/model.ts";

/** Labels are the stack's state (contracts: Names and labels). */
export interface StackLabels {
  readonly project: string;
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  /** Host name of the machine the file lies on. */
  readonly host: string;
  readonly version: string;
}

export interface ObjectLabels {
  /** Empty for the network. */
  readonly service: string;
  readonly kind: ServiceKind | "network";
  readonly fingerprint: string;
  readonly parts: Readonly<Record<string, string>>;
}

/** Labels for a container, network or volume. */
export function formatLabels(stack: StackLabels, object: ObjectLabels): Record<string, string> {
  return {
    "dp.project": stack.project,
    "dp.service": object.service,
    "dp.kind": object.kind,
    "dp.fingerprint": object.fingerprint,
    "dp.parts": JSON.stringify(object.parts),
    "dp.file": stack.file,
    "dp.host": stack.host,
    "dp.profile": "",
    "dp.version": stack.version,
  };
}

/** Docker Desktop groups containers by these; without a config hash no compose command takes them. */
export function formatGroupLabels(project: string, service: string): Record<string, string> {
  return {
    "com.docker.compose.project": `dp-${project}`,
    "com.docker.compose.service": service,
  };
}

export interface ParsedLabels extends ObjectLabels {
  readonly project: string;
  readonly file: string;
  readonly host: string;
}

/** The labels of one of dp's objects; undefined for somebody else's. */
export function parseLabels(
  labels: Readonly<Record<string, string>> | null | undefined,
): ParsedLabels | undefined {
  const project = labels?.["dp.project"];
  if (!labels || project === undefined) return undefined;
  return {
    project,
    service: labels["dp.service"] ?? "",
    kind: (labels["dp.kind"] ?? "network") as ObjectLabels["kind"],
    fingerprint: labels["dp.fingerprint"] ?? "",
    parts: parseParts(labels["dp.parts"]),
    file: labels["dp.file"] ?? "",
    host: labels["dp.host"] ?? "",
  };
}

function parseParts(text: string | undefined): Record<string, string> {
  try {
    return JSON.parse(text ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

/** Whose an object is, for a message: its stack, its compose project, or just its name. */
export function describeOwner(
  name: string,
  labels: Readonly<Record<string, string>> | null | undefined,
): string {
  const stack = labels?.["dp.project"];
  if (stack !== undefined) {
    return `container ${name} of the dp stack ${stack} (${labels?.["dp.file"]})`;
  }
  const compose = labels?.["com.docker.compose.project"];
  if (compose !== undefined) return `container ${name} of the compose project ${compose}`;
  return `container ${name}`;
}
