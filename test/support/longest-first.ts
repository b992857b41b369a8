import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import durations from "../durations.json" with { type: "json" };

const seconds: Readonly<Record<string, number>> = durations;
/** For a file that the table does not have yet. */
const unknownSeconds = 20;

/**
 * Runs the longest files of a project first, by test/durations.json, so that none of them runs alone at the
 * end. The files of a project follow each other: only for them a worker is used again.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const secondsOf = ({ moduleId }: TestSpecification): number =>
      seconds[relative(this.ctx.config.root, moduleId)] ?? unknownSeconds;
    return files.toSorted(
      (a, b) =>
        // Reversed: scenarios have the longest files, adapters many short ones.
        b.project.name.localeCompare(a.project.name) || secondsOf(b) - secondsOf(a),
    );
  }
}
