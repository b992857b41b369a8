import { expect, test } from "vitest";
import { DpError } from "../../../src/errors.ts";
import { packageFailure } from "../../../src/docker/images/package-errors.ts";

const requirement = (text: string, line: number) => ({
  text,
  at: { file: "/shop/requirements.txt", line, column: 1 },
  setting: ["airflow", "requirements"],
});
const packages = {
  airflow: [requirement("humanize", 1), requirement("Pydantic<2", 2), requirement("uwsgi", 3)],
  python: [requirement("pandsa-nothere", 4)],
};

/** The failure of a build that printed these lines of uv 0.13.9. */
function failureFor(environment: "airflow" | "python", text: string): DpError | undefined {
  const failure = new DpError({ code: "build-failed", message: "building x failed" });
  const output = [`{"dp": {"environment": "${environment}"}}`, ...text.split("\n")];
  return packageFailure({ failure, output, packages });
}

test("places a conflict at the requirement that uv names", () => {
  const failure = failureFor(
    "airflow",
    `error: No solution found when resolving dependencies
  cause: Because apache-airflow-core==3.3.2 depends on pydantic>=2.11.0 and you require apache-airflow-core==3.3.2, we can conclude that you require pydantic>=2.11.0.
         And because you require pydantic<2, we can conclude that your requirements are unsatisfiable.`,
  );
  expect(failure).toMatchObject({
    code: "build-failed",
    message: `can't install "Pydantic<2" of airflow.requirements`,
    why: "Because apache-airflow-core==3.3.2 depends on pydantic>=2.11.0 and you require apache-airflow-core==3.3.2, we can conclude that you require pydantic>=2.11.0. And because you require pydantic<2, we can conclude that your requirements are unsatisfiable.",
    evidence: [],
    at: { file: "/shop/requirements.txt", line: 2 },
  });
  expect(failure?.next).toContain("@task.virtualenv");
});

test("names a package that does not exist", () => {
  const failure = failureFor(
    "python",
    `error: No solution found when resolving dependencies
  cause: Because pandsa-nothere was not found in the package registry and you require pandsa-nothere, we can conclude that your requirements are unsatisfiable.`,
  );
  expect(failure).toMatchObject({
    message: `can't find "pandsa-nothere" of python.requirements`,
    at: { line: 4 },
    next: "correct its name or its version",
  });
});

test("names a version that does not exist", () => {
  const verb = "there is";
  const failure = failureFor(
    "airflow",
    `error: No solution found when resolving dependencies
  cause: Because ${verb} no version of humanize==99 and you require humanize==99, we can conclude that your requirements are unsatisfiable.`,
  );
  expect(failure).toMatchObject({
    message: `can't find "humanize" of airflow.requirements`,
    at: { line: 1 },
  });
});

test("reports a package that requires a compiler, with the last lines of its build", () => {
  const failure = failureFor(
    "airflow",
    `error: Failed to build \`uwsgi==2.0.31\`
  cause: The build backend returned an error
  cause: Call to \`setuptools.build_meta:__legacy__.build_wheel\` failed (exit status: 1)

         [stderr]
         Exception: you need a C compiler to build uWSGI

hint: Build failures usually indicate a problem with the package or the build environment`,
  );
  expect(failure).toMatchObject({
    message: `can't build "uwsgi" of airflow.requirements`,
    why: "Failed to build `uwsgi==2.0.31`: it has no wheel for this Python, and the image has no compiler",
    at: { line: 3 },
  });
  expect(failure?.evidence.join("\n")).toContain("you need a C compiler");
});

test("reports that no network reaches PyPI, and blames no package", () => {
  const failure = failureFor(
    "airflow",
    `error: Request failed after 3 retries in 5.1s
  cause: Failed to fetch: https://pypi.org/simple/humanize/
  cause: error sending request for url (https://pypi.org/simple/humanize/)
  cause: client error (Connect)
  cause: dns error`,
  );
  expect(failure).toMatchObject({
    message: "can't download the packages of airflow.requirements",
    at: undefined,
  });
  expect(failure?.why).toMatch(/^Request failed after 3 retries.* dns error$/);
  expect(failure?.next).toContain("HTTPS_PROXY");
});

test("reports a check of the result that failed", () => {
  const failure = failureFor("airflow", "Traceback (most recent call last):\nImportError: no x");
  expect(failure).toMatchObject({
    message: "a check failed with the packages of airflow.requirements",
    why: "ImportError: no x",
  });
});

test("reports that the installer can't be downloaded", () => {
  const failure = new DpError({ code: "build-failed", message: "building x failed" });
  const output = [
    "ERROR: Could not find a version that satisfies the requirement uv==0.13.9 (from versions: none)",
    "ERROR: No matching distribution found for uv==0.13.9",
  ];
  expect(packageFailure({ failure, output, packages })).toMatchObject({
    message: "can't download uv, which installs the packages of pipeline.yaml",
    why: "ERROR: No matching distribution found for uv==0.13.9",
  });
});

test("leaves any other build that failed before the packages as it is", () => {
  const failure = new DpError({ code: "build-failed", message: "building x failed" });
  expect(packageFailure({ failure, output: ["no space left"], packages })).toBeUndefined();
});
