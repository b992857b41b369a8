import type { Context } from "./context.ts";
import type { PlannedService } from "./plan.ts";
import { childOf, itemsOf, splitAtColons, textOf, type Place, type Tree } from "./tree.ts";

/** A published port of a Compose file. */
export interface PublishedPort {
  readonly address: string | undefined;
  /** As written, with references; undefined for a free port. */
  readonly host: string | undefined;
  readonly container: string;
  readonly at: Place;
}

/** The published ports of a service. Ranges and UDP are dropped: dp publishes single TCP ports. */
export function readPorts(
  tree: Tree,
  { service, context }: { service: PlannedService; context: Context },
): PublishedPort[] {
  const { notes, values } = context;
  return itemsOf(tree).flatMap((item) => {
    const written = item.kind === "map" ? readLong(item) : readShort(textOf(item) ?? "");
    const at = item.at;
    const shown = [written.address, written.host, written.container].filter(Boolean).join(":");
    const note = { service: service.name, key: `ports ${shown}`, at };
    if (written.protocol === "udp") {
      notes.drop({ ...note, reason: "dp publishes TCP ports only" });
      return [];
    }
    const { host, container } = written;
    if ([host ?? "", container].some((text) => /\d-\d/.test(values.evaluate(text)))) {
      notes.drop({ ...note, reason: "dp publishes single ports: write each port of the range" });
      return [];
    }
    const keep = (text: string): string =>
      values.convert({ service: service.name, key: "ports", text, at });
    const address = written.address === undefined ? undefined : keep(written.address);
    return [
      {
        address,
        host: host === undefined ? undefined : keep(host),
        container: keep(container),
        at,
      },
    ];
  });
}

interface WrittenPort {
  readonly address: string | undefined;
  readonly host: string | undefined;
  readonly container: string;
  readonly protocol: string | undefined;
}

/** `[[ADDRESS:][HOST]:]CONTAINER[/PROTOCOL]` */
function readShort(text: string): WrittenPort {
  const [, ports = "", protocol] = /^(.*?)(?:\/(tcp|udp))?$/.exec(text) ?? [];
  const [, bracketed, rest = ""] = /^(?:(\[[^\]]*\]):)?(.*)$/.exec(ports) ?? [];
  const parts = splitAtColons(rest);
  const container = parts.pop() ?? "";
  const host = parts.pop() || undefined;
  return { address: bracketed ?? parts.pop(), host, container, protocol };
}

function readLong(tree: Tree): WrittenPort {
  const text = (key: string) => textOf(childOf(tree, key));
  return {
    address: text("host_ip"),
    host: text("published"),
    container: text("target") ?? "",
    protocol: text("protocol"),
  };
}

/**
 * The port on this machine of a section that publishes one port, `auto` when Compose publishes none. The
 * others are dropped.
 */
export function sectionPort(input: {
  readonly ports: readonly PublishedPort[];
  /** The ports of the container that mean the section's own one. */
  readonly own: readonly string[];
  readonly service: PlannedService;
  readonly context: Context;
  /** Why other ports are not published. */
  readonly reason: string;
}): number | string {
  const { ports, own, service, context, reason } = input;
  const evaluate = (port: PublishedPort) => context.values.evaluate(port.container);
  const chosen = ports.find((port) => own.includes(evaluate(port)));
  for (const port of ports) {
    if (port !== chosen) noteDropped(port, { service, context, reason });
  }
  return toPort(chosen?.host);
}

export function noteDropped(
  port: PublishedPort,
  { service, context, reason }: { service: PlannedService; context: Context; reason: string },
): void {
  const key = `ports ${port.host === undefined ? "" : `${port.host}:`}${port.container}`;
  context.notes.drop({ service: service.name, key, at: port.at, reason });
}

export function toPort(host: string | undefined): number | string {
  if (host === undefined) return "auto";
  return /^\d+$/.test(host) ? Number(host) : host;
}
