import { isOlder, oldestApi } from "../../docker/engine/connect.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";

/** An address where an engine may answer, and what came of asking there. */
export interface EngineAttempt {
  readonly origin: string;
  readonly url: string;
  /** Why it is not the one; undefined for one that answers. */
  readonly failure: string | undefined;
}

export interface EngineSearch {
  readonly attempts: readonly EngineAttempt[];
  /** Why there is none, and what to do; undefined when one was found. */
  readonly failure: { readonly why: string; readonly next: string | undefined } | undefined;
}

/** https://docs.docker.com/reference/api/engine/version/v1.41/#operation/SystemVersion */
export interface EngineVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly Arch: string;
  readonly Os: string;
}

export interface ContextFacts {
  readonly contexts: readonly { readonly name: string; readonly url: string }[];
  /** Of Docker's configuration; undefined for none. */
  readonly current: string | undefined;
  /** Variables that decide instead, as `NAME=value`. */
  readonly overridden: readonly string[];
}

/** The first that answers is the engine; the others are told, too. */
export function judgeSearch({ attempts, failure }: EngineSearch): Finding {
  const evidence = attempts.map(
    ({ origin, url, failure: why }) => `${origin} (${url}): ${why ?? "answers"}`,
  );
  const found = attempts.find((attempt) => attempt.failure === undefined);
  if (found) return ok("engine", `${found.url} answers (${found.origin})`, evidence);
  const { why, next } = failure ?? { why: "none answers", next: undefined };
  return problem("engine", why, { evidence, mend: next });
}

export function judgeApi({ Version: version, ApiVersion: api }: EngineVersion): Finding {
  const detail = `engine ${version} has API ${api}`;
  if (!isOlder(api, oldestApi)) return ok("api", detail);
  const mend = "install Docker 20.10 or newer";
  return problem("api", `${detail}; dp needs ${oldestApi}`, { mend });
}

export function judgeContexts({ contexts, current, overridden }: ContextFacts): Finding {
  const evidence = contexts.map(
    ({ name, url }) => `${name === current ? "*" : " "} ${name}: ${url}`,
  );
  const isKnown = (name: string): boolean => contexts.some((context) => context.name === name);
  if (current !== undefined && current !== "default" && !isKnown(current)) {
    return problem("contexts", `the current context is ${current}, which does not exist`, {
      evidence,
      mend: "docker context use default",
    });
  }
  const used = current === undefined ? "no context is chosen" : `${current} is the current one`;
  const instead = overridden.length === 0 ? "" : `, but ${overridden.join(" and ")} decides`;
  if (current !== undefined && overridden.length > 0) {
    return warning("contexts", `${used}${instead}`, {
      evidence,
      mend: "unset it if that is not meant",
    });
  }
  return ok("contexts", contexts.length === 0 ? "none" : `${used}${instead}`, evidence);
}

export interface PlatformFacts {
  /** As the engine writes it: `amd64`. */
  readonly engine: string;
  readonly images: readonly {
    readonly ref: string;
    readonly architecture: string;
    readonly usedBy: string;
  }[];
}

/** An image of another architecture runs under emulation, or not at all. */
export function judgePlatform({ engine, images }: PlatformFacts): Finding {
  const others = images.filter(
    ({ architecture }) => architecture !== "" && architecture !== engine,
  );
  if (others.length === 0) {
    const known = images.length === 0 ? "" : `; the stack's images fit (${images.length})`;
    return ok("platform", `the engine is ${engine}${known}`);
  }
  const evidence = others.map(
    ({ ref, architecture, usedBy }) => `${usedBy}: ${ref} is ${architecture}`,
  );
  return warning("platform", `the engine is ${engine}, and not all images are`, {
    evidence,
    mend: `use images for ${engine}: docker pull --platform linux/${engine} IMAGE, or dp images build`,
  });
}
