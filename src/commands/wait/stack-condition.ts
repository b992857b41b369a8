import { observeStack } from "../../docker/stack/observe.ts";
import { runChecks, type HealthCheck, type HealthVerdict } from "../../health/checks.ts";
import type { Observed } from "../../model/containers.ts";
import { expandServices } from "../../stack/select.ts";
import { answerChecks, servicesOf } from "../../app/checks/health-checks.ts";
import type { ReadFile } from "../../app/checks/dag-checks.ts";
import { dataPathChecks } from "../../app/checks/data-path.ts";
import { quickChecks } from "../../app/checks/health-document.ts";
import type { FoundStack } from "../../app/stack/running.ts";
import type { Condition, Look } from "./condition.ts";

const pauseMs = 200;
/** What has changed meanwhile counts at the next look: each one makes a single attempt. */
const limits = (signal: AbortSignal) => ({ signal, timeoutMs: 5000, attempts: "one" }) as const;

interface WaitedStack {
  readonly found: FoundStack;
  /** The services that the file names; none without one. */
  readonly wanted: readonly string[];
}

interface WaitedFile {
  /** Checks that no container answers. */
  readonly beside: readonly HealthCheck[];
  readonly readFile: ReadFile;
}

/** Every check of `dp health` passes, and every service of the file is there. */
export function stackCondition(
  { found, wanted }: WaitedStack,
  { beside, readFile }: WaitedFile,
): Condition {
  const { name, engine } = found;
  return {
    target: name,
    pauseMs,
    look: async (signal) => {
      const observed = await observeStack(engine, name, signal);
      const services = [...new Set([...wanted, ...servicesOf(observed)])].toSorted();
      if (services.length === 0) {
        return { state: "missing", text: "nothing of it is on the engine" };
      }
      const stack = { ...found, observed };
      const quick = [...quickChecks(stack, readFile), ...beside];
      const look = await lookAt({ services, observed, checks: quick, signal });
      if (look.state !== "met") return look;
      // It writes records: asked only when nothing else is missing.
      const verdicts = await runChecks(dataPathChecks(stack), limits(signal));
      return judgeServices({ services, observed, verdicts });
    },
  };
}

/** The services that a word selects answer. Throws DpError `usage` for a word that selects none. */
export function serviceCondition({ found, wanted }: WaitedStack, word: string): Condition {
  const { name, engine } = found;
  const known = [...new Set([...wanted, ...servicesOf(found.observed)])].toSorted();
  const services = known.length === 0 ? [word] : expandServices([word], known);
  return {
    target: `service ${word}`,
    pauseMs,
    look: async (signal) => {
      const observed = await observeStack(engine, name, signal);
      const checks = answerChecks({ engine, observed }).filter(({ service }) =>
        services.includes(service),
      );
      return lookAt({ services, observed, checks, signal });
    },
  };
}

async function lookAt(at: {
  readonly services: readonly string[];
  readonly observed: Observed;
  readonly checks: readonly HealthCheck[];
  readonly signal: AbortSignal;
}): Promise<Look> {
  const { services, observed, checks, signal } = at;
  const verdicts = await runChecks(checks, limits(signal));
  return judgeServices({ services, observed, verdicts });
}

/** Met when every service has a container and no check failed. Pure. */
export function judgeServices(seen: {
  readonly services: readonly string[];
  readonly observed: Pick<Observed, "containers">;
  readonly verdicts: readonly Pick<HealthVerdict, "service" | "healthy" | "detail">[];
}): Look {
  const { services, observed, verdicts } = seen;
  const absent = services.filter(
    (service) => !observed.containers.some((container) => container.service === service),
  );
  const sick = verdicts.filter(({ service, healthy }) => !healthy && !absent.includes(service));
  const missing = [
    ...(absent.length > 0 ? [`${absent.join(", ")}: no container yet`] : []),
    ...sick.map(({ service, detail }) => `${service}: ${detail}`),
  ];
  if (missing.length > 0) return { state: "missing", text: missing.join("; ") };
  const [only, ...more] = services;
  return {
    state: "met",
    text: more.length === 0 ? `${only} is healthy` : `all ${services.length} are healthy`,
  };
}
