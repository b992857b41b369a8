import type { View } from "../../../report/choose.ts";
import { formatAge, formatCount } from "../../../report/format.ts";
import { renderTable, type Cell, type Column } from "../../../report/table.ts";
import type { GroupDocument } from "./document.ts";

export const groupings = ["partition", "topic", "member"] as const;
export type Grouping = (typeof groupings)[number];

export interface Shown {
  readonly by: Grouping;
  /** Leaves out what is read to its end. */
  readonly lagging: boolean;
}

/** A group as text: a line of facts, then a table of its lag. */
export function renderGroup(group: GroupDocument, shown: Shown, { style, columns }: View): string {
  const head = `${style.bold(group.group)}: ${factsOf(group).join(", ")}\n`;
  const { columns: named, rows } = tableOf(group, shown);
  if (rows.length === 0) return head;
  return head + renderTable({ columns: named, rows, style, width: columns });
}

function factsOf(group: GroupDocument): string[] {
  const { type, state, assignor, members, coordinator, partitions, lag, behindMs } = group;
  const { id, address } = coordinator;
  const nothing = partitions.length === 0 ? "nothing committed" : "nothing unread";
  return [
    state,
    ...(type === "classic" ? [] : [`${type} protocol`]),
    ...(assignor === null ? [] : [assignor]),
    ...(members === null ? [] : [formatCount(members.length, "member")]),
    `coordinator ${id}${address === null ? "" : ` (${address})`}`,
    ...(lag === null ? [] : [lag === 0 ? nothing : `${formatCount(lag, "record")} behind`]),
    ...(lag === 0 || behindMs === null ? [] : [`the oldest ${formatAge(behindMs)} old`]),
  ];
}

interface Rows {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

const lagColumns: readonly Column[] = [
  { header: "lag", align: "right" },
  { header: "behind", align: "right" },
];

function tableOf(group: GroupDocument, { by, lagging }: Shown): Rows {
  const wanted = <Item extends { readonly lag: number }>(items: readonly Item[]): Item[] =>
    items.filter(({ lag }) => !lagging || lag > 0);
  switch (by) {
    case "partition":
      return partitionRows(group, wanted(group.partitions));
    case "topic":
      return {
        columns: [
          { header: "topic", shrink: true },
          { header: "partitions", align: "right" },
          ...lagColumns,
        ],
        rows: wanted(group.topics).map((one) => [one.topic, one.partitions, ...lagCells(one)]),
      };
    case "member":
      return {
        columns: [
          { header: "client id" },
          { header: "host" },
          { header: "partitions", align: "right" },
          ...lagColumns,
          { header: "member", shrink: true },
        ],
        rows: wanted(group.members ?? []).map((one) => [
          one.clientId,
          one.host,
          one.partitions.length,
          ...lagCells(one),
          one.instanceId ?? one.id,
        ]),
      };
  }
}

function partitionRows({ members }: GroupDocument, partitions: GroupDocument["partitions"]): Rows {
  const own: readonly Column[] = [
    { header: "client id" },
    { header: "host" },
    { header: "member", shrink: true },
  ];
  const isRead = partitions.some(({ member }) => member !== null);
  return {
    columns: [
      { header: "topic", shrink: true },
      { header: "partition", align: "right" },
      { header: "current offset", align: "right" },
      { header: "log end offset", align: "right" },
      ...lagColumns,
      ...(isRead ? own : []),
    ],
    rows: partitions.map((one) => {
      const member = members?.find(({ id }) => id === one.member);
      return [
        one.topic,
        one.partition,
        one.committed,
        one.end,
        ...lagCells(one),
        ...(isRead ? [member?.clientId, member?.host, member?.instanceId ?? member?.id] : []),
      ];
    }),
  };
}

function lagCells({ lag, behindMs }: { readonly lag: number; readonly behindMs: number | null }) {
  return [lag, lag === 0 || behindMs === null ? undefined : formatAge(behindMs)];
}
