import { setTimeout as sleep } from "node:timers/promises";
import { DpError, messageOf } from "../../errors.ts";
import type { Cluster } from "./cluster.ts";
import type { Request } from "../wire/connection.ts";
import { isLasting } from "../wire/connection-error.ts";
import { errorText, notController } from "../wire/error-codes.ts";

/** How long a broker may take for what changes the cluster; it is told so in the request. */
export const requestMs = 10_000;
const retryMs = 100;

interface Coded {
  readonly errorCode: number;
}

/**
 * Asks the controller, and looks for it again when it has moved or is not there yet. Throws DpError
 * `kafka-failed` when that takes longer than the cluster's patience, or when it does not answer.
 */
export async function askController<Answer extends Coded | readonly Coded[]>(
  cluster: Cluster,
  request: Request<Answer>,
): Promise<Answer> {
  const deadline = performance.now() + cluster.patienceMs;
  const silent = new Map<number, unknown>();
  for (;;) {
    const controllerId = await findController(cluster, silent);
    if (silent.has(controllerId)) throw failed(request, controllerId, silent.get(controllerId));
    let trouble: unknown = new Error("the cluster has no controller");
    if (controllerId >= 0) {
      try {
        const answer = await cluster.ask(controllerId, request, requestMs + 1000);
        const results: readonly Coded[] = "errorCode" in answer ? [answer] : answer;
        if (results.every(({ errorCode }) => errorCode !== notController)) return answer;
        trouble = new Error(errorText(notController));
      } catch (error) {
        trouble = error;
      }
    }
    if (isLasting(trouble)) silent.set(controllerId, trouble);
    else if (performance.now() > deadline) throw failed(request, controllerId, trouble);
    else await sleep(retryMs);
  }
}

const looks = 5;

/** A broker that is not `silent` where there is one: with KRaft the metadata names any that it takes for alive. */
async function findController(
  cluster: Cluster,
  silent: ReadonlyMap<number, unknown>,
): Promise<number> {
  for (let look = 1; ; look++) {
    const { controllerId } = await cluster.metadata([]);
    if (!silent.has(controllerId) || look === looks) return controllerId;
  }
}

function failed(
  request: { readonly name: string },
  controllerId: number,
  trouble: unknown,
): DpError {
  const why = messageOf(trouble);
  return new DpError({
    code: "kafka-failed",
    message: `${request.name} failed`,
    why: controllerId < 0 ? why : `broker ${controllerId}: ${why}`,
    next: "dp status",
    cause: trouble,
  });
}
