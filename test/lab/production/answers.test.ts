import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Lab } from "../../../lib/testing/index.js";
import { ADDRESS, askOverTls, CLIENT, PASSWORD, productionModel, startProduction, withFrontend } from "./stack.js";

interface ServerStatus {
  readonly name: string;
  readonly haproxy: Readonly<Record<string, string>>;
  readonly dnsdist: Readonly<Record<string, string>>;
}

let lab: Lab;
let startedIn: number;

beforeAll(async () => {
  const before = Date.now();
  lab = await startProduction("answers");
  startedIn = Date.now() - before;
});
afterAll(() => lab?.stop());

const SIDES = [
  ["internal, IPv4", ADDRESS.internal, CLIENT.inside],
  ["internal, IPv6", ADDRESS.internal6, CLIENT.inside6],
  ["public, IPv4", ADDRESS.public, CLIENT.world],
  ["public, IPv6", ADDRESS.public6, CLIENT.world6],
] as const;

test("the lab brings the production stack up in 20 s", () => {
  expect(startedIn).toBeLessThan(20_000);
});

describe.each(SIDES)("a client, %s", (_, server, address) => {
  test.each(["udp", "tcp"] as const)("is answered over %s", async (transport) => {
    const answer = await lab.client(address).query("www.example.com", "A", { server, transport });
    expect(answer).toMatchObject({ status: "NOERROR", answers: ["192.0.2.80"] });
  });

  test("is answered over TLS by a server that proves its name and speaks dot", async () => {
    expect(await askOverTls(lab.client(address), server, "www.example.com")).toMatchObject({
      status: "NOERROR",
      answers: ["192.0.2.80"],
      alpn: "dot",
      tlsVersion: expect.stringMatching(/^TLSv1\.[23]$/),
    });
  });

  test("fails when it believes another authority or expects another name", async () => {
    const other = await lab.certificate("other.example");
    const options = { server, transport: "dot" } as const;
    const client = lab.client(address);
    expect(await client.query("www.example.com", "A", { ...options, tlsName: "other.example" })).toMatchObject({
      status: "TLS-FAILED",
    });
    expect(await client.query("www.example.com", "A", { ...options, ca: other.pem })).toMatchObject({
      status: "TLS-FAILED",
    });
  });
});

test("both daemons of each node see every server at work", async () => {
  const udpAndTcp = { udp: "up", tcp: "up" };
  const expected = {
    ...Object.fromEntries(["auth1", "auth2", "auth3"].map((name) => [name, { haproxy: {}, dnsdist: udpAndTcp }])),
    // Asked over TLS, whatever the client speaks.
    ...Object.fromEntries(["cloudflare", "quad9"].map((name) => [name, { haproxy: {}, dnsdist: { udp: "up" } }])),
    ...Object.fromEntries(
      ["resolver1", "resolver2", "resolver3"].map((name) => [
        name,
        { haproxy: { resolvers: "UP" }, dnsdist: udpAndTcp },
      ]),
    ),
  };
  for (const node of ["lb1", "lb2"]) {
    const { stdout } = await lab.node(node).agent("status", "--json");
    const servers: ServerStatus[] = JSON.parse(stdout).pools.flatMap(
      (pool: { servers: ServerStatus[] }) => pool.servers,
    );
    expect(Object.fromEntries(servers.map(({ name, haproxy, dnsdist }) => [name, { haproxy, dnsdist }]))).toEqual(
      expected,
    );
  }
});

describe("somebody whom a frontend does not serve", () => {
  test("is refused over UDP and cut off over TCP and TLS", async () => {
    const client = lab.client(CLIENT.outsider);
    const ask = (transport: "udp" | "tcp") =>
      client.query("www.example.com", "A", { server: ADDRESS.internal, transport });
    expect(await ask("udp")).toMatchObject({ status: "REFUSED", answers: [] });
    expect((await ask("tcp")).status).toMatch(/^CONNECTION-/);
    expect((await askOverTls(client, ADDRESS.internal, "www.example.com")).status).toMatch(/^CONNECTION-/);
  });

  test("hears nothing from an address that is no frontend's", async () => {
    const answer = await lab.client(CLIENT.inside).query("www.example.com", "A", { server: "10.0.0.2" });
    expect(answer.status).toBe("TIMEOUT");
  });
});

