import { expect, test } from "vitest";
import { parseInside, toFailure, type Answer } from "../../../src/kafka/cluster/inside-answers.ts";
import { judgeListeners, type ListenerFacts } from "../../../src/app/diagnosis/judge-listeners.ts";
import type { BrokerNode } from "../../../src/kafka/protocol/read-requests.ts";

const view = (brokers: readonly BrokerNode[], clusterId = "ours"): Answer => ({
  kind: "view",
  view: { brokers, clusterId },
});
const node = (id: number, host: string, port: number): BrokerNode => ({ id, host, port });
const outsideNodes = [node(1, "127.0.0.1", 9092), node(2, "127.0.0.1", 10092)];
const insideNodes = [node(1, "kafka-1", 9092), node(2, "kafka-2", 9092)];

function broker(id: number, port: number) {
  const published = { host: "127.0.0.1", port };
  return {
    id,
    service: `kafka-${id}`,
    state: "running",
    reason: undefined,
    published,
    portOwner: "docker-proxy (pid 7)",
  };
}

const well: ListenerFacts = {
  brokers: [broker(1, 9092), broker(2, 10092)],
  internalPort: 9092,
  outside: new Map([
    ["127.0.0.1:9092", view(outsideNodes)],
    ["127.0.0.1:10092", view(outsideNodes)],
  ]),
  inside: new Map([
    ["kafka-1:9092", view(insideNodes)],
    ["kafka-2:9092", view(insideNodes)],
  ]),
  remote: false,
  refusal: undefined,
};

/** What is said of broker 1, with other answers from this machine. */
function outside(
  answers: readonly (readonly [string, Answer])[],
  facts: Partial<ListenerFacts> = {},
) {
  const all = { ...well, ...facts, outside: new Map([...well.outside, ...answers]) };
  return judgeListeners(all).find(({ check }) => check === "kafka-1 from here");
}

function inside(answers: readonly (readonly [string, Answer])[] | string) {
  const known = well.inside as ReadonlyMap<string, Answer>;
  const seen = typeof answers === "string" ? answers : new Map([...known, ...answers]);
  return judgeListeners({ ...well, inside: seen }).find(({ check }) => check === "kafka-1 inside");
}

test("brokers that answer where they say must be ok on both sides", () => {
  expect(judgeListeners(well).map(({ check, verdict }) => [check, verdict])).toEqual([
    ["kafka-1 from here", "ok"],
    ["kafka-1 inside", "ok"],
    ["kafka-2 from here", "ok"],
    ["kafka-2 inside", "ok"],
  ]);
});

test("a name that this machine can't resolve must be told, with what mends it", () => {
  const found = outside([
    ["127.0.0.1:9092", view([node(1, "kafka-1", 19092), outsideNodes[1]!])],
    ["kafka-1:19092", toFailure("getaddrinfo ENOTFOUND kafka-1")],
  ]);
  expect(found).toMatchObject({ verdict: "problem", mend: "dp up --recreate kafka-1" });
  expect(found?.detail).toContain("advertises kafka-1:19092");
  expect(found?.detail).toContain("does not know the name kafka-1");
  expect(found?.evidence).toContain("127.0.0.1:9092 says: broker 1 is at kafka-1:19092");
});

test("an advertised port that differs from the published one must be told, even if something answers", () => {
  const moved = view([node(1, "127.0.0.1", 9999), outsideNodes[1]!]);
  const refused = outside([
    ["127.0.0.1:9092", moved],
    ["127.0.0.1:9999", toFailure("connect ECONNREFUSED 127.0.0.1:9999")],
  ]);
  expect(refused?.detail).toContain("advertises 127.0.0.1:9999");
  expect(refused?.detail).toContain("nothing listens there");
  const answered = outside([
    ["127.0.0.1:9092", moved],
    ["127.0.0.1:9999", view(outsideNodes)],
  ]);
  expect(answered?.detail).toContain("but its port is published as 127.0.0.1:9092");
});

