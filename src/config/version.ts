/** Whether a version such as `3.9.2` lies before a line such as 3.10. */
export function isBefore(version: string, limit: readonly [major: number, minor: number]): boolean {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return major < limit[0] || (major === limit[0] && minor < limit[1]);
}
