import { parseDotenv } from "../../config/dotenv.ts";
import { ownValue } from "../../stack/own-value.ts";
import type { ObservedContainer } from "../../model/containers.ts";
import type { Host } from "../request.ts";
import { isSecretName, secretsAmong, type Secret } from "../../safe-text/redact.ts";

/** What may be secret in the variables that a file names, and in the text of the `.env` beside it. */
export function secretsOfFile(
  { env }: Host,
  { source, dotenv }: { readonly source: string; readonly dotenv: string },
): Secret[] {
  const { values } = parseDotenv(dotenv, (name) => ownValue(env, name));
  const names = new Set([
    ...[...source.matchAll(/\$\{(\w+)/g)].map(([, name = ""]) => name),
    ...values.keys(),
  ]);
  const named = [...names].map(
    (name) => [name, ownValue(env, name) ?? values.get(name) ?? ""] as const,
  );
  return secretsAmong(named, (name) => `\${${name}}`);
}

/** Passwords and the like among the environment of containers. */
export function secretsOfContainers(
  containers: readonly Pick<ObservedContainer, "environment">[],
): Secret[] {
  const named = containers.flatMap(({ environment }) =>
    Object.entries(environment).filter(([name]) => isSecretName(name)),
  );
  return secretsAmong(named, () => "***");
}
