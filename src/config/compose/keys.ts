import { missingComposeKey, missingComposeKeys } from "../compose-keys.ts";
import { nearest } from "../../stack/nearest.ts";
import type { Context } from "./context.ts";
import type { PlannedService } from "./plan.ts";
import { entriesOf, type Tree } from "./tree.ts";

/** Keys of a Compose service that dp's services have, too, or that the conversion reads. */
const knownKeys = [
  "image",
  "build",
  "entrypoint",
  "command",
  "user",
  "environment",
  "env_file",
  "hostname",
  "extra_hosts",
  "working_dir",
  "ulimits",
  "container_name",
  "logging",
  "ports",
  "healthcheck",
  "depends_on",
  "restart",
  "mem_limit",
  "cpus",
  "stop_grace_period",
  "volumes",
  "extends",
  ...missingComposeKeys,
];

/** The forms of keys that are read part by part. Compose rejects any other form. */
const forms: Readonly<Record<string, readonly Tree["kind"][]>> = {
  build: ["scalar", "map"],
  command: ["scalar", "list"],
  depends_on: ["list", "map"],
  deploy: ["map"],
  entrypoint: ["scalar", "list"],
  env_file: ["scalar", "list"],
  environment: ["list", "map"],
  extra_hosts: ["list", "map"],
  healthcheck: ["map"],
  ports: ["list"],
  ulimits: ["map"],
  volumes: ["list"],
};

/** Reads a key of a service; what is not kept becomes a note. */
export type KeyReaders = Readonly<Record<string, (tree: Tree) => void>>;

/** Reads the keys of a service: by their reader, else the key is dropped with a reason. */
export function readKeys(input: {
  readonly service: PlannedService;
  readonly context: Context;
  readonly readers: KeyReaders;
  /** Why a key is dropped, where the section has a reason of its own. */
  readonly reasons: Readonly<Record<string, string>>;
}): void {
  const { service, context, readers, reasons } = input;
  for (const [key, tree] of entriesOf(service.tree)) {
    // Extension fields have no effect in Compose, either.
    if (key.startsWith("x-")) continue;
    const misfit = describeMisfit(key, tree);
    if (misfit !== undefined) {
      context.notes.drop({ service: service.name, key, at: tree.at, reason: misfit });
      continue;
    }
    const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (reader) {
      reader(tree);
      continue;
    }
    const own = Object.hasOwn(reasons, key) ? reasons[key] : undefined;
    const reason = own ?? describeMissing(key);
    context.notes.drop({ service: service.name, key, at: tree.at, reason });
  }
}

/** Why a value has another form than Compose accepts; a key without a value has none. */
function describeMisfit(key: string, tree: Tree): string | undefined {
  const expected = forms[key] ?? ["scalar", "list", "map"];
  const isEmpty = tree.kind === "scalar" && tree.isNull;
  if (isEmpty || expected.includes(tree.kind)) return undefined;
  const names = expected.map((kind) => (kind === "scalar" ? "text" : kind));
  return `invalid form: must be a ${names.join(" or a ")}`;
}

function describeMissing(key: string): string {
  const missing = missingComposeKey(key);
  if (!missing) {
    if (knownKeys.includes(key)) return "dp sets this itself";
    const guess = nearest(key, knownKeys);
    return `unknown key${guess === undefined ? "" : `; did you mean ${guess}?`}`;
  }
  if (missing.instead?.startsWith("all services") === true) return missing.instead;
  return `not supported${missing.instead === undefined ? "" : `: ${missing.instead}`}`;
}

/** Reasons of the sections that dp runs itself. */
export const sectionReasons: Readonly<Record<string, string>> = {
  container_name: "dp names its containers itself",
  hostname: "dp names its containers itself",
  healthcheck: "dp has its own readiness check",
  depends_on: "dp starts its sections in the right order",
  restart: "dp sets the restart policy of its sections",
  command: "dp starts the program itself",
  entrypoint: "dp starts the program itself",
  user: "dp sets the user of its images",
  working_dir: "dp sets the working directory of its images",
  volumes: "dp keeps the data in its own volume; data of Compose is not copied",
  env_file: "variables of files are not read for this section",
  logging: "dp reads the log driver of the engine",
  ulimits: "dp sets the limits of its sections",
  extra_hosts: "only services have extra_hosts",
  stop_grace_period: "dp sets the grace period of its sections",
  cpus: "only services have cpus",
  build: "dp uses its own image",
  expose: "containers reach each other on every port",
  profiles: "the section is in every profile",
};
