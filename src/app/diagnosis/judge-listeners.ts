import type { Address } from "../../model/containers.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";
import type { Answer, Failure } from "../../kafka/cluster/inside-answers.ts";

/** A broker of a stack, and what was found on asking for it. */
export interface BrokerFacts {
  readonly id: number;
  readonly service: string;
  /** `running`, or another state of its container. */
  readonly state: string;
  /** Why it does not run, as `dp status` says it; undefined for one that runs. */
  readonly reason: string | undefined;
  /** Where its port is published on this machine. */
  readonly published: Address | undefined;
  /** Who listens on that port, as far as this machine tells. */
  readonly portOwner: string | undefined;
}

export interface ListenerFacts {
  readonly brokers: readonly BrokerFacts[];
  /** The port of the listener for other containers. */
  readonly internalPort: number;
  /** By `host:port`, as dialled from this machine. */
  readonly outside: ReadonlyMap<string, Answer>;
  /** By `host:port`, as dialled from a container; a text when no container could be used. */
  readonly inside: ReadonlyMap<string, Answer> | string;
  readonly remote: boolean;
  /** Why `dp up` would be refused, and what to do instead; undefined when it would not. */
  readonly refusal: Refusal | undefined;
}

export interface Refusal {
  readonly why: string;
  readonly next: string | undefined;
}

export function formatAddress({ host, port }: Address): string {
  return `${host}:${port}`;
}

/** For each broker: what a client on this machine meets, and what one in the network meets. */
export function judgeListeners(facts: ListenerFacts): Finding[] {
  return facts.brokers.flatMap((broker) => {
    if (broker.state !== "running") return [judgeStopped(broker, facts)];
    return [judgeOutside(broker, facts), judgeInside(broker, facts)];
  });
}

function judgeStopped(
  { service, state, reason }: BrokerFacts,
  { refusal }: ListenerFacts,
): Finding {
  const detail = `does not run: ${reason ?? state}`;
  const evidence = refusal ? [`dp up is refused: ${refusal.why}`] : [];
  const mend = refusal ? refusal.next : `dp up; dp logs ${service}`;
  return problem(`${service} listeners`, detail, { evidence, mend });
}

/** The listener is written by dp: a container that has another one was changed since. */
const recreate = (service: string): string => `dp up --recreate ${service}`;

function judgeOutside(broker: BrokerFacts, facts: ListenerFacts): Finding {
  const { service, published, portOwner } = broker;
  const check = `${service} from here`;
  if (!published) {
    return problem(check, "publishes no port on this machine", { mend: recreate(service) });
  }
  const at = formatAddress(published);
  const answer = facts.outside.get(at);
  if (answer?.kind !== "view") {
    const mend = facts.remote
      ? `the engine is on another machine: ssh -L ${published.port}:127.0.0.1:${published.port} HOST`
      : `dp logs ${service}; ${recreate(service)}`;
    const evidence =
      portOwner === undefined ? [] : [`${portOwner} listens on port ${published.port}`];
    return problem(check, `${at} ${explain(answer, { at, side: "outside" })}`, { evidence, mend });
  }
  return judgeAdvertised({
    check,
    broker,
    answer,
    asked: at,
    expected: at,
    facts,
    side: "outside",
  });
}

function judgeInside(broker: BrokerFacts, facts: ListenerFacts): Finding {
  const { service } = broker;
  const check = `${service} inside`;
  const { inside, internalPort } = facts;
  if (typeof inside === "string") return warning(check, `could not be asked: ${inside}`);
  const at = `${service}:${internalPort}`;
  const answer = inside.get(at);
  if (answer?.kind !== "view") {
    const detail = `${at} ${explain(answer, { at, side: "inside" })}`;
    return problem(check, detail, { mend: `dp logs ${service}; ${recreate(service)}` });
  }
  return judgeAdvertised({ check, broker, answer, asked: at, expected: at, facts, side: "inside" });
}

interface Advertised {
  readonly check: string;
  readonly broker: BrokerFacts;
  readonly answer: Extract<Answer, { kind: "view" }>;
  readonly asked: string;
  /** What it should advertise on this side. */
  readonly expected: string;
  readonly side: "outside" | "inside";
  readonly facts: ListenerFacts;
}

function judgeAdvertised(of: Advertised): Finding {
  const { check, broker, answer, asked, expected, side, facts } = of;
  const { service, id } = broker;
  const { brokers: nodes, clusterId } = answer.view;
  const evidence = nodes.map(
    (node) => `${asked} says: broker ${node.id} is at ${formatAddress(node)}`,
  );
  const own = nodes.find((node) => node.id === id);
  if (!own) {
    const known = nodes.map((node) => node.id).join(", ") || "none";
    const detail = `${asked} answers, and knows brokers ${known}, not broker ${id}`;
    return problem(check, detail, { evidence, mend: `dp health; dp logs ${service}` });
  }
  const advertised = formatAddress(own);
  const dialled = (side === "outside" ? facts.outside : facts.inside) as ReadonlyMap<
    string,
    Answer
  >;
  const reached = dialled.get(advertised);
  const mend = recreate(service);
  if (side === "inside" && isLoopback(own.host)) {
    const detail = `advertises ${advertised} to other containers: there that is the container itself`;
    return problem(check, detail, { evidence, mend });
  }
  if (reached?.kind !== "view") {
    const why = explain(reached, { at: advertised, side });
    const detail = `advertises ${advertised}, where a client goes next: it ${why}`;
    return problem(check, detail, { evidence, mend });
  }
  if (reached.view.clusterId !== clusterId) {
    const detail = `advertises ${advertised}, where another cluster answers (${reached.view.clusterId}, not ${clusterId})`;
    return problem(check, detail, { evidence, mend });
  }
  if (advertised !== expected) {
    const detail = `advertises ${advertised}, ${side === "outside" ? `but its port is published as ${expected}` : `not ${expected}`}`;
    return problem(check, detail, { evidence, mend });
  }
  const missing = facts.brokers.filter((one) => !nodes.some((node) => node.id === one.id));
  if (missing.length > 0) {
    const detail = `does not know ${missing.map((one) => one.service).join(", ")}`;
    return problem(check, detail, { evidence, mend: "dp health" });
  }
  return ok(check, `advertises ${advertised}, and answers there`, evidence);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host.startsWith("127.") || host === "::1";
}

/** Why an address leads nowhere, as the rest of a sentence about it. */
function explain(
  answer: Answer | undefined,
  { at, side }: { readonly at: string; readonly side: "outside" | "inside" },
): string {
  if (answer === undefined) return "was not asked";
  if (answer.kind === "view") return "answers";
  const host = at.slice(0, at.lastIndexOf(":"));
  const here = side === "outside" ? "this machine" : "a container of the network";
  const texts: Readonly<Record<Failure, string>> = {
    unresolved: `can't be found: ${here} does not know the name ${host}${
      side === "outside" ? ", which is one of the stack's network at most" : ""
    }`,
    refused: "takes no connection: nothing listens there",
    silent: "takes the connection and says nothing",
    stranger: "is answered by a program that is no broker",
    other: `fails: ${answer.text}`,
  };
  return texts[answer.why];
}
