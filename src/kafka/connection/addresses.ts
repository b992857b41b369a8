import type { Address } from "../../model/containers.ts";

/**
 * `host:port,host:port` as bootstrap.servers has it; an IPv6 address stands in brackets. Returns the
 * part that is none instead, where there is one.
 */
export function parseAddresses(text: string): readonly Address[] | { readonly wrong: string } {
  const addresses: Address[] = [];
  for (const part of text.split(",").map((each) => each.trim())) {
    const match = /^(?:[A-Za-z0-9_]+:\/\/)?(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/@[\]]+)):(\d{1,5})$/.exec(
      part,
    );
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3]);
    if (host === undefined || port < 1 || port > 65_535) return { wrong: part };
    addresses.push({ host, port });
  }
  return addresses;
}

/** `host:port`, an IPv6 address in brackets. */
export function nameOf({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
