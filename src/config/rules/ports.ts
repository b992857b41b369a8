import { isIP } from "node:net";
import { parsePort } from "../container-forms.ts";
import { defaults } from "../defaults.ts";
import type { Path } from "../../stack/path.ts";
import { zookeeperService } from "../../stack/names.ts";
import { entriesOf } from "../written.ts";
import type { Found, Rule, RuleInput } from "./rule.ts";

interface HostPort {
  readonly hostIp: string;
  readonly port: number;
  readonly service: string;
  readonly path: Path;
}

export const portListFits: Rule = ({ spec, stack }) => {
  const written = spec.kafka ? spec.kafka.port : undefined;
  const brokers = stack.kafka?.brokers ?? 0;
  if (!Array.isArray(written) || written.length === brokers) return [];
  return [
    {
      path: ["kafka", "port"],
      message: `${count(written.length, "port")} for ${count(brokers, "broker")}`,
      hint: "list one port for each broker, or write only the first one",
      given: [["kafka", "brokers"]],
    },
  ];
};

/** Ports below 1024 need rights that a rootless engine does not have. */
export const portsAreUnprivileged: Rule = (input) =>
  hostPorts(input)
    .filter(({ port }) => port < 1024)
    .map(({ port, service, path }) => ({
      path,
      message: `port ${port} of ${service} is privileged`,
      hint: "choose a port from 1024 to 65535, or auto",
    }));

export const portsExist: Rule = (input) =>
  hostPorts(input)
    .filter(({ port }) => port > 65_535)
    .map(({ port, service, path }) => ({
      path,
      message: `port ${port} of ${service} is above 65535`,
      hint: `each broker gets ${defaults.kafkaPortStep} more than the one before: begin lower, or list the ports`,
      given: [["kafka", "brokers"]],
    }));

export const portsDiffer: Rule = (input) => {
  const owners: HostPort[] = [];
  const found: Found[] = [];
  for (const current of hostPorts(input)) {
    const first = owners.find((owner) => collide(owner, current));
    if (!first) {
      owners.push(current);
      continue;
    }
    found.push({
      path: current.path,
      message: `port ${current.port} is used twice: by ${first.service} and by ${current.service}`,
      hint: "choose another port, or auto",
      given: [first.path, ["kafka", "brokers"]],
    });
  }
  return found;
};

/** Two ports of one number live side by side only on two addresses that are named. */
function collide(one: HostPort, other: HostPort): boolean {
  if (one.port !== other.port || isIP(one.hostIp) !== isIP(other.hostIp)) return false;
  const isAny = ({ hostIp }: HostPort) => hostIp === "0.0.0.0" || hostIp === "::";
  return one.hostIp === other.hostIp || isAny(one) || isAny(other);
}

function hostPorts({ spec, stack }: RuleInput): HostPort[] {
  const isList = Boolean(spec.kafka) && Array.isArray(spec.kafka && spec.kafka.port);
  const own = [
    ...(stack.zookeeper?.ports ?? []).map((port, index) => ({
      port,
      service: stack.zookeeper?.nodes === 1 ? "zookeeper" : zookeeperService(index + 1),
      path: ["zookeeper", "port"],
    })),
    ...(stack.kafka?.ports ?? []).map((port, index) => ({
      port,
      service: `kafka-${index + 1}`,
      path: isList ? ["kafka", "port", index] : ["kafka", "port"],
    })),
    { port: stack.airflow?.port, service: "airflow", path: ["airflow", "port"] },
    ...stack.stores.map(({ name, port }) => ({
      port,
      service: name,
      path: ["stores", name, "port"],
    })),
  ].map((each) => ({ ...each, hostIp: "127.0.0.1" }));
  const ofServices = entriesOf(spec.services).flatMap(([name, { ports = [] }]) =>
    ports.map((text, index) => {
      const { host, hostIp = "" } = parsePort(text) ?? {};
      return { port: host, hostIp, service: name, path: ["services", name, "ports", index] };
    }),
  );
  return [...own, ...ofServices].flatMap(({ port, ...rest }) =>
    typeof port === "number" ? [{ port, ...rest }] : [],
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
