import { execa } from "execa";

const tries = 5;

/** Freezes a container, by name or id. runc gives up ("unable to freeze") on one that is very busy. */
export async function pauseContainer(name: string): Promise<void> {
  for (let left = tries - 1; ; left--) {
    const { exitCode, stderr } = await execa("docker", ["pause", name], { reject: false });
    if (exitCode === 0) return;
    if (left === 0 || !stderr.includes("unable to freeze")) throw new Error(stderr);
  }
}
