import type { Engine } from "../../docker/engine/connect.ts";
import { waitUntilReady } from "../../async/wait-until-ready.ts";
import type { Plan } from "../../stack/plan-model.ts";
import { runProbe } from "../../app/checks/probes.ts";
import { awaitDeregistered } from "../../app/deploy/waits.ts";

/** Longer than the session of a broker's successor (6 s), which may outlive it. */
const limitMs = 15_000;

/**
 * Before a container starts again that its successor has made room for: waits for what a start in
 * the plan waits for, but not for ever. Never rejects.
 */
export async function beforeRestart(
  service: string,
  { plan, engine }: { readonly plan: Plan; readonly engine: Pick<Engine, "client"> },
): Promise<void> {
  const stop = AbortSignal.timeout(limitMs);
  await Promise.all([
    awaitOldSession(service, { plan, stop }),
    awaitDependencies(service, { plan, engine, stop }),
  ]).catch(() => {});
}

async function awaitOldSession(
  service: string,
  { plan, stop }: { readonly plan: Plan; readonly stop: AbortSignal },
): Promise<void> {
  const op = plan.ops.find(
    ({ kind, target }) => kind === "await-deregistered" && target === service,
  );
  if (op?.kind !== "await-deregistered") return;
  await awaitDeregistered(op, { timeoutMs: limitMs, stop });
}

/** What it depends on may come back at the same time. */
async function awaitDependencies(
  service: string,
  options: {
    readonly plan: Plan;
    readonly engine: Pick<Engine, "client">;
    readonly stop: AbortSignal;
  },
): Promise<void> {
  const { plan, engine, stop } = options;
  const conditions = plan.ops.flatMap((op) =>
    op.kind === "create-container" && op.target === service ? (op.spec.startsAfter ?? []) : [],
  );
  const needed = conditions.filter(({ when }) => when === "ready").map(({ group }) => group);
  await Promise.all(
    plan.ops.map(async (op) => {
      if (op.kind !== "await-ready" || !needed.includes(op.target)) return;
      const { probe } = op.group;
      await waitUntilReady({
        target: op.target,
        probe: (signal) => runProbe(probe, { signal, client: engine.client }),
        timeoutMs: limitMs,
        signal: stop,
      });
    }),
  );
}
