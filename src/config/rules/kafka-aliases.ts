import { controllerPort, externalPort } from "../../stack/services/kafka.ts";
import { airflowService } from "../../stack/names.ts";
import type { Stack } from "../../model/settings.ts";
import { parseAlias } from "../container-forms.ts";
import type { Found, Rule } from "./rule.ts";

/** Listeners that are not for programs in containers. */
const otherListeners: ReadonlyMap<number, string> = new Map([
  [controllerPort, "the controllers"],
  [externalPort, "programs on this machine"],
]);

export const aliasesAreUsable: Rule = ({ spec, stack }) => {
  const written = (spec.kafka && spec.kafka.aliases) || [];
  return written.flatMap((text, index): Found[] => {
    const problem =
      written.indexOf(text) < index
        ? { message: `"${text}" is listed twice`, hint: "keep one of the two" }
        : problemOf(text, stack);
    return problem ? [{ ...problem, path: ["kafka", "aliases", index] }] : [];
  });
};

function problemOf(text: string, stack: Stack): Pick<Found, "message" | "hint"> | undefined {
  const alias = parseAlias(text);
  if (!alias) {
    return {
      message: `"${text}" is not a name with a port`,
      hint: "write a name of letters, digits, dashes, dots or underscores and a port from 1 to 65535, e.g. broker:29092",
    };
  }
  const { name, port } = alias;
  const listener = otherListeners.get(port);
  if (listener !== undefined) {
    return {
      message: `port ${port} of the brokers is already the listener for ${listener}`,
      hint: "choose another port, or 9092 to add only the name",
    };
  }
  const owner = ownerOf(name.toLowerCase(), stack);
  if (owner === undefined) return undefined;
  return {
    message: `"${name}" is already the name of ${owner} in the network`,
    hint: "choose another name",
  };
}

/** What else has the name in the network; undefined for a free name. */
function ownerOf(
  name: string,
  { zookeeper, airflow, stores, services }: Stack,
): string | undefined {
  if (name === "localhost") return "each container itself";
  if (/^kafka-\d+$/.test(name)) return "one broker";
  if (zookeeper && /^zookeeper(-\d+)?$/.test(name)) return "ZooKeeper";
  if (airflow && name === airflowService) return "Airflow";
  if (stores.some((store) => store.name === name)) return "a store";
  return services.some((service) => service.name === name) ? "a service" : undefined;
}