test("another cluster or program behind the advertised address must be told", () => {
  const moved = view([node(1, "127.0.0.1", 9999), outsideNodes[1]!]);
  const answer = (found: Answer) =>
    outside([
      ["127.0.0.1:9092", moved],
      ["127.0.0.1:9999", found],
    ]);
  expect(answer(view(outsideNodes, "theirs"))?.detail).toContain("another cluster answers");
  expect(
    answer(toFailure("a:1 does not speak Kafka's protocol: its answer is no frame of it"))?.detail,
  ).toContain("a program that is no broker");
});

test("a published port that leads nowhere must be told with who listens there", () => {
  const found = outside([["127.0.0.1:9092", toFailure("no answer within 3000 ms")]]);
  expect(found).toMatchObject({ verdict: "problem" });
  expect(found?.detail).toContain("says nothing");
  expect(found?.evidence).toEqual(["docker-proxy (pid 7) listens on port 9092"]);
  expect(
    outside([["127.0.0.1:9092", toFailure("ECONNREFUSED")]], { remote: true })?.mend,
  ).toContain("ssh -L 9092");
});

test("a broker that does not run, or publishes nothing, or is not known to itself must be told", () => {
  const [one, two] = well.brokers;
  const stopped = judgeListeners({ ...well, brokers: [{ ...one!, state: "exited" }, two!] });
  expect(stopped[0]).toMatchObject({ verdict: "problem", detail: "does not run: exited" });
  expect(outside([], { brokers: [{ ...one!, published: undefined }, two!] })?.detail).toContain(
    "publishes no port",
  );
  expect(outside([["127.0.0.1:9092", view([outsideNodes[1]!])]])?.detail).toContain("not broker 1");
  expect(outside([["127.0.0.1:9092", view([outsideNodes[0]!])]])?.detail).toBe(
    "does not know kafka-2",
  );
});

test("what a container of the network meets must be told, too", () => {
  expect(
    inside([["kafka-1:9092", toFailure("bash: line 2: kafka-1: Name or service not known")]]),
  ).toMatchObject({ verdict: "problem", mend: "dp logs kafka-1; dp up --recreate kafka-1" });
  const localhost = inside([["kafka-1:9092", view([node(1, "localhost", 9092), insideNodes[1]!])]]);
  expect(localhost?.detail).toContain("there that is the container itself");
  expect(inside("no broker runs")).toMatchObject({ verdict: "warning" });
});

test("the answers of a container must be read by address, with what bash says of failures", () => {
  // Without its size: correlation 1, no throttle, one broker (1, "kafka-1", 9092, no rack), "ours", controller 1, no topics.
  const hex =
    "0000000100000000000000010000000100076b61666b612d3100002384ffff00046f7572730000000100000000";
  const answers = parseInside(
    [
      `kafka-1:9092\t${hex}`,
      "kafka-2:9092\t!bash: line 2: kafka-2: Name or service not known",
      "kafka-3:9092\t!bash: connect: Connection refused",
      "kafka-4:9092\t!no answer within 3 s",
      "kafka-5:9092\t00ff",
      "",
    ].join("\n"),
  );
  expect(answers.get("kafka-1:9092")).toEqual(view([node(1, "kafka-1", 9092)]));
  const reasons = ["unresolved", "refused", "silent", "stranger"];
  expect([2, 3, 4, 5].map((id) => answers.get(`kafka-${id}:9092`))).toMatchObject(
    reasons.map((why) => ({ kind: "failed", why })),
  );
});

test("tells why a broker does not run, and not to run dp up where that is refused", () => {
  const [one, two] = well.brokers;
  const reason = "exited with code 1: No readable meta.properties files found";
  const brokers = [{ ...one!, state: "exited", reason }, two!];
  expect(judgeListeners({ ...well, brokers })[0]).toMatchObject({
    detail: `does not run: ${reason}`,
    evidence: [],
    mend: "dp up; dp logs kafka-1",
  });
  const refusal = {
    why: "Kafka 3.9 can't read data of 4.1",
    next: "dp down --volumes, then dp up",
  };
  expect(judgeListeners({ ...well, brokers, refusal })[0]).toMatchObject({
    detail: `does not run: ${reason}`,
    evidence: [`dp up is refused: ${refusal.why}`],
    mend: refusal.next,
  });
});
