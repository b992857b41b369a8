/** Names that Docker or dp use otherwise. */
const reserved = new Set(["host", "none", "bridge", "default"]);

const maxLength = 40;

export function isReservedName(name: string): boolean {
  return reserved.has(name);
}

export function isValidName(name: string): boolean {
  return /^[a-z][a-z0-9-]{1,39}$/.test(name) && !isReservedName(name);
}

/** A stack's name made from that of a folder: lower case, dashes for what is not allowed. */
export function nameOfFolder(folder: string): string {
  const cleaned = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  const begun = /^[a-z]/.test(cleaned) ? cleaned : `dp-${cleaned}`;
  const cut = begun.slice(0, maxLength).replace(/-+$/, "");
  if (isValidName(cut)) return cut;
  return isReservedName(cut) ? `${cut}-stack` : `dp-${cut}`;
}
