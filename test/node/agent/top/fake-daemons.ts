import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import type { Manifest } from "../../../../lib/model/manifest.js";
import { type FakeNode, manifest, service, until } from "../fake-node.js";
import { frontendRow, haproxyTable, serverRow } from "../metrics/scrape.js";

/** Daemons through which passes what a test says. */
export class FakeDaemons {
  /** Queries since the start, of which each reading sees so many more. */
  queries = 1_000;
  step = 200;
  pid = 77;
  /** What hangs. */
  silent: readonly ("haproxy" | "dnsdist")[] = [];
  /** The name of the listener, and what the console says of clients. */
  listener = "internal";
  clients = "clients 60 300 2\n10.0.0.77 200 5 0\n10.0.0.78 100 0 1";
  readonly #open = new Set<Socket>();
  readonly #servers: (Server | HttpServer)[] = [];

  /** Starts them beside a node, which then has a release with them, and runs. */
  async start(node: FakeNode, part: Partial<Manifest> = {}): Promise<void> {
    const runtime = join(node.dir, "haproxy.sock");
    const haproxy = createServer({ allowHalfOpen: true }, (connection) => this.#serve(connection));
    const dnsdist = createHttpServer((_, response) => {
      if (!this.silent.includes("dnsdist")) response.end(this.#page());
    });
    dnsdist.on("connection", (connection: Socket) => this.#keep(connection));
    this.#servers.push(haproxy, dnsdist);
    await new Promise<void>((resolve) => haproxy.listen(runtime, resolve));
    await new Promise<void>((resolve) => dnsdist.listen(0, "127.0.0.1", resolve));
    const web = `127.0.0.1:${(dnsdist.address() as AddressInfo).port}`;
    const services = [
      service({
        name: "haproxy",
        check: [],
        settings: { masterSocket: "{run}/master.sock", runtimeSocket: runtime, stateFile: "{run}/haproxy-servers" },
      }),
      service({
        name: "dnsdist",
        check: [],
        settings: { console: "127.0.0.1:1", key: "{run}/dnsdist.key", client: "{run}/dnsdist-client.conf", web },
      }),
    ];
    const pools = [
      {
        name: "main",
        servers: [
          {
            ...{ name: "s1", address: "192.0.2.1", port: 53 },
            names: { haproxy: { main: "main/s1" }, dnsdist: { udp: "main/s1" } },
          },
        ],
      },
    ];
    const bundle = node.bundle(manifest({ services, pools, ...part }));
    expect(await node.agent("apply", bundle)).toMatchObject({ status: 0, stderr: "" });
    node.program("dnsdist", `#!/bin/sh\ncat <<'END'\n${this.clients}\nEND\n`);
    for (const { name } of services) node.supervise(name);
    await until(() => services.every(({ name }) => node.pid(name) !== undefined));
  }

  close(): void {
    for (const each of this.#open) each.destroy();
    for (const each of this.#servers) each.close();
  }

  #keep(connection: Socket): void {
    this.#open.add(connection);
    connection.on("error", () => connection.destroy());
  }

  #serve(connection: Socket): void {
    this.#keep(connection);
    let asked = "";
    connection.on("data", (part) => {
      asked += part;
    });
    connection.on("end", () => {
      if (!this.silent.includes("haproxy")) connection.end(this.#answer(asked.trim()));
    });
  }

  #answer(asked: string): string {
    if (asked === "show table") return `# table: ${this.listener}, type: ipv6, size:10240, used:1\n\n`;
    if (asked.startsWith("show table")) {
      return `# table: ${this.listener}, type: ipv6, size:10240, used:1\n0x1: key=::ffff:10.0.0.79 use=1 exp=1 conn_cur=4\n\n`;
    }
    const rows = [
      frontendRow(this.listener, { scur: 4, slim: 100, stot: this.queries }),
      serverRow("main/s1", "UP", { scur: 1 }),
    ];
    return `Name: HAProxy\nPid: ${this.pid}\n\n${haproxyTable(rows)}`;
  }

  #page(): string {
    this.queries += this.step;
    return [
      `dnsdist_queries ${this.queries}`,
      `dnsdist_frontend_noerror ${this.queries}`,
      'dnsdist_server_status{server="main/s1",address="192.0.2.1:53"} 1',
      `dnsdist_server_queries{server="main/s1",address="192.0.2.1:53"} ${this.queries}`,
      `dnsdist_rule_hits{id="${this.listener}: UDP to main"} ${this.queries}`,
      "",
    ].join("\n");
  }
}
