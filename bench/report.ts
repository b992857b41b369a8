import { judge, type Row } from "./judge.ts";

const headers = ["NAME", "OURS", "PEER", "RATIO", "LIMIT", "VERDICT"];

/** The table that a person reads. Pure. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [headers, ...rows.map(cellsOf)];
  const widths = headers.map((_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  return lines
    .map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** The same facts for machines. Pure. */
export function toDocument(rows: readonly Row[]): { benches: object[] } {
  return {
    benches: rows.map((row) => ({
      name: row.name,
      unit: row.unit,
      ours: row.ours ?? null,
      peer: row.peer ? { name: row.peer.name, value: row.peer.value ?? null } : null,
      limit: row.limit,
      verdict: judge(row),
    })),
  };
}

function cellsOf(row: Row): string[] {
  const { name, ours, peer } = row;
  const beside = peer && `${formatValue(peer.value, row)} ${peer.name}`;
  const verdict = judge(row);
  return [
    name,
    formatValue(ours, row),
    beside?.trim() ?? "-",
    formatComparison(row),
    formatLimit(row),
    verdict === "over" ? "OVER" : verdict,
  ];
}

function formatValue(value: number | undefined, { unit }: Row): string {
  if (value === undefined) return "-";
  return formatIn(unit, value);
}

function formatIn(unit: Row["unit"], value: number): string {
  switch (unit) {
    case "ms":
      return formatMs(value);
    case "records/s":
      return formatRate(value);
    case "MB":
    case "MB/s":
      return `${Math.round(value)} ${unit}`;
  }
}

function formatComparison({ ours, peer, limit }: Row): string {
  if (ours === undefined || peer?.value === undefined) return "-";
  if (limit.kind === "excess") return formatExcess(ours - peer.value);
  return `${(ours / peer.value).toFixed(2)} x`;
}

function formatLimit(row: Row): string {
  const { limit } = row;
  switch (limit.kind) {
    case "ratio":
      return `${limit.most} x`;
    case "excess":
      return formatExcess(limit.mostMs);
    case "absolute":
      return formatIn(row.unit, limit.most);
    case "rate":
      return `${formatIn(row.unit, limit.least)} at least`;
    case "rate-ratio":
      return `${limit.least} x at least`;
    case "none":
      return "-";
  }
}

function formatRate(perSecond: number): string {
  return `${Math.round(perSecond / 1000)}k/s`;
}

function formatExcess(ms: number): string {
  return `${ms < 0 ? "-" : "+"}${formatMs(Math.abs(ms))}`;
}

function formatMs(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${Math.round(ms)} ms`;
}
