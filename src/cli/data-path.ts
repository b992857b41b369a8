import type { HealthCheck } from "../health/checks.ts";
import type { Address } from "../stack/model.ts";

export function dataPathChecks(_bootstrap: readonly Address[]): HealthCheck[] {
  return [];
}
