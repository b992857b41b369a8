import { checkText } from "../src/config/check.ts";
import { nothingObserved } from "../src/stack/observed.ts";
import { formatChange, planStack } from "../src/stack/plan.ts";
import { selectGroups } from "../src/stack/select.ts";
import { containersOf, readinessOf } from "../src/stack/services.ts";
import { settle } from "../src/stack/settle.ts";

/** Prints the milliseconds of one plan, from a resolved stack to the plan's text. */

const services = Array.from({ length: 100 }, (_, index) => `service-${index}`);
const text = `name: hundred
services:
${services.map((name, index) => `  ${name}: { image: "busy:1", environment: { A: "1", B: "2" }, ports: ["${10_000 + index}:80"] }`).join("\n")}
`;
const { stack, problems } = checkText({
  text,
  file: "/hundred/pipeline.yaml",
  lookup: () => undefined,
  project: undefined,
  ports: "written",
  realPathOf: (file) => file,
  kindOf: () => "missing",
  textOf: () => undefined,
});
if (!stack || problems.length > 0) throw new Error(JSON.stringify(problems));
const image = { ref: "busy:1", id: `sha256:${"0".repeat(64)}` };

const startedAt = performance.now();
const settled = settle({
  stack,
  observed: nothingObserved,
  freePorts: [],
  busyPorts: new Set(),
  images: new Map(services.map((name) => [name, image])),
  texts: { airflowStarter: "", runnerModules: new Map(), initScripts: new Map() },
});
const plan = planStack({
  project: stack.name,
  specs: containersOf(settled),
  groups: selectGroups([], readinessOf(settled)),
  observed: nothingObserved,
  recreate: [],
});
const planText = plan.changes.map(formatChange).join("\n");
const durationMs = performance.now() - startedAt;
if (planText.split("\n").length < services.length) throw new Error(planText);
console.log(durationMs.toFixed(2));
