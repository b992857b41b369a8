import { beforeAll, expect, test } from "vitest";
import { createProject } from "../support/project.ts";
import { failureOf } from "../support/run-dp.ts";
import { shellImage, shellService } from "../support/shell-service.ts";
import { startAtOnce } from "../support/stacks-at-once.ts";

let image: string;

beforeAll(async () => {
  image = await shellImage();
});

test("stacks whose names run together must be told apart: exit 1", async () => {
  const yaml = (name: string): string =>
    `services:\n  ${name}: ${shellService({ image, keys: `volumes: ["kept:/kept"]` })}\n`;
  await using one = await createProject(yaml("b-cc"));
  await using other = await createProject(yaml("cc"));
  // Service b-cc of the stack NAME, and service cc of the stack NAME-b.
  const asOther = ["--project", `${one.name}-b`, "--json"];
  await one.succeed(["up"]);
  const shown = await other.succeed(["status", "--project", one.name, "--json"]);
  expect(JSON.parse(shown.stdout)).toMatchObject({ project: one.name, file: one.file });
  const before = await one.snapshot();
  const running = await other.dp(["up", ...asOther]);
  expect(running.code).toBe(1);
  expect(failureOf(running)).toMatchObject({
    code: "name-taken",
    message: `the container name ${one.name}-b-cc is taken`,
  });
  expect(failureOf(running).why).toContain(`the dp stack ${one.name} (${one.file})`);
  await other.succeed(["down", "-v", ...asOther]);
  expect(await one.snapshot()).toEqual(before);

  await one.succeed(["down"]);
  const stopped = await other.dp(["up", ...asOther]);
  expect(failureOf(stopped)).toMatchObject({
    code: "name-taken",
    message: `the volume name ${one.name}-b-cc-kept is taken`,
  });
  expect(failureOf(stopped).why).toContain(`the dp stack ${one.name} (${one.file})`);
});

test("three stacks that start at once don't touch each other, and keep their ports", async () => {
  const { names, answers } = await startAtOnce(3);
  expect(answers).toEqual(names);
});
