import { expect } from "vitest";
import { containersOf, engineClient } from "./docker.ts";
import { createProject, type Project } from "./project.ts";
import { createRandom, type Random } from "./random.ts";

/** What the walk changes of a service; the text of the file comes from it. */
interface Service {
  readonly environment: Readonly<Record<string, string>>;
  readonly word: string;
  readonly isPublished: boolean;
  readonly hasVolume: boolean;
}

type Services = Readonly<Record<string, Service>>;

const names = ["alpha", "beta", "gamma"] as const;

/**
 * Applies `steps` random edits to a stack, one `up` each. The plan after each must be empty.
 * Returns what the engine has of the stack at the end, and of a fresh one of the same pipeline.yaml.
 */
export async function walkThroughEdits(options: {
  readonly seed: number;
  readonly steps: number;
}): Promise<{ readonly walked: unknown; readonly fresh: unknown }> {
  const { seed, steps } = options;
  const random = createRandom(seed);
  await using walked = await createProject("services: { base: { build: base } }\n");
  const image = await buildBase(walked);
  let services: Services = { alpha: plain };
  for (let step = 0; step < steps; step += 1) {
    await walked.configure(fileOf(services, image));
    await walked.succeed(["up"]);
    const plan = await walked.dp(["plan", "--exit-code"]);
    expect(plan.code, `seed ${seed}, step ${step}\n${plan.stdout}`).toBe(0);
    services = edit(services, random);
  }
  await walked.configure(fileOf(services, image));
  await walked.succeed(["up"]);
  await using fresh = await createProject(fileOf(services, image));
  await fresh.succeed(["up"]);
  return { walked: await shapeOf(walked), fresh: await shapeOf(fresh) };
}

const plain: Service = { environment: {}, word: "one", isPublished: false, hasVolume: false };

async function buildBase(project: Project): Promise<string> {
  await project.write("base/Dockerfile", "ARG BASE\nFROM ${BASE}\n");
  await project.succeed(["images", "build"]);
  const { stdout } = await project.succeed(["images", "list", "--json"]);
  return (JSON.parse(stdout) as { images: { image: string }[] }).images[0]?.image ?? "";
}

function fileOf(services: Services, image: string): string {
  const lines = Object.entries(services).map(([name, service]) => {
    const { environment, word, isPublished, hasVolume } = service;
    // A shell as first process heeds SIGTERM only when it is told to.
    const command = ["sh", "-c", `trap "exit 0" TERM; sleep infinity & wait; : ${word}`];
    const settings = {
      image,
      command,
      environment,
      ...(isPublished ? { ports: ["7000"] } : {}),
      ...(hasVolume ? { volumes: ["kept:/kept"] } : {}),
    };
    return `  ${name}: ${JSON.stringify(settings)}`;
  });
  return `services:\n${lines.join("\n")}\n`;
}

function edit(services: Services, random: Random): Services {
  const name = random.pick(names);
  const service = services[name];
  if (!service) return { ...services, [name]: plain };
  const isOnly = Object.keys(services).length === 1;
  const edited: readonly (Service | undefined)[] = [
    ...(isOnly ? [] : [undefined]),
    {
      ...service,
      environment: { ...service.environment, [random.pick(["A", "B"])]: random.word() },
    },
    { ...service, environment: {} },
    { ...service, word: random.word() },
    { ...service, isPublished: !service.isPublished },
    { ...service, hasVolume: !service.hasVolume },
  ];
  const next = random.pick(edited);
  const { [name]: _, ...others } = services;
  return next ? { ...others, [name]: next } : others;
}

/** All that the engine has of a stack but what differs from stack to stack: names, ids, ports of the host, times. */
async function shapeOf(project: Project): Promise<unknown> {
  const client = await engineClient();
  const containers = await containersOf(project.name);
  return Promise.all(
    containers.map(async ({ id, service, kind, state, imageId, ports, environment }) => {
      const { Mounts: mounts, Config: config } = await client.getContainer(id).inspect();
      return {
        service,
        kind,
        state,
        imageId,
        environment,
        command: config.Cmd,
        mounts: mounts.map(({ Type: type, Destination: target }) => `${type} ${target}`),
        ports: ports.map(({ containerPort, hostIp }) => `${hostIp} ${containerPort}`),
      };
    }),
  );
}
