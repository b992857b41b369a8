import { connect } from "node:net";
import { hostPortOf } from "./docker.ts";
import { createProject, type Project } from "./project.ts";
import { shellImage } from "./shell-service.ts";

/** A server that answers each connection with the name of its stack. */
const serve = `use IO::Socket::INET;
my $s = IO::Socket::INET->new(LocalPort => 7000, Listen => 9) or die $!;
while (1) { my $c = $s->accept or next; print $c $ENV{STACK}; close $c }`;

/**
 * Starts so many stacks at the same moment, takes the first one down and up again, and removes all. Returns
 * their names, and what answered on the port that each had before `down`.
 */
export async function startAtOnce(
  count: number,
): Promise<{ readonly names: readonly string[]; readonly answers: readonly string[] }> {
  const stacks: Project[] = [];
  try {
    while (stacks.length < count) stacks.push(await createProject(""));
    return { names: stacks.map(({ name }) => name), answers: await startAll(stacks) };
  } finally {
    await Promise.all(stacks.map((stack) => stack[Symbol.asyncDispose]()));
  }
}

async function startAll(stacks: readonly Project[]): Promise<string[]> {
  const image = await shellImage();
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
  return Promise.all(ports.map(answerOf));
}

async function answerOf(port: number): Promise<string> {
  let answer = "";
  for await (const chunk of connect(port, "127.0.0.1")) answer += String(chunk);
  return answer;
}
