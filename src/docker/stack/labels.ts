import type { ServiceKind } from "../../model/containers.ts";
import type { ReadyCheck } from "../../model/settings.ts";

/** Labels are the stack's state (contracts: Names and labels). */
export interface StackLabels {
  readonly project: string;
  /** Absolute path of the pipeline.yaml. */
  readonly file: string;
  /** Host name of the machine the file lies on. */
  readonly host: string;
  /** Profile of the `dp up` that made the object. */
  readonly profile?: string | undefined;
  readonly version: string;
}

export interface ObjectLabels {
  /** Empty for the network. */
  readonly service: string;
  readonly kind: ServiceKind | "network";
  readonly fingerprint: string;
  readonly parts: Readonly<Record<string, string>>;
  /** How a service of the user's shows that it is ready: asked again long after its start. */
  readonly ready?: ReadyCheck;
  /** Names of the groups that it started after, and stops before. */
  readonly dependsOn?: readonly string[];
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
    "dp.profile": stack.profile ?? "",
    "dp.version": stack.version,
    ...(object.ready ? { "dp.ready": JSON.stringify(object.ready) } : {}),
    ...(object.dependsOn ? { "dp.depends-on": object.dependsOn.join(",") } : {}),
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
  readonly profile: string;
}

/** The labels of one of dp's objects; undefined for somebody else's. */
export function parseLabels(
  labels: Readonly<Record<string, string>> | null | undefined,
): ParsedLabels | undefined {
  const project = labels?.["dp.project"];
  if (!labels || project === undefined) return undefined;
  const ready = parseJson(labels["dp.ready"]) as ReadyCheck | undefined;
  const dependsOn = labels["dp.depends-on"]?.split(",");
  return {
    project,
    service: labels["dp.service"] ?? "",
    kind: (labels["dp.kind"] ?? "network") as ObjectLabels["kind"],
    fingerprint: labels["dp.fingerprint"] ?? "",
    parts: (parseJson(labels["dp.parts"]) ?? {}) as Record<string, string>,
    file: labels["dp.file"] ?? "",
    host: labels["dp.host"] ?? "",
    profile: labels["dp.profile"] ?? "",
    ...(ready ? { ready } : {}),
    ...(dependsOn ? { dependsOn } : {}),
  };
}

/** Undefined for what is missing, or is no JSON. */
function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whose an object is, for a message: its stack, its compose project, or just its name. */
export function describeOwner(
  name: string,
  labels: Readonly<Record<string, string>> | null | undefined,
): string {
  const stack = describeStack(labels);
  return `container ${name}${stack === undefined ? "" : ` of ${stack}`}`;
}

/** The stack or compose project that has made an object; undefined where no label tells. */
export function describeStack(
  labels: Readonly<Record<string, string>> | null | undefined,
): string | undefined {
  const stack = labels?.["dp.project"];
  if (stack !== undefined) return `the dp stack ${stack} (${labels?.["dp.file"]})`;
  const compose = labels?.["com.docker.compose.project"];
  return compose === undefined ? undefined : `the compose project ${compose}`;
}
