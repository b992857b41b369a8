import { nearest } from "../../stack/nearest.ts";
import { parseReference } from "./reference.ts";
import type { RegistryAuth } from "./registry-auth.ts";

/** What a registry is asked with; its own answer to a pull was quick, too. */
const answerMs = 4000;
const shownTags = 8;

/**
 * The tags that an image has in its registry, for a name whose tag is wrong: `no tag 3.9; it has
 * 3.9.2, 4.0.0`. Undefined when the registry does not tell, or not to this machine.
 */
export async function describeTags(options: {
  readonly ref: string;
  readonly auth: RegistryAuth | undefined;
  readonly signal: AbortSignal;
}): Promise<string | undefined> {
  const { ref, auth, signal } = options;
  const { tag } = parseReference(ref);
  if (tag === undefined) return undefined;
  const limit = AbortSignal.timeout(answerMs);
  const tags = await readTags({ ref, auth, signal: AbortSignal.any([signal, limit]) }).catch(
    () => [],
  );
  signal.throwIfAborted();
  return tags.length === 0 ? undefined : formatTags(tag, tags);
}

/** `tags` are in the registry's order; those with the greatest numbers are shown, the nearest first. */
export function formatTags(tag: string, tags: readonly string[]): string {
  const sorted = tags.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
  const meant = nearest(tag, sorted);
  const ordered = [...new Set([...(meant === undefined ? [] : [meant]), ...sorted])];
  const more = ordered.length > shownTags ? `, and ${ordered.length - shownTags} more` : "";
  return `no tag ${tag}; it has ${ordered.slice(0, shownTags).join(", ")}${more}`;
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags */
async function readTags(call: {
  readonly ref: string;
  readonly auth: RegistryAuth | undefined;
  readonly signal: AbortSignal;
}): Promise<readonly string[]> {
  const { auth, signal } = call;
  const { registry, repository } = parseReference(call.ref);
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  // Engines, too, speak to registries of this machine without TLS.
  const scheme = /^(localhost|127\.|\[::1\])/.test(host) ? "http" : "https";
  const url = `${scheme}://${host}/v2/${repository}/tags/list`;
  const basic =
    auth?.username === undefined
      ? undefined
      : `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`;
  const ask = (authorization: string | undefined): Promise<Response> =>
    fetch(url, { signal, headers: authorization ? { authorization } : {} });
  const first = await ask(basic);
  const challenge = first.headers.get("www-authenticate") ?? "";
  const answer =
    first.status === 401 && /^bearer /i.test(challenge)
      ? await ask(await fetchToken({ challenge, basic, signal }))
      : first;
  if (!answer.ok) return [];
  const { tags } = (await answer.json()) as { readonly tags?: readonly string[] | null };
  return tags ?? [];
}

/** https://distribution.github.io/distribution/spec/auth/token/ */
async function fetchToken(call: {
  readonly challenge: string;
  readonly basic: string | undefined;
  readonly signal: AbortSignal;
}): Promise<string> {
  const { challenge, basic, signal } = call;
  const fields = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );
  const url = new URL(fields.get("realm") ?? "");
  for (const name of ["service", "scope"]) url.searchParams.set(name, fields.get(name) ?? "");
  const response = await fetch(url, { signal, headers: basic ? { authorization: basic } : {} });
  const answer = (await response.json()) as { token?: string; access_token?: string };
  return `Bearer ${answer.token ?? answer.access_token}`;
}
