import { randomBytes } from "node:crypto";
import { DpError } from "../../errors.ts";
import type { SmokeService, SmokeStore, Subjects } from "../../smoke/model.ts";
import { storeLogin } from "../../stack/endpoints.ts";
import { askService, mayPass } from "./health-checks.ts";
import { openSmokeAirflow } from "./smoke-airflow.ts";
import { openSmokeCluster } from "./smoke-cluster.ts";
import { publishedAddress, type FoundStack } from "../stack/running.ts";

export interface OpenedSubjects {
  readonly subjects: Subjects;
  /** Ends all connections. */
  close(): void;
}

/** What of a stack can be proved. Throws DpError `not-running` when nothing runs, or no broker of Kafka. */
export function openSubjects(stack: FoundStack): OpenedSubjects {
  const { containers } = stack.observed;
  if (containers.every(({ state }) => state !== "running")) {
    throw new DpError({
      code: "not-running",
      message: `${stack.name} does not run`,
      why:
        containers.length > 0
          ? "its containers are stopped"
          : "nothing of this stack runs on the engine",
      next: "dp up",
    });
  }
  const kafka = containers.some(({ kind }) => kind === "kafka")
    ? openSmokeCluster(stack)
    : undefined;
  return {
    subjects: {
      kafka: kafka?.cluster,
      airflow: openSmokeAirflow(stack),
      stores: storesOf(stack),
      services: servicesOf(stack),
    },
    close: () => kafka?.close(),
  };
}

function storesOf({ observed }: FoundStack): SmokeStore[] {
  return observed.containers.flatMap((container) => {
    const login = storeLogin(container);
    if (!login) return [];
    const address = publishedAddress(container);
    const { service: name, state } = container;
    const word = `dp_smoke_${randomBytes(4).toString("hex")}`;
    return [
      {
        name,
        state,
        mayPass,
        published: address && `${address.host}:${address.port}`,
        // One word for all attempts: the last one removes what an earlier one has left.
        roundTrip: async (rows, signal) => {
          if (!address) throw new Error(`is ${state}`);
          const { roundTrip } = await import("../../stores/round-trip.ts");
          return roundTrip({ address, login }, { word, rows, signal });
        },
      },
    ];
  });
}

function servicesOf({ observed, engine }: FoundStack): SmokeService[] {
  return observed.containers
    .filter(({ kind }) => kind === "service")
    .map((container): SmokeService => {
      const asked = container.ready !== undefined;
      return {
        name: container.service,
        mayPass,
        ask: asked ? (signal) => askService(container, engine, signal) : undefined,
      };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
