import { homedir } from "node:os";
import { join } from "node:path";
import { readRegularFile } from "../../files/regular-file.ts";
import { readOutput } from "../../programs/read-output.ts";
import type { Environment } from "./host-settings.ts";
import { parseReference } from "./reference.ts";

/** https://docs.docker.com/reference/cli/docker/login/ — the fields that concern credentials. */
interface ClientConfig {
  readonly auths?: Record<string, { readonly auth?: string; readonly identitytoken?: string }>;
  readonly credsStore?: string;
  readonly credHelpers?: Record<string, string>;
}

export interface AuthOptions {
  /** The image that is to be pulled. */
  readonly ref: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/** As the engine takes it: a name and password, or a token that some registries give in their place. */
export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

const helperTimeoutMs = 10_000;

/**
 * What `docker login` left for the image's registry: from a credential helper, or from config.json
 * itself. Undefined when there is nothing, which is no error: most images are public.
 */
export async function readRegistryAuth(options: AuthOptions): Promise<RegistryAuth | undefined> {
  const { ref, env, signal } = options;
  const { registry } = parseReference(ref);
  // Docker Hub's credentials are kept under the address of its first API.
  const server = registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
  const config = await readClientConfig(env);
  const helper = config.credHelpers?.[server] ?? config.credsStore;
  const answer = helper ? await askHelper({ helper, server, env, signal }) : undefined;
  return answer ?? readPlainAuth(config, server);
}

async function readClientConfig(env: Environment): Promise<ClientConfig> {
  try {
    const folder = env["DOCKER_CONFIG"] || join(homedir(), ".docker");
    const text = await readRegularFile(join(folder, "config.json"));
    return JSON.parse(text.toString()) as ClientConfig;
  } catch {
    return {};
  }
}

function readPlainAuth(config: ClientConfig, server: string): RegistryAuth | undefined {
  const entry = config.auths?.[server] ?? config.auths?.[`https://${server}`];
  if (entry?.identitytoken) return { identitytoken: entry.identitytoken, serveraddress: server };
  if (!entry?.auth) return undefined;
  const [username = "", ...rest] = Buffer.from(entry.auth, "base64").toString().split(":");
  return { username, password: rest.join(":"), serveraddress: server };
}

/** https://github.com/docker/docker-credential-helpers — `get` reads the server, prints JSON. */
async function askHelper(options: {
  readonly helper: string;
  readonly server: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
}): Promise<RegistryAuth | undefined> {
  const { helper, server, env, signal } = options;
  const output = await readOutput({
    program: `docker-credential-${helper}`,
    args: ["get"],
    env,
    input: server,
    timeoutMs: helperTimeoutMs,
    signal,
  });
  if (output === undefined) return undefined;
  try {
    const { Username = "", Secret = "" } = JSON.parse(output) as Record<string, string>;
    // The name that stands for none: the secret is a token.
    return Username === "<token>"
      ? { identitytoken: Secret, serveraddress: server }
      : { username: Username, password: Secret, serveraddress: server };
  } catch {
    return undefined;
  }
}
