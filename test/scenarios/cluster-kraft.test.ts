import { execa } from "execa";
import { expect, test } from "vitest";
import { containersOf, identitiesOf } from "../support/docker.ts";
import { createProject } from "../support/project.ts";
import { failureOf } from "../support/run-dp.ts";
import { shortKraftSession } from "../support/short-sessions.ts";

const yamlWith = (brokers: number): string =>
  `kafka: { brokers: ${brokers}, config: { ${shortKraftSession} } }\n`;

test("a KRaft node must grow to three and keep its data, survive SIGKILL, and refuse to shrink", async () => {
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
  expect(failureOf(refused).why).toContain("new (3 of 3 partitions)");
  expect(await identitiesOf(shop.name)).toEqual(before);
});
