import { constants, closeSync, fstatSync, openSync } from "node:fs";
import type { Socket } from "node:net";

/**
 * Calls `onClosed` once the reader of the pipe behind a file descriptor has gone, although nothing
 * is written to it; returns what ends the watch. Where this can't be told (no pipe, not Linux)
 * nothing is watched, and the next write finds out.
 *
 * Linux reports the error condition of a pipe without readers only to whoever polls its write end
 * for input. Node polls a descriptor for input when it stands behind a TCP handle, so a second
 * description of the same pipe is put behind one: it fails with EBADF as soon as the reader goes.
 */
export function watchClosedPipe(fd: number, onClosed: () => void): () => void {
  const nothing = (): void => {};
  try {
    if (process.platform !== "linux" || !fstatSync(fd).isFIFO()) return nothing;
    const handle = newTcpHandle();
    if (handle === undefined) return nothing;
    const copy = openWriteEnd(fd);
    if (copy === "no-reader") {
      setImmediate(onClosed);
      return nothing;
    }
    if (handle.open(copy) !== 0) {
      closeSync(copy);
      return nothing;
    }
    let isEnded = false;
    let socket: Socket | undefined;
    const end = (): void => {
      isEnded = true;
      socket?.destroy();
    };
    // Loaded here, because the help must not load it.
    void import("node:net").then((net) => {
      socket = new net.Socket({ handle, readable: true, writable: false } as object);
      if (isEnded) return end();
      socket.on("error", () => {
        if (!isEnded) onClosed();
        end();
      });
      socket.resume();
      socket.unref();
    });
    return end;
  } catch {
    return nothing;
  }
}

/** Non-blocking, or opening a named pipe would wait for a reader. */
function openWriteEnd(fd: number): number | "no-reader" {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENXIO") return "no-reader";
    throw error;
  }
}

interface TcpHandle {
  /** 0, or a negative error number. */
  open(fd: number): number;
}

interface TcpBinding {
  readonly TCP: new (type: number) => TcpHandle;
  readonly constants: { readonly SOCKET: number };
}

function newTcpHandle(): TcpHandle | undefined {
  const { binding } = process as { binding?: (name: "tcp_wrap") => TcpBinding };
  if (binding === undefined) return undefined;
  const { TCP, constants: kinds } = binding("tcp_wrap");
  return new TCP(kinds.SOCKET);
}
