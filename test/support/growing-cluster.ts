import { expect } from "vitest";
import { containersOf, identitiesOf } from "./docker.ts";
import type { Project } from "./project.ts";
import { failureOf } from "./run-dp.ts";
import { shortKraftSession } from "./short-sessions.ts";

/** A pipeline.yaml of so many KRaft nodes, whose sessions are short. */
export const kraftNodes = (brokers: number): string =>
  `kafka: { brokers: ${brokers}, config: { ${shortKraftSession} } }\n`;

/** Grows a stack of one node to three. The topic `old` gets two records, `new` three replicas and none. */
export async function growToThree(shop: Project): Promise<void> {
  await shop.succeed(["up"]);
  await shop.succeed(["topic", "create", "old"]);
  await shop.succeed(["topic", "produce", "old"], { input: "one\n" });
  await shop.configure(kraftNodes(3));
  const grown = await shop.succeed(["up"]);
  expect(grown.stderr).toContain("kafka-2, kafka-3 join as broker only");
  // A topic from before keeps its one replica; one from now on can have more.
  await shop.succeed(["topic", "produce", "old", "--acks", "all"], { input: "two\n" });
  await shop.succeed(["topic", "create", "new", "-p", "3", "-r", "3"]);
}

/** Shrinks it to one node, which dp refuses while a topic has three replicas. `new` gets three records. */
export async function shrinkToOne(shop: Project): Promise<void> {
  const before = await identitiesOf(shop.name);
  await shop.configure(kraftNodes(1));
  const refused = await shop.dp(["up", "--json"]);
  expect(refused.code).toBe(1);
  expect(failureOf(refused).code).toBe("refused");
  expect(failureOf(refused).next).toBe("dp topic reassign new -r 1, then dp up");
  expect(await identitiesOf(shop.name)).toEqual(before);

  await shop.succeed(["topic", "produce", "new"], { input: "three\nfour\nfive\n" });
  await shop.succeed(["topic", "reassign", "new", "-r", "1"]);
  const shrunk = await shop.succeed(["up"]);
  expect(shrunk.stderr).toMatch(/drain broker kafka-2 .* moves to kafka-1/);
  expect((await containersOf(shop.name)).map(({ service }) => service)).toEqual(["kafka-1"]);
  expect((await shop.snapshot()).volumes).toEqual([`${shop.name}-kafka-1-data`]);
}

/** The values of a topic's records, a line each. */
export async function valuesIn(shop: Project, topic: string): Promise<string> {
  const tail = ["topic", "tail", topic, "-o", "start", "-e", "--format", "%v\n"];
  return (await shop.succeed(tail)).stdout;
}
