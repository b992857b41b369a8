import type { ContainerSpec, ReadinessGroup } from "../../model/containers.ts";
import type { SettledStack } from "../../model/settled.ts";
import { containerName, networkName, runnerService } from "../names.ts";
import { readyProbe } from "../ready-probe.ts";

const programFolder = "/etc/dp";
const ready = { kind: "log", pattern: "^ready for steps$" } as const;

/** Starts the containers of steps for Airflow, and alone has the engine's socket. */
export function runnerContainers({ name: project, runner }: SettledStack): ContainerSpec[] {
  if (!runner) return [];
  const { image, engineSocket, program } = runner;
  return [
    {
      service: runnerService,
      kind: "service",
      name: containerName(project, runnerService),
      image,
      entrypoint: ["/opt/dp/venv/bin/python", "-m", "dp_runner"],
      command: [],
      environment: {
        DP_PROJECT: project,
        DP_NETWORK: networkName(project),
        // A later plan finds the path here.
        [socketVariable]: engineSocket,
      },
      files: [...program].map(([module, content]) => ({
        path: `${programFolder}/dp_runner/${module}`,
        content,
      })),
      volumes: [],
      binds: [],
      engineSocket,
      ports: [],
      memLimitBytes: undefined,
      // The socket belongs to root.
      user: "0:0",
      workingDir: programFolder,
      stopTimeoutS: 5,
      dataTraits: {},
      ready,
    },
  ];
}

/** The variable of the runner's container that holds the path of the engine's socket. */
export const socketVariable = "DP_ENGINE_SOCKET";

export function runnerReadiness({ name: project, runner }: SettledStack): ReadinessGroup[] {
  if (!runner) return [];
  return [
    {
      name: runnerService,
      services: [runnerService],
      needs: [],
      probe: readyProbe({ ready, ports: [], container: containerName(project, runnerService) }),
    },
  ];
}
