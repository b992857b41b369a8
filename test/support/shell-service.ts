import { builtImage } from "./built-image.ts";

/** An image with a shell and perl that scenarios have anyway. */
export async function shellImage(): Promise<string> {
  return (await builtImage({ what: "kafka", version: "4.3.1" })).ref;
}

export interface ShellService {
  readonly image: string;
  /** What it does before it sleeps; SIGTERM ends it at once. */
  readonly lines?: string;
  /** Further keys of the service, e.g. `ports: ["7000"]`. */
  readonly keys?: string;
}

/** The value of a service in a pipeline.yaml. */
export function shellService({ image, lines = "true", keys }: ShellService): string {
  const text = JSON.stringify(`trap 'exit 0' TERM; ${lines}; sleep 600 & wait`);
  const command = `command: [/bin/sh, -c, ${text}]`;
  return `{ image: "${image}", ${command}${keys === undefined ? "" : `, ${keys}`} }`;
}
