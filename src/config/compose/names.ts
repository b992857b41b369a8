import { controllerPort, externalPort, internalPort } from "../../stack/services/kafka.ts";
import { storePorts } from "../../stack/store-login.ts";
import { parseAlias } from "../container-forms.ts";
import type { Notes } from "./notes.ts";
import type { WrittenText } from "./values.ts";

/** How other services of the Compose file reach a service, and where it is in pipeline.yaml. */
export interface Host {
  /** A name in the Compose network: of the service, its container, or an alias. */
  readonly name: string;
  readonly target:
    | { readonly kind: "kafka"; readonly ports: readonly number[] }
    | {
        readonly kind: "zookeeper" | "airflow" | "service" | "s3" | "postgres" | "redis";
        readonly name: string;
      };
}

/** Addresses in texts, and the additional addresses of the brokers that they need. */
export interface Names {
  /** The text with the addresses of pipeline.yaml. */
  readonly rewrite: (written: WrittenText) => string;
  /** Makes an address of a broker known, and returns the one to use. */
  readonly brokerAddress: (host: string, port: number) => string;
  /** `kafka.aliases`. */
  readonly aliases: () => readonly string[];
}

/** A variable whose whole value can be a host. */
const hostVariable = /HOST|ADDR|SERVER|ENDPOINT|BROKER/i;

export function createNames(input: {
  readonly hosts: readonly Host[];
  readonly brokers: number;
  readonly notes: Notes;
}): Names {
  const { hosts, brokers, notes } = input;
  const aliases = new Set<string>();
  const targets = new Map(hosts.map(({ name, target }) => [name, target]));

  const brokerAddress = (host: string, port: number): string => {
    // dp has other listeners on these ports.
    const used = [controllerPort, externalPort].includes(port) ? internalPort : port;
    const [, number] = /^kafka-(\d+)$/.exec(host) ?? [];
    const isBroker = number !== undefined && Number(number) >= 1 && Number(number) <= brokers;
    const name = number === undefined || isBroker ? host : "kafka";
    const alias = `${isBroker ? "kafka" : name}:${used}`;
    if (alias !== `kafka:${internalPort}` && parseAlias(alias)) aliases.add(alias);
    return `${name}:${used}`;
  };

  const addressOf = (host: string, port: number, written: WrittenText): string => {
    const target = targets.get(host);
    if (!target) return `${host}:${port}`;
    if (target.kind !== "kafka") return `${target.name}:${portOf(target.kind, port)}`;
    if (target.ports.includes(port)) return brokerAddress(host, port);
    const reason = `nothing listens at ${host}:${port} in dp, which has brokers only`;
    notes.check({ ...written, reason });
    return `${host}:${port}`;
  };

  const nameOf = (host: string): string => {
    const target = targets.get(host);
    return target && target.kind !== "kafka" ? target.name : host;
  };

  const form = hostForm([...targets.keys()]);
  return {
    brokerAddress,
    aliases: () => [...aliases],
    rewrite: (written) => {
      if (!form) return written.text;
      const changed = new Set<string>();
      const isHost = targets.has(written.text) && hostVariable.test(written.key);
      const replace = (found: string): string => {
        const [, host = "", separator = "", port] = /^(.*?)(?:(:|%3A)(\d+))?$/i.exec(found) ?? [];
        const address =
          port === undefined
            ? nameOf(host)
            : addressOf(host, Number(port), written).replace(":", () => separator);
        if (address !== found) changed.add(address.replace(/%3A/i, ":"));
        return address;
      };
      const text = isHost ? replace(written.text) : written.text.replaceAll(form, replace);
      if (changed.size > 0) {
        const reason = `the address in pipeline.yaml is ${[...changed].join(", ")}`;
        notes.change({ ...written, reason });
      }
      return text;
    },
  };
}

/** The port at which a section of dp is reached inside the network. */
function portOf(kind: Exclude<Host["target"]["kind"], "kafka">, written: number): number {
  if (kind === "s3") return storePorts.s3;
  return kind === "zookeeper" ? 2181 : written;
}

/** A host before a port, or behind `//` or `@`, where an address has it. */
function hostForm(names: readonly string[]): RegExp | undefined {
  if (names.length === 0) return undefined;
  const any = names
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replaceAll(/[-.]/g, String.raw`\$&`))
    .join("|");
  return new RegExp(
    String.raw`(?<=^|%2F|%40|[^\w.$-])(?:${any})(?::|%3A)\d+(?!\.?\w)|(?<=\/\/|@)(?:${any})(?![\w.:%-])`,
    "g",
  );
}
