import { execa } from "execa";
import { expect, test } from "vitest";
import { containersOf, identitiesOf } from "../support/docker.ts";
import { createProject } from "../support/project.ts";
import { failureOf } from "../support/run-dp.ts";
import { shortKraftSession } from "../support/short-sessions.ts";

const yamlWith = (brokers: number): string =>
  `kafka: { brokers: ${brokers}, config: { ${shortKraftSession} } }\n`;

test("a KRaft node must grow to three, survive SIGKILL, shrink again and grow again with its data", async () => {
  await using shop = await createProject(yamlWith(1));
  const tail = ["topic", "tail", "old", "-o", "start", "-e", "--format", "%v\n"];
  await shop.succeed(["up"]);
  await shop.succeed(["topic", "create", "old"]);
  await shop.succeed(["topic", "produce", "old"], { input: "one\n" });

  await shop.configure(yamlWith(3));
  const grown = await shop.succeed(["up"]);
  expect(grown.stderr).toContain("kafka-2, kafka-3 join as broker only");
  // A topic from before keeps its one replica; one from now on can have more.
  await shop.succeed(["topic", "produce", "old", "--acks", "all"], { input: "two\n" });
  await shop.succeed(["topic", "create", "new", "-p", "3", "-r", "3"]);

  const ids = (await containersOf(shop.name)).map(({ id }) => id);
  await execa("docker", ["kill", ...ids]);
  await shop.succeed(["up"]);
  expect((await containersOf(shop.name)).map(({ id }) => id)).toEqual(ids);
  expect((await shop.succeed(tail)).stdout).toBe("one\ntwo\n");

  const before = await identitiesOf(shop.name);
  await shop.configure(yamlWith(1));
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
  expect((await shop.succeed(tail)).stdout).toBe("one\ntwo\n");

  await shop.configure(yamlWith(3));
  await shop.succeed(["up"]);
  const balanced = await shop.succeed(["topic", "reassign", "--balance", "--json"]);
  const { moves } = JSON.parse(balanced.stdout) as { moves: { after: number[] }[] };
  // Of the nine partitions, five of them Kafka's own, each broker gets three.
  expect(moves.map(({ after: [leader = 0] }) => leader).toSorted((a, b) => a - b)).toEqual([
    2, 2, 2, 3, 3, 3,
  ]);
  const { stdout } = await shop.succeed(["topic", "tail", "new", "-o", "start", "-e", "--json"]);
  expect(stdout.trim().split("\n")).toHaveLength(3);
});
