/** The parts of an image's name, as the distribution project's grammar has them. */
export interface ImageReference {
  /** Host and port of the registry; `docker.io` when the name has none. */
  readonly registry: string;
  /** Path in the registry, e.g. `library/postgres`. */
  readonly repository: string;
  /** `latest` when the name has neither tag nor digest. */
  readonly tag: string | undefined;
  /** `sha256:…` */
  readonly digest: string | undefined;
}

/**
 * Splits a name as written on a command line. The first part is a registry only if it has a dot or
 * a colon, or is `localhost` (https://pkg.go.dev/github.com/distribution/reference, ParseNormalizedNamed).
 */
export function parseReference(name: string): ImageReference {
  const [beforeDigest = "", digest] = name.split("@", 2);
  const colon = beforeDigest.lastIndexOf(":");
  const hasTag = colon > beforeDigest.lastIndexOf("/");
  const tag = hasTag ? beforeDigest.slice(colon + 1) : undefined;
  const path = hasTag ? beforeDigest.slice(0, colon) : beforeDigest;
  const slash = path.indexOf("/");
  const first = slash === -1 ? "" : path.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === "localhost";
  const registry = !hasRegistry || first === "index.docker.io" ? "docker.io" : first;
  const rest = hasRegistry ? path.slice(slash + 1) : path;
  const repository = registry === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest;
  return {
    registry,
    repository,
    digest,
    tag: tag ?? (digest === undefined ? "latest" : undefined),
  };
}

/** The full name, e.g. `docker.io/library/postgres:15`; equal for all spellings of one image. */
export function normalizeReference(name: string): string {
  const { registry, repository, tag, digest } = parseReference(name);
  return `${registry}/${repository}${digest === undefined ? `:${tag}` : `@${digest}`}`;
}

/** The short name that the engine lists an image under, e.g. `postgres:15`. */
export function formatFamiliar(name: string): string {
  return normalizeReference(name)
    .replace(/^docker\.io\//, "")
    .replace(/^library\//, "");
}

/**
 * The name of an official image in a mirror of Docker Hub: `postgres:15` with the prefix
 * `mirror.example/hub` is `mirror.example/hub/library/postgres:15`.
 */
export function applyPrefix(name: string, prefix: string | undefined): string {
  if (prefix === undefined) return name;
  const { registry, ...rest } = parseReference(name);
  if (registry !== "docker.io") return name;
  const suffix = rest.digest === undefined ? `:${rest.tag}` : `@${rest.digest}`;
  return `${prefix.replace(/\/+$/, "")}/${rest.repository}${suffix}`;
}
