import { isSecretName, maskSource } from "../../safe-text/redact.ts";
import { readDotenv } from "../../config/find.ts";
import type { Observed } from "../../model/containers.ts";
import type { Stack } from "../../model/settings.ts";
import type { Host } from "../request.ts";
import { secretsOfContainers, secretsOfFile } from "./read-secrets.ts";

/**
 * Has a command mask what is secret in a pipeline.yaml: the passwords in it, and the values of its
 * variables. `settings` are the words after `--set`; `names` are texts that dp shows everywhere.
 */
export function learnSourceSecrets(
  host: Host,
  input: {
    readonly file: string;
    readonly source: string;
    readonly settings: readonly string[];
    readonly names: readonly string[];
  },
): void {
  const { file, names } = input;
  const source = [input.source, ...input.settings].join("\n");
  // Read now, because the file may change before the first text that quotes its values.
  const dotenv = readDotenv(file);
  const isName = (value: string, shown: string): boolean =>
    names.some((name) => name === value || (isPlainVariable(shown) && name.includes(value)));
  host.redactor.learn(() =>
    [...maskSource(source).secrets, ...secretsOfFile(host, { source, dotenv })].filter(
      ({ value, shown }) => !isName(value, shown),
    ),
  );
}

/** Has a command mask the passwords of services, which may come from an `env_file`. */
export function learnServiceSecrets(host: Host, stack: Stack): void {
  const names = publicNames(stack);
  host.redactor.learn(() =>
    secretsOfContainers(stack.services).filter(({ value }) => !names.includes(value)),
  );
}

/** Whether a mask stands for a variable whose name tells of no secret. */
function isPlainVariable(shown: string): boolean {
  return shown.startsWith("$") && !isSecretName(shown);
}

/** What dp calls the parts of a stack, in every text about it. */
export function publicNames(stack: Stack): string[] {
  const { name, file, kafka, images, stores, services, topics, pipelines } = stack;
  return [
    name,
    file,
    JSON.stringify([kafka?.image, images, services.map(({ source }) => source)]),
    ...[...stores, ...services, ...topics, ...pipelines].map((each) => each.name),
  ];
}

/** As learnSourceSecrets, for a stack as the engine has it, and for the environment of its containers. */
export function learnStackSecrets(
  host: Host,
  stack: {
    readonly name: string;
    readonly file: string | undefined;
    /** The text of the file; empty without one. */
    readonly source: string;
    readonly observed: Pick<Observed, "containers">;
  },
): void {
  const { name, file, source, observed } = stack;
  host.redactor.learn(() => secretsOfContainers(observed.containers));
  if (file === undefined) return;
  const services = observed.containers.flatMap(({ service, imageRef }) => [service, imageRef]);
  const names = [name, file, ...services];
  learnSourceSecrets(host, { file, source, settings: [], names });
}
