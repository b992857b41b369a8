import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hostPortOf } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { failureOf } from "../support/run-dp.ts";
import { shellImage, shellService } from "../support/shell-service.ts";

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

const stacks: Project[] = [];
afterAll(() => Promise.all(stacks.map((stack) => stack[Symbol.asyncDispose]())));

/** A server that answers each connection with the name of its stack. */
const serve = `use IO::Socket::INET;
my $s = IO::Socket::INET->new(LocalPort => 7000, Listen => 9) or die $!;
while (1) { my $c = $s->accept or next; print $c $ENV{STACK}; close $c }`;

test("ten stacks that start at once must not touch each other, and keep their ports over down", async () => {
  for (let count = 0; count < 10; count++) stacks.push(await createProject(""));
  const command = `command: [perl, -e, ${JSON.stringify(serve)}]`;
  await Promise.all(
    stacks.map((stack) =>
      stack.configure(
        `services:\n  api: { image: "${image}", ${command}, environment: { STACK: ${stack.name} }, ports: ["7000"], ready: { tcp: 7000 } }\n`,
      ),
    ),
  );
  await Promise.all(stacks.map((stack) => stack.succeed(["up"])));
  const ports = await Promise.all(stacks.map((stack) => hostPortOf(stack.name, "api")));
  const [first] = stacks;
  await first?.succeed(["down"]);
  await first?.succeed(["up"]);
  const answers = await Promise.all(ports.map(answerOf));
  expect(answers).toEqual(stacks.map(({ name }) => name));
});

async function answerOf(port: number): Promise<string> {
  let answer = "";
  for await (const chunk of connect(port, "127.0.0.1")) answer += String(chunk);
  return answer;
}
