import { createHash } from "node:crypto";
import type { ConfigFile, ContainerSpec } from "./model.ts";
import { parseProperties } from "./properties.ts";

/** Name of a part of a container → hash of its value. Labels carry names and hashes only. */
export type Parts = Readonly<Record<string, string>>;

/** 12 hex digits of SHA-256. */
export function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, 12);
}

/** All that makes a container what it is; a change of any of it means a new container. */
export function partsOf(spec: ContainerSpec): Parts {
  const values: Record<string, string> = {
    image: spec.image.id,
    command: JSON.stringify(spec.command),
    ports: JSON.stringify(
      spec.ports.map(({ hostIp, hostPort, containerPort }) => [hostIp, hostPort, containerPort]),
    ),
    volumes: JSON.stringify(spec.volumes.map(({ name, target }) => [name, target])),
    mem_limit: String(spec.memLimitBytes ?? "none"),
    stop_timeout: String(spec.stopTimeoutS),
  };
  if (spec.binds.length > 0) {
    const binds = spec.binds.map(({ source, target, readOnly }) => [source, target, readOnly]);
    values["binds"] = JSON.stringify(binds);
  }
  if (spec.ready) values["ready"] = JSON.stringify(spec.ready);
  for (const [name, value] of Object.entries(spec.environment)) values[`env.${name}`] = value;
  for (const file of spec.files) Object.assign(values, fileParts(file));
  return hashValues(values);
}

/** Traits of the data on a volume, as hashed parts (contracts: Changes). */
export function traitParts(spec: ContainerSpec): Parts {
  const entries = Object.entries(spec.dataTraits);
  return hashValues(Object.fromEntries(entries.map(([name, value]) => [`trait.${name}`, value])));
}

/** A properties file counts key by key, so that a plan can name the key that changed. */
function fileParts(file: ConfigFile): Record<string, string> {
  if (file.once) return {};
  const name = file.path.slice(file.path.lastIndexOf("/") + 1);
  if (!/\.(properties|cfg)$/.test(name)) return { [`file.${name}`]: file.content };
  const properties = Object.entries(parseProperties(file.content));
  return Object.fromEntries(properties.map(([key, value]) => [`file.${name}#${key}`, value]));
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

/** What differs between two containers, in words: `server.properties num.io.threads changed`. */
export function describeDifference(before: Parts, after: Parts): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.flatMap((name) => {
    if (before[name] === after[name]) return [];
    const verb =
      before[name] === undefined ? "added" : after[name] === undefined ? "removed" : "changed";
    return [`${readablePart(name)} ${verb}`];
  });
}

function readablePart(name: string): string {
  return name.replace(/^(env|file)\./, "").replace("#", " ");
}
