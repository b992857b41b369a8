import { execa } from "execa";

/** Sends a signal to the scheduler in a container of Airflow, whose image has no `kill`. */
export async function signalScheduler(
  container: string,
  signal: "SIGSTOP" | "SIGCONT" | "SIGKILL",
): Promise<void> {
  const script = `import glob, os, signal
for path in glob.glob("/proc/[0-9]*/cmdline"):
    if open(path, "rb").read().startswith(b"airflow scheduler"):
        os.kill(int(path.split("/")[2]), signal.${signal})`;
  await execa("docker", ["exec", container, "python", "-c", script]);
}
