import { DpError, messageOf } from "../../errors.ts";
import type { Cluster } from "./cluster.ts";
import { retryWhileMoving } from "./moving.ts";
import { usesZooKeeper } from "./quorum.ts";
import type { Request } from "../protocol/request.ts";
import { mayBeCarriedOut } from "../connection/connection-error.ts";
import { BrokerError, notController } from "../protocol/error-codes.ts";

/** How long a broker may take for what changes the cluster; it is told so in the request. */
export const requestMs = 10_000;

interface Coded {
  readonly errorCode: number;
}

export interface ControllerRequest<Answer> {
  readonly request: Request<Answer>;
  /** What the request does, as it completes "can't …": `create topic "orders"`. */
  readonly action: string;
  /** Whether it changes anything: then it may be carried out without an answer. */
  readonly isChange: boolean;
  /** The command that shows whether it was carried out. */
  readonly hint: string;
}

export interface ControllerAnswer<Answer> {
  readonly answer: Answer;
  /** An earlier attempt was not answered: what this one finds done may be the work of that one. */
  readonly isRepeated: boolean;
}

/**
 * Asks the controller, and looks for it again for 30 s while it moves, does not respond, or is not
 * there yet. Throws DpError `kafka-failed`, which says whether the request may still be carried out.
 */
export async function askController<Answer extends Coded | readonly Coded[]>(
  cluster: Cluster,
  asked: ControllerRequest<Answer>,
): Promise<ControllerAnswer<Answer>> {
  const { request } = asked;
  const silent = new Set<number>();
  let controllerId = -1;
  let unanswered: unknown;
  const attempt = async (): Promise<Answer> => {
    controllerId = await findController(cluster, silent);
    if (controllerId < 0) throw new BrokerError("the cluster has no controller", notController);
    const answer = await cluster.ask(controllerId, request, requestMs + 1000);
    const results: readonly Coded[] = "errorCode" in answer ? [answer] : answer;
    if (results.some(({ errorCode }) => errorCode === notController)) {
      throw new BrokerError(request.name, notController);
    }
    return answer;
  };
  const onUnanswered = (thrown: unknown): void => {
    unanswered = thrown;
    silent.add(controllerId);
  };
  try {
    const answer = await retryWhileMoving({ cluster, attempt, onUnanswered });
    return { answer, isRepeated: unanswered !== undefined };
  } catch (thrown) {
    const isOpen = asked.isChange && (unanswered !== undefined || mayBeCarriedOut(thrown));
    throw await failed({ cluster, asked, controllerId, thrown, isOpen });
  }
}

const looks = 5;

/** A broker that is not `silent` where there is one: with KRaft the metadata names any that it takes for alive. */
async function findController(cluster: Cluster, silent: ReadonlySet<number>): Promise<number> {
  for (let look = 1; ; look++) {
    const { controllerId } = await cluster.metadata([]);
    if (!silent.has(controllerId) || look === looks) return controllerId;
  }
}

async function failed(failure: {
  readonly cluster: Cluster;
  readonly asked: ControllerRequest<unknown>;
  readonly controllerId: number;
  readonly thrown: unknown;
  /** It is not known whether the request is carried out. */
  readonly isOpen: boolean;
}): Promise<DpError> {
  const { cluster, asked, controllerId, thrown, isOpen } = failure;
  const { request, action, hint } = asked;
  if (thrown instanceof DpError && !isOpen) return thrown;
  if (!isOpen) {
    const why = controllerId < 0 ? reasonOf(thrown) : `broker ${controllerId}: ${reasonOf(thrown)}`;
    const message = `can't ${action}`;
    return new DpError({ code: "kafka-failed", message, why, next: "dp status", cause: thrown });
  }
  const isWaiting = await usesZooKeeper(cluster);
  const why = [
    `broker ${controllerId}: ${reasonOf(thrown)}`,
    `${request.name} may still be carried out`,
    ...(isWaiting ? ["The controller may be waiting for ZooKeeper"] : []),
  ];
  return new DpError({
    code: "kafka-failed",
    message: `can't ${action}`,
    why: why.join(". "),
    next: hint,
  });
}

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof DpError)) return messageOf(thrown);
  return thrown.why === undefined ? thrown.message : `${thrown.message}: ${thrown.why}`;
}
