import { createHash } from "node:crypto";
import type { ConfigFile, ContainerSpec } from "../model/containers.ts";
import { parseDirectives, parseProperties } from "./properties.ts";

/** Name of a part of a container → hash of its value. Labels carry names and hashes only. */
export type Parts = Readonly<Record<string, string>>;

/** 12 hex digits of SHA-256. */
export function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, 12);
}

/** All that makes a container what it is; a change of any of it means a new container. */
export function partsOf(spec: ContainerSpec): Parts {
  const values: Record<string, string> = {
    image: spec.image.packagesOn ?? spec.image.id,
    command: JSON.stringify(spec.command),
    ports: JSON.stringify(
      spec.ports.map(({ hostIp, hostPort, containerPort }) => [hostIp, hostPort, containerPort]),
    ),
    volumes: JSON.stringify(spec.volumes.map(({ name, target }) => [name, target])),
    mem_limit: String(spec.memLimitBytes ?? "none"),
    stop_timeout: String(spec.stopTimeoutS),
  };
  const { image } = spec;
  if (image.packagesOn !== undefined) values["requirements"] = `${image.ref} ${image.id}`;
  if (spec.binds.length > 0) {
    const binds = spec.binds.map(({ source, target, readOnly }) => [source, target, readOnly]);
    values["binds"] = JSON.stringify(binds);
  }
  if (spec.entrypoint) values["entrypoint"] = JSON.stringify(spec.entrypoint);
  if (spec.aliases) values["aliases"] = JSON.stringify(spec.aliases);
  if (spec.cpus !== undefined) values["cpus"] = String(spec.cpus);
  if (spec.user !== undefined) values["user"] = spec.user;
  if (spec.hostname !== undefined) values["hostname"] = spec.hostname;
  if (spec.workingDir !== undefined) values["working_dir"] = spec.workingDir;
  if (spec.extraHosts) values["extra_hosts"] = JSON.stringify(spec.extraHosts);
  if (spec.ulimits) values["ulimits"] = JSON.stringify(spec.ulimits);
  if (spec.engineSocket !== undefined) values["engine_socket"] = spec.engineSocket;
  if (spec.restart) values["restart"] = JSON.stringify(spec.restart);
  if (spec.healthcheck) values["healthcheck"] = JSON.stringify(spec.healthcheck);
  // A container carries its dependencies, because it has to stop before them.
  if (spec.startsAfter) values["depends_on"] = JSON.stringify(spec.startsAfter);
  // That a one-shot must complete is said by `restart`.
  const { ready } = spec;
  if (ready && ready.kind !== "completed") values["ready"] = JSON.stringify(ready);
  for (const [name, value] of Object.entries(spec.environment)) values[`env.${name}`] = value;
  for (const file of spec.files) Object.assign(values, fileParts(file));
  return hashValues(values);
}

/** Traits of the data on a volume, as hashed parts (contracts: Changes). */
export function traitParts(spec: ContainerSpec): Parts {
  const entries = Object.entries(spec.dataTraits);
  return hashValues(Object.fromEntries(entries.map(([name, value]) => [`trait.${name}`, value])));
}

/** A file of settings counts key by key, so that a plan can name the key that changed. */
function fileParts(file: ConfigFile): Record<string, string> {
  if (file.once) return {};
  const name = file.path.slice(file.path.lastIndexOf("/") + 1);
  const parse = parsers[name.slice(name.lastIndexOf(".") + 1)];
  if (!parse) return { [`file.${name}`]: file.content };
  const properties = Object.entries(parse(file.content));
  return Object.fromEntries(properties.map(([key, value]) => [`file.${name}#${key}`, value]));
}

/** By the ending of the file's name. */
const parsers: Readonly<Record<string, (text: string) => Record<string, string>>> = {
  properties: parseProperties,
  cfg: parseProperties,
  conf: parseDirectives,
  json: parseJson,
};

/** The entries of a JSON object, each as text. */
function parseJson(text: string): Record<string, string> {
  const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, value]) => [key, JSON.stringify(value)]));
}

function hashValues(values: Readonly<Record<string, string>>): Parts {
  return Object.fromEntries(
    Object.entries(values)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, hashOf(value)]),
  );
}

export function fingerprintOf(parts: Parts): string {
  return hashOf(JSON.stringify(Object.entries(parts).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

const verbs = ["changed", "added", "removed"] as const;

/**
 * What differs between two containers, in words and by place:
 * `server.properties: log.retention.ms, num.io.threads changed, num.network.threads added`.
 */
export function describeDifference(before: Parts, after: Parts): string {
  const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((part) => before[part] !== after[part])
    .toSorted()
    .map((part) => ({ ...placeOf(part), verb: verbOf(before[part], after[part]) }));
  const places = [...new Set(differing.map(({ place }) => place))].map((place) => {
    const here = differing.filter((one) => one.place === place);
    const told = verbs.flatMap((verb) => {
      const keys = here.filter((one) => one.verb === verb).map(({ key }) => key);
      return keys.length === 0 ? [] : [`${keys.join(", ")} ${verb}`.trim()];
    });
    return here[0]?.key === "" ? `${place} ${told.join()}` : `${place}: ${told.join(", ")}`;
  });
  return places.join("; ");
}

function verbOf(before: string | undefined, after: string | undefined): (typeof verbs)[number] {
  if (before === undefined) return "added";
  return after === undefined ? "removed" : "changed";
}

/** `file.server.properties#a` is the key `a` of `server.properties`; a part without a key is a place. */
function placeOf(part: string): { readonly place: string; readonly key: string } {
  if (part.startsWith("env.")) return { place: "environment", key: part.slice("env.".length) };
  const [place = "", key = ""] = part.replace(/^file\./, "").split("#", 2);
  return { place, key };
}
