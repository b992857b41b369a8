import type { Path } from "../../stack/path.ts";
import { durationForm, parseConfigValue, sizeForm } from "../units.ts";
import type { Found, Rule } from "./rule.ts";

/** Values of `*.ms` and `*.bytes` are numbers, durations or sizes. */
export const configValuesHaveUnits: Rule = ({ spec }) => {
  const topics = spec.topics && !Array.isArray(spec.topics) ? Object.entries(spec.topics) : [];
  return [
    ...badValues(["kafka", "config"], spec.kafka ? spec.kafka.config : undefined),
    ...topics.flatMap(([name, topic]) =>
      badValues(["topics", name, "config"], topic ? topic.config : undefined),
    ),
  ];
};

function badValues(path: Path, config: Readonly<Record<string, string>> | undefined): Found[] {
  return Object.entries(config ?? {})
    .filter(([key, value]) => parseConfigValue(key, value) === undefined)
    .map(([key, value]) => ({
      path: [...path, key],
      message: key.endsWith(".ms") ? `invalid duration "${value}"` : `invalid size "${value}"`,
      hint: key.endsWith(".ms")
        ? `write ${durationForm}, or a number of milliseconds`
        : `write ${sizeForm}, or a number of bytes`,
    }));
}
