import { InvalidArgumentError } from "commander";
import { parseConfigValue } from "../config/units.ts";

export type ConfigOption = Readonly<Record<string, string>>;

/** `key=value` of a topic config, with units as in pipeline.yaml; may be repeated. */
export function collectConfig(text: string, before: ConfigOption = {}): ConfigOption {
  const at = text.indexOf("=");
  const key = text.slice(0, at);
  const value = at > 0 ? parseConfigValue(key, text.slice(at + 1)) : undefined;
  if (value === undefined) {
    throw new InvalidArgumentError("write key=value; *.ms take 7d, *.bytes take 64m.");
  }
  return { ...before, [key]: value };
}
