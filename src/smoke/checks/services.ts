import { askTime, retryWhileWaiting } from "../patience.ts";
import { reasonOf } from "../reason.ts";
import { judge } from "../delivery.ts";
import type { Check, Judgement, SmokeService } from "../model.ts";

/** What one service was seen to answer. */
export interface ServiceProof {
  readonly name: string;
  readonly ready: boolean;
  /** What was seen, or why it is not ready. */
  readonly detail: string;
}

export const servicesCheck: Check = {
  name: "services",
  proves: "Each service passes its own ready check",
  lacks: ({ services }) => {
    if (services.length === 0) return "the stack has no services";
    return services.some(isAsked) ? undefined : "no service says when it is ready";
  },
  async run({ subjects: { services }, timeoutMs, signal }) {
    const proofs = await Promise.all(
      services.filter(isAsked).map(async ({ name, ask, mayPass }): Promise<ServiceProof> => {
        const asked = retryWhileWaiting({
          attempt: ask,
          isRetriable: mayPass,
          timeoutMs: askTime(timeoutMs),
          signal,
        });
        try {
          return { name, ready: true, detail: await asked };
        } catch (thrown) {
          return { name, ready: false, detail: reasonOf(thrown) };
        }
      }),
    );
    const unasked = services.filter((service) => !isAsked(service)).map(({ name }) => name);
    return judgeServices(proofs, unasked);
  },
};

interface AskedService extends SmokeService {
  readonly ask: NonNullable<SmokeService["ask"]>;
}

function isAsked(service: SmokeService): service is AskedService {
  return service.ask !== undefined;
}

/** Every service that was asked is ready; the others are named, and prove nothing. Pure. */
export function judgeServices(
  proofs: readonly ServiceProof[],
  unasked: readonly string[],
): Judgement {
  const tell = ({ name, detail }: ServiceProof): string => `${name}: ${detail}`;
  const faults = proofs.filter(({ ready }) => !ready);
  if (faults.length > 0) return judge(false, faults.map(tell).join("; "));
  const rest = unasked.length > 0 ? [`not asked, without a check: ${unasked.join(", ")}`] : [];
  return judge(proofs.length > 0, [...proofs.map(tell), ...rest].join("; "));
}
