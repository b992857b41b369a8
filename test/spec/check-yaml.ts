import { checkText, type Checked } from "../../src/spec/check.ts";

interface Circumstances {
  readonly env?: Readonly<Record<string, string>>;
  readonly project?: string;
  readonly ports?: "written" | "auto";
  readonly files?: readonly string[];
}

/** Checks a text as if it stood in /home/me/My Shop/pipeline.yaml. */
export function checkYaml(text: string, circumstances: Circumstances = {}): Checked {
  const { env = {}, project, ports = "written", files = [] } = circumstances;
  return checkText({
    text,
    file: "/home/me/My Shop/pipeline.yaml",
    lookup: (name) => env[name],
    project,
    ports,
    kindOf: (file) => (files.includes(file) ? "file" : "missing"),
  });
}

/** The messages of all problems, in the order of the file. */
export function messagesOf(text: string, circumstances: Circumstances = {}): string[] {
  return checkYaml(text, circumstances).problems.map(({ message }) => message);
}
