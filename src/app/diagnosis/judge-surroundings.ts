import { ok, problem, warning, type Finding } from "./finding.ts";

/** A port of the file, and who has it. */
export interface WantedPort {
  readonly service: string;
  readonly port: number;
  /** `stack`: its own container. */
  readonly owner: "nobody" | "stack" | { readonly name: string };
}

export function judgePorts(ports: readonly WantedPort[]): Finding {
  const taken = ports.flatMap(({ service, port, owner }) =>
    typeof owner === "string" ? [] : [`${service} wants ${port}: ${owner.name} has it`],
  );
  if (taken.length > 0) {
    return problem("ports", `${taken.length} of ${ports.length} can't be had`, {
      evidence: taken,
      mend: "stop what holds it, or choose another in pipeline.yaml (`port: auto` takes a free one)",
    });
  }
  if (ports.length === 0) return ok("ports", "none is fixed");
  const evidence = ports.map(
    ({ service, port, owner }) =>
      `${service}: ${port} ${owner === "stack" ? "is its own" : "is free"}`,
  );
  return ok(
    "ports",
    `${ports.map(({ port }) => port).join(", ")}: free, or the stack's own`,
    evidence,
  );
}

export interface LeftStack {
  readonly name: string;
  readonly file: string;
  /** Whether its file lies on this machine, and is there. */
  readonly home: "here" | "gone" | "elsewhere";
  readonly containers: number;
  readonly volumes: number;
}

export interface Leftovers {
  readonly stacks: readonly LeftStack[];
  /** Containers that were kept for a successor that never became ready. */
  readonly replaced: readonly { readonly name: string; readonly project: string }[];
  /** Containers of local runs that were killed. */
  readonly runs: readonly { readonly name: string; readonly project: string }[];
}

/** What nobody may want any more; what is there on purpose (data after `dp down`) is only told. */
export function judgeLeftovers({ stacks, replaced, runs }: Leftovers): Finding[] {
  const gone = stacks.filter(({ home }) => home === "gone");
  const asleep = stacks.filter(({ home, containers, volumes }) => {
    return home !== "gone" && containers === 0 && volumes > 0;
  });
  return [
    gone.length === 0
      ? ok("stacks", `${stacks.length} on this engine; the file of each is there`)
      : warning("stacks", `${gone.length} whose file is gone`, {
          evidence: gone.map(({ name, file }) => `${name}: ${file}`),
          mend: gone.map(({ name }) => `dp down --project ${name} (-v: with its data)`).join("; "),
        }),
    ok(
      "data",
      asleep.length === 0
        ? "no stack has data without containers"
        : `${asleep.length} stacks have data and no containers`,
      asleep.map(
        ({ name, volumes }) => `${name}: ${volumes}; dp down -v --project ${name} removes it`,
      ),
    ),
    judgeContainers("replaced containers", "an interrupted dp up", replaced),
    judgeContainers("local runs", "a killed dp pipeline run", runs),
  ];
}

/** Containers that the next `up` of their stack removes. */
function judgeContainers(
  check: string,
  leftBy: string,
  left: readonly { readonly name: string; readonly project: string }[],
): Finding {
  if (left.length === 0) return ok(check, "none is left");
  return warning(check, `${left.length} left by ${leftBy}`, {
    evidence: left.map(({ name }) => name),
    mend: [...new Set(left.map(({ project }) => `dp up --project ${project}`))].join("; "),
  });
}

export interface NetworkFacts {
  /** Networks that take their addresses from the engine's pools. */
  readonly used: number;
  /** As the engine tells them; undefined for its own. */
  readonly pools: readonly { readonly Base: string; readonly Size: number }[] | undefined;
}

/** 172.17 to 172.31 as /16, and 192.168.0.0/16 as /20, without any setting. */
const builtInPools = 15 + 16;
const fewNetworks = 3;

/** Each stack takes one network; when the pools are used up the engine can create no other. */
export function judgeNetworks({ used, pools }: NetworkFacts): Finding {
  const room =
    pools && pools.length > 0 ? pools.reduce((sum, pool) => sum + sizeOf(pool), 0) : builtInPools;
  const detail = `${used} of about ${room} are used`;
  const mend =
    'docker network prune removes unused ones; "default-address-pools" in daemon.json makes more';
  if (used >= room) return problem("networks", detail, { mend });
  if (room - used <= fewNetworks) return warning("networks", detail, { mend });
  return ok("networks", detail);
}

function sizeOf({ Base: base, Size: size }: { Base: string; Size: number }): number {
  const prefix = Number(base.split("/")[1] ?? size);
  return 2 ** Math.max(0, size - prefix);
}

export interface ProxyFacts {
  /** `NAME=value` of this machine's environment. */
  readonly host: readonly string[];
  readonly engine: readonly string[];
  /** Variables that name a certificate file, and whether it is there. */
  readonly certificates: readonly {
    readonly name: string;
    readonly path: string;
    readonly there: boolean;
  }[];
}

export function judgeProxies({ host, engine, certificates }: ProxyFacts): Finding[] {
  const evidence = [
    ...host.map((entry) => `here: ${maskLogin(entry)}`),
    ...engine.map((entry) => `engine: ${maskLogin(entry)}`),
  ];
  const proxies =
    host.length > 0 && engine.length === 0
      ? warning("proxies", "this machine uses a proxy, the engine none: only builds get it", {
          evidence,
          mend: "if pulls fail, give the engine its proxy: https://docs.docker.com/engine/daemon/proxy/",
        })
      : ok("proxies", evidence.length === 0 ? "none" : "seen; builds get those of here", evidence);
  const missing = certificates.filter(({ there }) => !there);
  const named = certificates.map(({ name, path }) => `${name}=${path}`);
  return [
    proxies,
    missing.length > 0
      ? problem(
          "certificates",
          `${missing.map(({ name }) => name).join(", ")}: there is no such file`,
          {
            evidence: named,
            mend: "correct or unset it",
          },
        )
      : ok("certificates", named.length === 0 ? "the system's" : "named ones are there", named),
  ];
}

/** A proxy's address may carry a login. */
function maskLogin(text: string): string {
  return text.replace(/\/\/[^@/]*@/, "//***@");
}
