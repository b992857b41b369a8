import { DpError } from "../../errors.ts";
import type { Stack } from "../../model/settings.ts";
import type { Host, SharedOptions } from "../../app/request.ts";
import { expectedContainers } from "../../app/deploy/expected-containers.ts";
import { fileStoreChecks } from "../../app/stack/file-stores.ts";
import { findStack, type FoundStack } from "../../app/stack/running.ts";
import { loadFileOfStack } from "../../app/stack/stack-file.ts";
import type { Condition } from "./condition.ts";

/** What the words and options of a command line ask for. */
export type WaitWords =
  | { readonly kind: "stack" }
  | { readonly kind: "service" | "pipeline"; readonly name: string }
  | { readonly kind: "topic" | "group"; readonly name: string; readonly count: number };

const kinds = ["service", "topic", "group", "pipeline"] as const;
type Kind = (typeof kinds)[number];

/** Throws DpError `usage` for words that don't go together. */
export function readWords(given: {
  readonly what: string | undefined;
  readonly name: string | undefined;
  readonly count: number | undefined;
  readonly lag: number | undefined;
}): WaitWords {
  const { what, name, count, lag } = given;
  const kind = kinds.find((one) => one === what);
  if (count !== undefined && kind !== "topic") throw wrong("--count belongs to a topic");
  if (lag !== undefined && kind !== "group") throw wrong("--lag belongs to a group");
  if (what === undefined) return { kind: "stack" };
  if (kind === undefined) throw wrong(`there is no waiting for "${what}"`);
  if (name === undefined) throw wrong(`${kind} needs a name`);
  return toWords(kind, { name, count, lag });
}

function toWords(
  kind: Kind,
  given: {
    readonly name: string;
    readonly count: number | undefined;
    readonly lag: number | undefined;
  },
): WaitWords {
  const { name, count = 1, lag = 0 } = given;
  switch (kind) {
    case "topic":
      return { kind, name, count };
    case "group":
      return { kind, name, count: lag };
    case "service":
    case "pipeline":
      return { kind, name };
  }
}

function wrong(message: string): DpError {
  return new DpError({
    code: "usage",
    message,
    next: "dp wait [service NAME | topic NAME --count N | group NAME --lag N | pipeline NAME]",
  });
}

export interface ChosenWait {
  readonly project: string;
  readonly condition: Condition;
}

interface WaitRequest {
  readonly host: Host;
  readonly shared: SharedOptions;
  readonly words: WaitWords;
}

/** What to wait for. Throws DpError `usage` and others for what can never come. */
export async function chooseCondition(request: WaitRequest): Promise<ChosenWait> {
  const found = await findStack(request.host, request.shared);
  return { project: found.name, condition: await conditionOf(request, found) };
}

async function conditionOf(request: WaitRequest, found: FoundStack): Promise<Condition> {
  const { words } = request;
  switch (words.kind) {
    case "topic":
    case "group": {
      const { topicCondition, groupCondition } = await import("./kafka-conditions.ts");
      return words.kind === "topic" ? topicCondition(found, words) : groupCondition(found, words);
    }
    case "pipeline": {
      const { pipelineCondition } = await import("./pipeline-condition.ts");
      const stack = await stackOfFile(request, found);
      return pipelineCondition({ found, stack, name: words.name });
    }
    case "stack":
    case "service": {
      const { serviceCondition, stackCondition } = await import("./stack-condition.ts");
      const stack = await stackOfFile(request, found);
      const specs = stack ? await expectedContainers(stack, found.observed) : [];
      const waited = { found, wanted: specs.map(({ service }) => service) };
      if (words.kind === "service") return serviceCondition(waited, words.name);
      const beside = fileStoreChecks(stack?.fileStores ?? []);
      return stackCondition(waited, { beside, readFile: async () => stack });
    }
  }
}

/** Undefined without a file, and for one with mistakes: then what runs counts alone. */
async function stackOfFile(
  { host, shared }: WaitRequest,
  { file }: FoundStack,
): Promise<Stack | undefined> {
  if (file === undefined) return undefined;
  const loaded = await loadFileOfStack(host, shared);
  return loaded.ok ? loaded.stack : undefined;
}
