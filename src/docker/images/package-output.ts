/** What the build of a package layer prints for dp: a line of JSON each. */

export interface MovedPackage {
  readonly package: string;
  readonly from: string;
  readonly to: string;
}

export interface PackageOutput {
  /** The environment whose packages are installed next. */
  readonly environment?: "airflow" | "python";
  /** Packages of the base whose version changed. */
  readonly moved?: readonly MovedPackage[];
}

/** Undefined for any other line. */
export function parseOutputLine(line: string): PackageOutput | undefined {
  if (!line.startsWith('{"dp": ')) return undefined;
  return (JSON.parse(line) as { readonly dp: PackageOutput }).dp;
}
