import { isIP } from "node:net";
import type { ExtraHost, NetworkAlias, ServicePort } from "../model/settings.ts";

/** The short forms that Compose has for ports, volumes and commands of a container. */

const loopback = "127.0.0.1";

/**
 * A published port, undefined when the text has another form:
 *
 *     [ [ADDRESS ":"] [HOST] ":" ] CONTAINER        IPv6 addresses stand in brackets
 *
 * Without a host port it is a free one; without an address it is on loopback only.
 */
export function parsePort(text: string): ServicePort | undefined {
  const match = /^(?:(?:(\[[^\]]*\]|[^:]*):)?(\d*):)?(\d+)$/.exec(text);
  const containerPort = portNumber(match?.[3]);
  const written = match?.[2] || undefined;
  const host = written === undefined ? "auto" : portNumber(written);
  const hostIp = match?.[1]?.replaceAll(/[[\]]/g, "") ?? loopback;
  const isReadable = containerPort !== undefined && host !== undefined && isIP(hostIp) > 0;
  if (!isReadable) return undefined;
  return { containerPort, hostIp, host };
}

function portNumber(text: string | undefined): number | undefined {
  const number = Number(text);
  return number >= 1 && number <= 65_535 ? number : undefined;
}

/**
 * A name and a port inside the network, undefined when the text has another form:
 *
 *     NAME ":" PORT            letters, digits, "-", "_" and ".", with a letter or digit at both ends
 */
export function parseAlias(text: string): NetworkAlias | undefined {
  const [, name = "", written] =
    /^([a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?):(\d+)$/i.exec(text) ?? [];
  const port = portNumber(written);
  return port === undefined ? undefined : { name, port };
}

/**
 * A line of `/etc/hosts`, undefined when the text has another form:
 *
 *     NAME ( ":" | "=" ) ( ADDRESS | "host-gateway" )    brackets around an IPv6 address are optional
 */
export function parseExtraHost(text: string): ExtraHost | undefined {
  const [, name, written = ""] = /^([a-z0-9][a-z0-9._-]*)[:=](\S+)$/i.exec(text) ?? [];
  const address = written.replace(/^\[(.*)\]$/, "$1");
  const isAddress = address === "host-gateway" || isIP(address) > 0;
  return name === undefined || !isAddress ? undefined : { name, address };
}

export type WrittenVolume =
  | { readonly kind: "volume"; readonly name: string; readonly target: string }
  /** `source` is as written. */
  | {
      readonly kind: "bind";
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
    };

/**
 * A volume, undefined when the text has another form:
 *
 *     NAME ":" TARGET
 *     PATH ":" TARGET [":" ("ro" | "rw")]           a path begins with ".", "/" or "~"
 */
export function parseVolume(text: string): WrittenVolume | undefined {
  const [, source = "", target, mode] = /^([^:]+):(\/[^:]*)(?::(ro|rw))?$/.exec(text) ?? [];
  if (target === undefined) return undefined;
  if (/^[./~]/.test(source)) return { kind: "bind", source, target, readOnly: mode === "ro" };
  const isName = /^[a-z0-9][a-z0-9_.-]*$/i.test(source) && mode === undefined;
  return isName ? { kind: "volume", name: source, target } : undefined;
}

/**
 * The words of a command as a shell splits them: blanks separate, 'single' and "double" quotes
 * hold together, a backslash takes the next character as it is (inside double quotes only before
 * `"`, `\`, `$` and `` ` ``). Nothing is filled in. Undefined when a quote is not closed.
 */
export function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  const part = /\s+|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)/gy;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (!match) return undefined;
    const [whole, single, double, escaped, bare] = match;
    const piece = single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? escaped ?? bare;
    if (piece !== undefined) word = (word ?? "") + piece;
    else if (word !== undefined && whole.trim() === "") {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}
