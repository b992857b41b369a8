import type { Path } from "../../stack/path.ts";
import {
  badRecordTopic,
  sinkOf,
  sourceOf,
  type WrittenSink,
  type WrittenSource,
} from "../endpoints.ts";
import { listOf, stepsOf } from "../written.ts";
import type { Found, Rule, RuleInput } from "./rule.ts";

interface Move {
  readonly id: string;
  readonly from: WrittenSource;
  readonly to: WrittenSink;
  /** The place of `to`. */
  readonly at: Path;
}

function forMoves(rule: (move: Move, input: RuleInput) => Found[]): Rule {
  return (input) =>
    stepsOf(input.spec).flatMap(({ id, path, step }) => {
      const [from, to] = [sourceOf(step), sinkOf(step)];
      return from && to ? rule({ id, from, to, at: [...path, "to"] }, input) : [];
    });
}

export const upsertsHaveKeys: Rule = forMoves(({ to, at }) =>
  to.mode === "upsert" && listOf(to.unique_key).length === 0
    ? [
        {
          path: [...at, "mode"],
          message: "upsert without a unique_key: no row could be found again",
          hint: "add unique_key: the column, or the list of columns, that tells rows apart",
          given: [[...at, "unique_key"]],
        },
      ]
    : [],
);

export const appendsHaveNoKeys: Rule = forMoves(({ to, at }) =>
  to.mode === "append" && listOf(to.unique_key).length > 0
    ? [
        {
          path: [...at, "mode"],
          message: "append adds every row, whatever its unique_key",
          hint: "remove mode: with a unique_key rows are written over; or remove unique_key",
        },
      ]
    : [],
);

/** Keys of compaction: https://kafka.apache.org/documentation/#compaction */
export const compactedTopicsGetKeys: Rule = forMoves(({ from, to, at }, { stack }) => {
  const topic = stack.topics.find(({ name }) => name === to.topic);
  const policies = topic?.config["cleanup.policy"]?.split(/\s*,\s*/) ?? [];
  const isKept = to.key !== undefined || from.topic !== undefined;
  if (!topic || isKept || !policies.includes("compact")) return [];
  return [
    {
      path: at,
      message: `topic "${topic.name}" is compacted: it takes no records without a key`,
      hint: `write { topic: ${topic.name}, key: FIELD }`,
      given: [
        [...at, "key"],
        ["topics", topic.name, "config"],
      ],
    },
  ];
});

const placeColumns = ["_topic", "_partition", "_offset"];

/** A step that is tried again reads the last batch again. */
export const appendsMayDouble: Rule = forMoves(({ id, from, to, at }) => {
  const isAppend = to.mode === undefined || to.mode === "append";
  const hasKey = listOf(to.unique_key).length > 0;
  if (from.topic === undefined || to.store === undefined || !isAppend || hasKey) return [];
  return [
    {
      severity: "warning",
      path: at,
      message: `step "${id}" appends what it reads from a topic: a retry may write rows twice`,
      hint: `add unique_key: FIELD, or unique_key: [${placeColumns.join(", ")}] where no field tells rows apart`,
      given: [
        [...at, "unique_key"],
        [...at, "mode"],
      ],
    },
  ];
});

export const placeColumnsComeFromTopics: Rule = forMoves(({ from, to, at }) =>
  from.topic !== undefined
    ? []
    : listOf(to.unique_key)
        .filter((column) => placeColumns.includes(column))
        .slice(0, 1)
        .map((column) => ({
          path: [...at, "unique_key"],
          message: `only records of a topic have ${column}`,
          hint: "name columns of the records",
        })),
);

export const uniqueKeysName: Rule = forMoves(({ to, at }) => {
  const columns = listOf(to.unique_key);
  if (to.unique_key === undefined) return [];
  const twice = columns.find((column, index) => columns.indexOf(column) < index);
  if (
    columns.length > 0 &&
    twice === undefined &&
    columns.every((column) => column.trim() !== "")
  ) {
    return [];
  }
  return [
    {
      path: [...at, "unique_key"],
      message: twice === undefined ? "unique_key names no column" : `"${twice}" is listed twice`,
      hint: "write the name of a column, or a list of them",
    },
  ];
});

export const exactlyOnceIsBetweenTopics: Rule = forMoves(({ from, to, at }) =>
  to.delivery !== "exactly_once" || to.topic === undefined || from.topic !== undefined
    ? []
    : [
        {
          path: [...at, "delivery"],
          message:
            "exactly_once works from topic to topic only: the position is part of the transaction",
          hint: "remove the line; records with the same key can be told apart by it",
          given: [[...at.slice(0, -1), "from"]],
        },
      ],
);

/** The next run would read what this one has written. */
export const stepsWriteElsewhere: Rule = ({ spec }) =>
  stepsOf(spec).flatMap(({ id, path, step }) => {
    const [read, written] = [sourceOf(step)?.topic, sinkOf(step)?.topic];
    if (read === undefined) return [];
    const uses = [
      { topic: written, path: [...path, "to"] },
      { topic: badRecordTopic(step), path: [...path, "on_bad_record"] },
    ];
    return uses
      .filter(({ topic }) => topic === read)
      .map(({ path }) => ({
        path,
        message: `step "${id}" writes to the topic that it reads: the next run would read it again`,
        hint: "write to another topic",
      }));
  });
