import { expect, test } from "vitest";
import type { Observed, ObservedContainer } from "../../src/model/containers.ts";
import type { Plan } from "../../src/stack/plan-model.ts";
import { createRandom, type Random } from "../support/random.ts";
import { carryOut } from "./simulated-engine.ts";
import { airflow, api, nothing, planOf, warehouse } from "./stack-case.ts";

type Wish = NonNullable<Parameters<typeof planOf>[0]["wish"]>;

const walks = 20;
const steps = 12;

test(
  "any walk of edits and accidents must end in the stack that the file says",
  { timeout: 60_000 },
  () => {
    for (let seed = 1; seed <= walks; seed += 1) {
      const random = createRandom(seed);
      let wish: Wish = { zookeeper: random.below(2) === 0, brokers: 1 + random.below(3) };
      let observed = nothing;
      for (let step = 0; step < steps; step += 1) {
        const at = `seed ${seed}, step ${step}: ${JSON.stringify(wish)}`;
        observed = carryOut(planOf({ wish, observed, placements: [] }), observed);
        expect(planOf({ wish, observed, placements: [] }).changes, at).toEqual([]);
        expect(volumesOf(observed), at).toEqual(brokersOf(wish));
        expect(running(observed), at).toEqual(running(fresh(wish)));
        wish = edit(wish, random);
        observed = suffer(observed, random);
      }
    }
  },
);

function fresh(wish: Wish): Observed {
  const plan: Plan = planOf({ wish, observed: nothing });
  return carryOut(plan, nothing);
}

/** What runs: service, and the fingerprint of all that it was made with. */
function running({ containers }: Observed): string[] {
  return containers
    .map(({ name, state, fingerprint }) => `${name} ${state} ${fingerprint}`)
    .toSorted();
}

/** Broker by broker, those that have a volume. */
function volumesOf({ volumes }: Observed): string[] {
  return volumes
    .filter(({ kind }) => kind === "kafka")
    .map(({ service }) => service)
    .toSorted();
}

function brokersOf({ brokers = 1 }: Wish): string[] {
  return Array.from({ length: brokers }, (_, index) => `kafka-${index + 1}`);
}

/** Changes that need no consent: the data of brokers and stores stays usable. */
function edit(wish: Wish, random: Random): Wish {
  const cache = { kind: "volume", name: "cache", target: "/cache" } as const;
  const edits: readonly Wish[] = [
    { ...wish, config: { "num.io.threads": String(1 + random.below(9)) } },
    { ...wish, config: {} },
    // The controllers of KRaft stay as many as they are.
    ...(wish.zookeeper ? [{ ...wish, brokers: 1 + random.below(3) }] : []),
    { ...wish, environment: { KAFKA_OPTS: `-Da=${random.word()}` } },
    { ...wish, airflow: { ...airflow, parallelism: 1 + random.below(9) } },
    { ...wish, airflow: undefined },
    { ...wish, stores: [warehouse] },
    { ...wish, stores: [] },
    { ...wish, services: [] },
    { ...wish, services: [{ ...api, environment: { WORD: random.word() } }] },
    {
      ...wish,
      services: [api, { ...api, name: "keeper", ports: [], ready: undefined, volumes: [cache] }],
    },
  ];
  return random.pick(edits);
}

/** What befalls a stack between two runs. */
function suffer(observed: Observed, random: Random): Observed {
  const victim = random.pick(observed.containers);
  const others = observed.containers.filter((container) => container !== victim);
  const become = (but: Partial<ObservedContainer>): Observed => ({
    ...observed,
    containers: [...others, { ...victim, ...but }],
  });
  const accidents: readonly Observed[] = [
    observed,
    become({ state: "exited", exitCode: 137 }),
    become({ state: "paused" }),
    become({ state: "created" }),
    become({ state: "dead" }),
    { ...observed, containers: others },
    // The run that replaced it was killed before it made the successor.
    become({ name: `${victim.name}-replaced`, state: "exited" }),
    // The engine was killed, and the network removed by hand.
    {
      ...observed,
      networks: [],
      containers: observed.containers.map((one) => ({ ...one, state: "exited", exitCode: 137 })),
    },
  ];
  return random.pick(accidents);
}
