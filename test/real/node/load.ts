import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TwoNodes, VIP } from "./two-nodes.js";

export interface Losses {
  readonly udp: { readonly sent: number; readonly lost: number };
  readonly tcp: { readonly sent: number; readonly lost: number };
}

/** Sends UDP queries and opens TCP connections through the virtual address while something happens. */
export async function underLoad<T>(nodes: TwoNodes, seconds: number, action: () => Promise<T>): Promise<[T, Losses]> {
  const queries = join(nodes.dir, "queries");
  writeFileSync(queries, "www.example.org A\n");
  const udp = nodes.call(
    ...(["client", "dnsperf", "-s", VIP, "-d", queries, "-Q", "300", "-l", String(seconds), "-t", "2"] as const),
  );
  const tcp = nodes.call("client", "/usr/bin/python3", "-c", CONNECTIONS, VIP, String(seconds));
  await new Promise((resolve) => setTimeout(resolve, 700));
  const result = await action();
  const [perf, connections] = await Promise.all([udp, tcp]);
  const count = (label: string) => Number(new RegExp(`Queries ${label}:\\s+(\\d+)`).exec(perf.stdout)?.[1] ?? "NaN");
  const [sent, lost] = connections.stdout.trim().split(" ").map(Number);
  return [
    result,
    { udp: { sent: count("sent"), lost: count("lost") }, tcp: { sent: sent ?? Number.NaN, lost: lost ?? Number.NaN } },
  ];
}

/* A new connection for every query, 50 a second, each with 2 s to answer; those that fail are counted. */
const CONNECTIONS = `
import socket, sys, threading, time
address, seconds = sys.argv[1], float(sys.argv[2])
query = b"BB\\x01\\x00\\x00\\x01" + bytes(6) + b"\\x03www\\x07example\\x03org\\x00\\x00\\x01\\x00\\x01"
lost, threads = [], []
def ask():
    try:
        with socket.create_connection((address, 53), 2) as c:
            c.sendall(len(query).to_bytes(2, "big") + query)
            if len(c.recv(512)) < 12:
                lost.append("closed")
    except OSError as error:
        lost.append(str(error))
end = time.monotonic() + seconds
while time.monotonic() < end:
    threads.append(threading.Thread(target=ask))
    threads[-1].start()
    time.sleep(0.02)
for thread in threads:
    thread.join()
print(len(threads), len(lost))
print(lost, file=sys.stderr)
`;
