import { expect, test } from "vitest";
import { startEngineProxy } from "../support/engine-proxy.ts";
import { killDp, type KillAt } from "../support/killed-dp.ts";
import { createChaosStack, type ChaosStack } from "../support/chaos-stack.ts";
import { everyNth } from "../support/long-share.ts";
import { tally } from "../support/tally.ts";

/** A command that is killed, from a state that the stack is brought to before. */
interface Kind {
  readonly args: readonly string[];
  readonly brokers: 1 | 2;
  readonly mode?: "zookeeper";
  readonly prepare: (stack: ChaosStack) => Promise<unknown>;
}

const running = (stack: ChaosStack) => stack.up({ brokers: 1 });

const scaleUp: Kind = {
  args: ["up"],
  brokers: 2,
  prepare: async (stack) => {
    await running(stack);
    await stack.configure({ brokers: 2 });
  },
};

const scaleDown: Kind = {
  args: ["up"],
  brokers: 1,
  prepare: async (stack) => {
    await stack.up({ brokers: 2 });
    await stack.configure({ brokers: 1 });
  },
};

const kinds: Readonly<Record<string, Kind>> = {
  "first up": { args: ["up"], brokers: 1, prepare: (stack) => stack.down() },
  "up after stop": {
    args: ["up"],
    brokers: 1,
    prepare: async (stack) => {
      await running(stack);
      await stack.project.succeed(["stop"]);
    },
  },
  stop: { args: ["stop"], brokers: 1, prepare: running },
  start: {
    args: ["start"],
    brokers: 1,
    prepare: async (stack) => {
      await running(stack);
      await stack.project.succeed(["stop"]);
    },
  },
  restart: { args: ["restart"], brokers: 1, prepare: running },
  down: { args: ["down"], brokers: 1, prepare: running },
  "pipeline run": { args: ["pipeline", "run", "greet", "--local"], brokers: 1, prepare: running },
  "scale up": scaleUp,
  "scale down": scaleDown,
  "scale up with ZooKeeper": { ...scaleUp, mode: "zookeeper" },
  "scale down with ZooKeeper": { ...scaleDown, mode: "zookeeper" },
};

const moments = ["before", "during", "after"] as const;

test.concurrent.each(Object.entries(kinds))(
  "up succeeds after a kill at every call of %s",
  async (kind, of) => {
    await using stack = await createChaosStack(of.mode);
    await using proxy = await startEngineProxy();
    const failures = await tally(`killed at every call: ${kind}`, async (attempt) => {
      let reached = true;
      for (let call = everyNth(); reached; call += everyNth()) {
        for (const when of moments) {
          await attempt(`${when} call ${call}`, async () => {
            const at: KillAt = { call, when };
            await of.prepare(stack);
            const killed = await killDp({ project: stack.project, proxy }, of.args, at);
            reached = proxy.happened;
            // Behind the last call the command ends by itself.
            expect(killed, killed.stderr).toMatchObject(reached ? {} : { code: 0 });
            await stack.up({ brokers: of.brokers });
            await stack.expectWhole({ brokers: of.brokers });
          });
          if (!reached) break;
        }
      }
    });
    expect(failures).toEqual([]);
  },
);
