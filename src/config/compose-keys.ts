import type { Path } from "../stack/path.ts";

const ownNetwork = "all services are in the stack's network, each under its own name";
const limits = "write mem_limit and cpus";
const mountFile = "show a file instead: volumes: [./file:/path:ro]";

/** Keys of a Compose service that dp does without, and what to write in their place. */
const insteadOf: Readonly<Record<string, string | undefined>> = {
  annotations: undefined,
  attach: undefined,
  blkio_config: undefined,
  cap_add: undefined,
  cap_drop: undefined,
  cgroup: undefined,
  configs: mountFile,
  cpu_count: limits,
  cpu_percent: limits,
  cpu_quota: limits,
  cpu_shares: limits,
  cpuset: undefined,
  deploy: limits,
  develop: undefined,
  device_cgroup_rules: undefined,
  devices: undefined,
  dns: undefined,
  dns_search: undefined,
  domainname: undefined,
  expose: "services reach each other on every port",
  extends: "write an anchor and <<",
  external_links: ownNetwork,
  gpus: undefined,
  group_add: undefined,
  init: undefined,
  ipc: undefined,
  isolation: undefined,
  labels: undefined,
  links: ownNetwork,
  mac_address: undefined,
  mem_reservation: limits,
  mem_swappiness: limits,
  memswap_limit: limits,
  network_mode: ownNetwork,
  networks: ownNetwork,
  oom_kill_disable: undefined,
  oom_score_adj: undefined,
  pid: undefined,
  pids_limit: undefined,
  platform: undefined,
  post_start: undefined,
  pre_stop: undefined,
  privileged: undefined,
  profiles: undefined,
  pull_policy: "write images: { pull: … } at the top of the file",
  read_only: undefined,
  runtime: undefined,
  secrets: mountFile,
  security_opt: undefined,
  shm_size: undefined,
  stdin_open: undefined,
  stop_signal: undefined,
  storage_opt: undefined,
  sysctls: undefined,
  tmpfs: undefined,
  tty: undefined,
  userns_mode: undefined,
  volumes_from: undefined,
};

/** A hint for a key of Compose that is not part of dp's subset; undefined for any other key. */
export function composeKeyHint(path: Path): string | undefined {
  const [section, , key] = path;
  const isOfService = section === "services" && path.length === 3 && typeof key === "string";
  if (!isOfService || !Object.hasOwn(insteadOf, key)) return undefined;
  const instead = insteadOf[key];
  return `Compose has it, dp's services do not${instead === undefined ? "" : `: ${instead}`}`;
}

/** Whether dp's services do without this key of Compose, and what to write in its place. */
export function missingComposeKey(
  key: string,
): { readonly instead: string | undefined } | undefined {
  return Object.hasOwn(insteadOf, key) ? { instead: insteadOf[key] } : undefined;
}

/** All keys of a Compose service that dp's services do not have. */
export const missingComposeKeys: readonly string[] = Object.keys(insteadOf);
