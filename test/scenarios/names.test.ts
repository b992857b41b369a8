import { afterAll, beforeAll, expect, test } from "vitest";
import { builtImage } from "../support/built-image.ts";
import { containersOf, engineClient, identitiesOf } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { eventsOf } from "../support/run-dp.ts";

const kafkaBin = "/opt/kafka/bin";
const produce = `${kafkaBin}/kafka-console-producer.sh --topic orders --bootstrap-server`;
const consume = `${kafkaBin}/kafka-console-consumer.sh --topic orders --from-beginning --timeout-ms 60000 --bootstrap-server`;

/** The one-shot fails without its topic, and the program after it starts when it has completed. */
function shopYaml(image: string): string {
  return `zookeeper:
kafka: { brokers: 2, aliases: ["broker:29092", "kafka:29092"] }
topics: { orders: { partitions: 2 } }
services:
  load_orders:
    image: ${image}
    environment: { KAFKA_HEAP_OPTS: -Xmx64m }
    command:
      - sh
      - -c
      - ${kafkaBin}/kafka-topics.sh --bootstrap-server kafka:9092 --describe --topic orders && echo first | ${produce} kafka:9092
    restart: "no"
    depends_on: [kafka]
  kafka-ui:
    image: ${image}
    environment: { KAFKA_HEAP_OPTS: -Xmx64m }
    command: sh -c "trap exit TERM; while :; do sleep 0.1; done"
    depends_on: { load_orders: { condition: service_completed_successfully } }
`;
}

let shop: Project;

beforeAll(async () => {
  const { ref } = await builtImage({ what: "kafka", version: "3.9.2" });
  shop = await createProject(shopYaml(ref));
});

afterAll(() => shop[Symbol.asyncDispose]());

test("a one-shot finds its topic at the first up, and a service after it starts when it has ended", async () => {
  const up = await shop.succeed(["up", "--json"]);
  const steps = eventsOf(up).filter(({ type }) => type === "step");
  const placeOf = (id: string, state: string): number =>
    steps.findIndex((step) => step.id === id && step.state === state);
  const places = [
    placeOf("ready:kafka", "done"),
    placeOf("topic:orders:create", "done"),
    placeOf("topics:kafka", "done"),
    placeOf("start:load_orders", "start"),
    placeOf("ready:load_orders", "done"),
    placeOf("start:kafka-ui", "start"),
  ];
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(await valuesFrom("kafka:9092", 1)).toEqual(["first"]);
  expect((await shop.dp(["plan", "--exit-code"])).code).toBe(0);
});

test("kafka and zookeeper are the names of all brokers and nodes that run", async () => {
  expect(await addressesOf("kafka")).toEqual(await networkAddressesOf(["kafka-1", "kafka-2"]));
  expect(await addressesOf("zookeeper")).toEqual(await networkAddressesOf(["zookeeper-1"]));
  const client = await engineClient();
  await client.getContainer(`${shop.name}-kafka-1`).stop();
  expect(await addressesOf("kafka")).toEqual(await networkAddressesOf(["kafka-2"]));
  await inside(`echo second | ${produce} kafka:9092`);
  expect(await valuesFrom("kafka:9092", 2)).toEqual(["first", "second"]);
  expect(await valuesFrom("broker:29092", 2)).toEqual(["first", "second"]);
  await shop.succeed(["up"]);
  await shop.succeed(["up", "--recreate", "kafka-1"]);
  expect(await addressesOf("kafka")).toEqual(await networkAddressesOf(["kafka-1", "kafka-2"]));
  await inside(`echo third | ${produce} kafka:29092`);
  expect(await valuesFrom("kafka:9092", 3)).toEqual(["first", "second", "third"]);
});

test("a broker from before has only its own name, and is not replaced for the other", async () => {
  const client = await engineClient();
  const network = client.getNetwork(shop.name);
  const id = `${shop.name}-kafka-2`;
  await network.disconnect({ Container: id });
  await network.connect({ Container: id, EndpointConfig: { Aliases: ["kafka-2", "broker"] } });
  expect((await shop.dp(["plan", "--exit-code"])).code).toBe(0);
  const before = await identitiesOf(shop.name);
  await shop.succeed(["up"]);
  expect(await identitiesOf(shop.name)).toEqual(before);
  await shop.succeed(["up", "--recreate", "kafka-2"]);
  expect(await addressesOf("kafka")).toEqual(await networkAddressesOf(["kafka-1", "kafka-2"]));
});

/** What a script in a container that is not a broker prints. */
async function inside(script: string): Promise<string> {
  return (await shop.succeed(["exec", "kafka-ui", "--", "sh", "-c", script])).stdout;
}

async function valuesFrom(bootstrap: string, count: number): Promise<string[]> {
  const stdout = await inside(`${consume} ${bootstrap} --max-messages ${count}`);
  return stdout.trim().split("\n").toSorted();
}

async function addressesOf(name: string): Promise<string[]> {
  const stdout = await inside(`getent ahostsv4 ${name}`);
  const addresses = stdout.split("\n").flatMap((line) => line.split(" ")[0] || []);
  return [...new Set(addresses)].toSorted();
}

async function networkAddressesOf(services: readonly string[]): Promise<string[]> {
  const containers = await containersOf(shop.name);
  return containers
    .filter(({ service }) => services.includes(service))
    .map(({ networkAddress = "" }) => networkAddress)
    .toSorted();
}