describe("a zone transfer", () => {
  const both = [
    { name: "www.example.com", type: "A" },
    { name: "example.com", type: "AXFR" },
  ];
  const transport = { server: ADDRESS.public, transport: "tcp" } as const;
  const statuses = async (address: string) => {
    const answers = await lab.client(address).messages(both, transport);
    return both.map((_, question) =>
      answers.filter((answer) => answer.question === question).map(({ status }) => status),
    );
  };

  test("is not to be had by whoever may not, hidden behind another query of one connection", async () => {
    expect(await statuses(CLIENT.world)).toEqual([["NOERROR"], ["REFUSED"]]);
    expect(await statuses(CLIENT.inside)).toEqual([["NOERROR"], ["REFUSED"]]);
  });

  test("comes from the primary for whoever may", async () => {
    lab.server("auth1").clearQueries();
    const answers = await lab.client(CLIENT.secondary).messages([{ name: "example.com", type: "AXFR" }], transport);
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.flatMap((answer) => answer.answers)).toContain("192.0.2.80");
    const transfers = (await lab.server("auth1").queries()).filter(({ type }) => type === "AXFR");
    expect(transfers).toHaveLength(1);
  });

  test("is refused over UDP", async () => {
    const ask = (address: string) => lab.client(address).query("example.com", "IXFR", { server: ADDRESS.public });
    expect(await ask(CLIENT.world)).toMatchObject({ status: "REFUSED" });
    expect(await ask(CLIENT.secondary)).toMatchObject({ truncated: true });
  });
});

describe("statistics and metrics", () => {
  const get = async (node: string, address: string, path: string, password?: string) => {
    const program = [
      "import sys, urllib.request, base64",
      "request = urllib.request.Request(sys.argv[1])",
      "if sys.argv[2]: request.add_header('Authorization', 'Basic ' + base64.b64encode(('ops:' + sys.argv[2]).encode()).decode())",
      "try:",
      "  answer = urllib.request.urlopen(request, timeout=5); print(answer.status, answer.read().decode()[:100000])",
      "except urllib.error.HTTPError as error: print(error.code)",
    ].join("\n");
    const url = `http://${address}:8404${path}`;
    const { stdout } = await lab.node(node).exec(["/usr/bin/python3", "-c", program, url, password ?? ""]);
    return stdout;
  };

  test.each(["/stats", "/metrics", "/metrics/dnsdist", "/metrics/node"])(
    "%s needs the credential, on each node",
    async (path) => {
      for (const [node, address] of [
        ["lb1", "10.0.0.2"],
        ["lb2", "10.0.0.3"],
      ] as const) {
        expect(await get(node, address, path)).toMatch(/^401/);
        expect(await get(node, address, path, "changeme")).toMatch(/^401/);
        expect(await get(node, address, path, PASSWORD)).toMatch(/^200 /);
      }
    },
  );

  test("are not offered at the public address", async () => {
    expect(await get("lb1", ADDRESS.public, "/stats", PASSWORD)).toBe("");
  });

  test("answer nobody who guesses passwords, and all others", async () => {
    const guess = [
      "import sys, http.client, base64",
      "connection = http.client.HTTPConnection(sys.argv[1], 8404, timeout=5)",
      "said = []",
      "for password in [*map(str, range(30)), sys.argv[2]]:",
      "  credential = base64.b64encode(('ops:' + password).encode()).decode()",
      "  connection.request('GET', '/metrics/node', headers={'Authorization': 'Basic ' + credential})",
      "  answer = connection.getresponse(); answer.read(); said.append(answer.status)",
      "print(said.count(401) + said.count(429), said.count(401), said[-1])",
    ].join("\n");
    const { stdout } = await lab.node("lb2").exec(["/usr/bin/python3", "-c", guess, "10.0.0.2", PASSWORD]);
    expect(stdout.trim()).toBe("31 11 429");
    expect(await get("lb1", "10.0.0.2", "/metrics/node", PASSWORD)).toMatch(/^200 /);
  });

  test("tell of both daemons", async () => {
    expect(await get("lb1", "10.0.0.2", "/metrics", PASSWORD)).toContain('haproxy_server_status{proxy="resolvers"');
    expect(await get("lb1", "10.0.0.2", "/metrics/dnsdist", PASSWORD)).toContain("dnsdist_queries");
  });
});

test("the same transfer gets through where TCP is not inspected: the check above can fail", async () => {
  const careless = withFrontend(productionModel(), "public", ({ rateLimit, ...frontend }) => {
    expect(rateLimit).toBeDefined();
    const { zoneTransfer, ...pool } = frontend.pool;
    expect(zoneTransfer).toBeDefined();
    return { ...frontend, pool, tcpPath: "direct" };
  });
  await lab.apply([careless]);
  const answers = await lab.client(CLIENT.world).messages(
    [
      { name: "www.example.com", type: "A" },
      { name: "example.com", type: "AXFR" },
    ],
    { server: ADDRESS.public, transport: "tcp" },
  );
  const transferred = answers.filter(({ question }) => question === 1);
  expect(transferred.some(({ answers: records }) => records.includes("192.0.2.80"))).toBe(true);
});
