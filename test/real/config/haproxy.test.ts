import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { type Directive, type HaproxyFile, parseHaproxy, printHaproxy } from "../../../lib/config/haproxy/index.js";
import { NASTY } from "../../config/nasty.js";
import { run, testWith, withFiles } from "./daemon.js";

const pem = () => {
  const { output } = run(
    "sh",
    "-c",
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=dns.test -keyout - 2>/dev/null",
  );
  return output;
};

/** Everything that a load balancer may be told. */
const SAMPLE: HaproxyFile = {
  sections: [
    {
      kind: "global",
      directives: [
        ["default-path", "config"],
        ["log", "stdout", "format", "raw", "daemon", "notice"],
        ["stats", "socket", "/run/dns-lb/haproxy.sock", "mode", "660", "level", "admin", "expose-fd", "listeners"],
        ["localpeer", "lb1"],
        ["description", `the "load balancer"; costs $0 # and it's cheap`],
        ["nbthread", "2"],
        ["maxconn", "4000"],
        ["hard-stop-after", "10m"],
        ["noepoll"],
        ["nosplice"],
        ["profiling.tasks", "on"],
        ["tune.buffers.reserve", "4"],
        ["tune.pool-high-fd-ratio", "30"],
        ["tune.pool-low-fd-ratio", "20"],
        ["tune.ssl.force-private-cache"],
        ["ssl-default-bind-options", "ssl-min-ver", "TLSv1.2"],
        ["no", "busy-polling"],
      ],
    },
    {
      kind: "defaults",
      directives: [
        ["mode", "tcp"],
        ["log", "global"],
        ["option", "dontlognull"],
        ["option", "redispatch", "1"],
        ["retries", "2"],
        ["timeout", "connect", "1s"],
        ["timeout", "client", "10s"],
        ["timeout", "client-fin", "2s"],
        ["timeout", "server", "10s"],
      ],
    },
    { kind: "userlist", name: "operators", directives: [["user", "ops", "insecure-password", `it's "p4$$" \\ #1`]] },
    {
      kind: "peers",
      name: "nodes",
      directives: [
        ["bind", "10.0.0.2:10000"],
        ["server", "lb1"],
        ["server", "lb2", "10.0.0.3:10000"],
      ],
    },
    {
      kind: "backend",
      name: "clients-internal",
      directives: [
        [
          ...(["stick-table", "type", "ipv6", "size", "100k", "expire", "60s"] as const),
          ...(["store", "conn_rate(10s),conn_cur", "peers", "nodes"] as const),
        ],
      ],
    },
    {
      kind: "frontend",
      name: "internal-tcp",
      directives: [
        ["bind", "10.0.0.53:53", "transparent"],
        ["bind", "[2001:db8::53]:53", "transparent"],
        ["maxconn", "1000"],
        ["tcp-request", "connection", "reject", "unless", "{", "src", "10.0.0.0/8", "2001:db8::/32", "}"],
        ["tcp-request", "connection", "track-sc0", "src", "table", "clients-internal"],
        ["tcp-request", "connection", "reject", "if", "{", "sc0_conn_rate", "gt", "30", "}"],
        ["tcp-request", "connection", "reject", "if", "{", "sc0_conn_cur", "gt", "20", "}"],
        ["log-format", "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts"],
        ["use_backend", "dnsdist", "if", "{", "nbsrv(resolvers)", "eq", "0", "}"],
        ["default_backend", "resolvers"],
      ],
    },
    {
      kind: "frontend",
      name: "internal-dot",
      directives: [
        [
          ...(["bind", "10.0.0.53:853", "transparent", "ssl", "crt", "dns.pem", "alpn", "dot"] as const),
          ...(["ca-file", "dns.pem", "verify", "optional"] as const),
        ],
        ["default_backend", "resolvers"],
      ],
    },
    {
      kind: "backend",
      name: "resolvers",
      directives: [
        ["balance", "leastconn"],
        ["timeout", "check", "500ms"],
        ["option", "tcp-check"],
        ["tcp-check", "connect"],
        ["tcp-check", "send-binary", "0025ABCD01000001000000000000066865616C7468076578616D706C6504746573740000010001"],
        ["tcp-check", "expect", "min-recv", "6", "rbinary", "^....ABCD8[0-7][0-9A-F]0"],
        ["default-server", "check", "inter", "3s", "fall", "3", "rise", "2", "on-marked-down", "shutdown-sessions"],
        ["server", "resolver1", "192.168.1.10:53"],
        ["server", "resolver2", "[2001:db8::10]:53", "send-proxy-v2", "check-send-proxy"],
      ],
    },
    {
      kind: "backend",
      name: "public-resolvers",
      directives: [
        ["balance", "roundrobin"],
        [
          ...(["server", "quad9", "9.9.9.9:853", "ssl", "verify", "required", "ca-file", "dns.pem"] as const),
          ...([
            "verifyhost",
            "dns.quad9.net",
            "sni",
            "str(dns.quad9.net)",
            "check",
            "check-sni",
            "dns.quad9.net",
          ] as const),
          "backup",
        ],
      ],
    },
    {
      kind: "backend",
      name: "dnsdist",
      directives: [
        ["source", "127.0.0.2"],
        ["server", "dnsdist", "127.0.0.1:53", "send-proxy-v2"],
      ],
    },
    {
      kind: "frontend",
      name: "statistics",
      directives: [
        ["mode", "http"],
        ["bind", "10.0.0.53:8404", "transparent"],
        ["timeout", "http-request", "5s"],
        ["http-request", "auth", "realm", "the statistics", "unless", "{", "http_auth(operators)", "}"],
        ["http-request", "use-service", "prometheus-exporter", "if", "{", "path", "/metrics", "}"],
        ["stats", "enable"],
        ["stats", "uri", "/"],
        ["stats", "refresh", "10s"],
      ],
    },
    {
      kind: "frontend",
      name: "health",
      directives: [
        ["mode", "http"],
        ["bind", "127.0.0.1:8405"],
        ["http-request", "return", "status", "200", "if", "{", "path", "/alive", "}"],
        ["http-request", "return", "status", "404"],
      ],
    },
  ],
};

const testHaproxy = testWith("haproxy", "unshare", "openssl");

const VALID = { status: 0, output: "Configuration file is valid\n" };

const check = (text: string) =>
  withFiles({ "haproxy.cfg": text, "dns.pem": pem() }, (directory) =>
    run("haproxy", "-c", "-f", join(directory, "haproxy.cfg")),
  );

testHaproxy("haproxy takes everything that a load balancer may be told, with its one word of praise", async () => {
  expect(await check(printHaproxy(SAMPLE))).toEqual(VALID);
  expect(parseHaproxy(printHaproxy(SAMPLE))).toEqual(SAMPLE);
});

testHaproxy("fails when haproxy does not know a word after the keyword", async () => {
  const bad: HaproxyFile = {
    sections: [...SAMPLE.sections, { kind: "backend", name: "bad", directives: [["balance", "bestconn"]] }],
  };
  const { status, output } = await check(printHaproxy(bad));
  expect(status).toBe(1);
  expect(output).toContain("balance only supports");
});

testHaproxy("haproxy takes 64 words on a line and no more", async () => {
  const words = (count: number) => Array.from({ length: count }, (_, at) => `10.0.0.${at}`);
  const line = (count: number): Directive => ["acl", "near", "src", ...words(count - 3)];
  const file = (directive: Directive): HaproxyFile => ({
    sections: [...SAMPLE.sections, { kind: "backend", name: "b", directives: [directive] }],
  });
  expect(await check(printHaproxy(file(line(64))))).toEqual(VALID);
  const tooLong = printHaproxy(file(line(64))).replace(" 10.0.0.60\n", " 10.0.0.60 10.0.0.61\n");
  expect((await check(tooLong)).output).toContain("too many words, truncating after word 64");
});

testHaproxy("haproxy sees each nasty word as it was given: in answers, passwords and its description", async () => {
  const description = NASTY.filter((word) => /^[ -~]+$/.test(word)).join(" ");
  const passwords = NASTY.map((word, at): Directive => ["user", `user${at}`, "insecure-password", word]);
  const answers = NASTY.flatMap((word, at): Directive[] => [
    [
      ...(["http-request", "return", "status", "200", "content-type", "text/plain", "string", word] as const),
      ...(["if", "{", "path", `/${at}`, "}", "{", "http_auth(users)", "}"] as const),
    ],
  ]);
  await withFiles({}, async (directory) => {
    const [web, admin] = [join(directory, "web.sock"), join(directory, "admin.sock")];
    const file: HaproxyFile = {
      sections: [
        {
          kind: "global",
          directives: [
            ["description", description],
            ["stats", "socket", admin],
          ],
        },
        { kind: "userlist", name: "users", directives: passwords },
        {
          kind: "frontend",
          name: "web",
          directives: [
            ["mode", "http"],
            ["timeout", "client", "5s"],
            ["bind", `unix@${web}`],
            ...answers,
            ["http-request", "deny", "deny_status", "403"],
          ],
        },
      ],
    };
    await withFiles({ "haproxy.cfg": printHaproxy(file) }, (files) =>
      whileRunning(["haproxy", "-db", "-q", "-f", join(files, "haproxy.cfg")], [web, admin], async () => {
        for (const [at, word] of NASTY.entries()) {
          expect(await get(web, `/${at}`, `user${at}:${word}`)).toEqual({ status: 200, body: word });
          expect(await get(web, `/${at}`, `user${at}:${word}x`)).toEqual({ status: 403, body: expect.anything() });
        }
        const shown = `"${description.replaceAll('"', '""')}"`;
        expect(await ask(admin, "show info\n")).toContain(`\ndescription: ${shown}\n`);
      }),
    );
  });
});

testHaproxy(
  "haproxy drops a client that does not close what the server closed, and no other, after client-fin",
  async () => {
    await withFiles({}, async (directory) => {
      const [clients, behind, admin] = ["c", "b", "a"].map((name) => join(directory, `${name}.sock`)) as [
        string,
        string,
        string,
      ];
      const file: HaproxyFile = {
        sections: [
          { kind: "global", directives: [["stats", "socket", admin]] },
          {
            kind: "listen",
            name: "dns",
            directives: [
              ["timeout", "connect", "1s"],
              ["timeout", "client", "30s"],
              ["timeout", "client-fin", "1s"],
              ["timeout", "server", "30s"],
              ["bind", `unix@${clients}`],
              ["server", "s", `unix@${behind}`],
            ],
          },
        ],
      };
      // Closes at once when told so, and otherwise answers after twice the time.
      const server = createServer({ allowHalfOpen: true }, (connection) => {
        connection.once("data", async (data) => {
          if (String(data) !== "close") await sleep(2_000);
          connection.end("answer");
        });
      }).listen(behind);
      const sessions = async () =>
        (await ask(admin, "show sess\n")).split("\n").filter((line) => line.includes("fe=dns"));
      try {
        await withFiles({ "haproxy.cfg": printHaproxy(file) }, (files) =>
          whileRunning(["haproxy", "-db", "-q", "-f", join(files, "haproxy.cfg")], [clients, admin], async () => {
            const stays = connect({ path: clients, allowHalfOpen: true });
            stays.write("close");
            for await (const data of stays.iterator({ destroyOnReturn: false })) expect(String(data)).toBe("answer");
            const closed = Date.now();
            expect(await sessions()).toHaveLength(1);
            while ((await sessions()).length > 0) await sleep(50);
            expect(Date.now() - closed).toBeGreaterThan(800);
            expect(Date.now() - closed).toBeLessThan(5_000);
            stays.destroy();
            // One that closes its side after its query is owed the answer.
            expect(await ask(clients, "wait")).toBe("answer");
          }),
        );
      } finally {
        server.close();
      }
    });
  },
);

/** Runs a daemon in a network namespace of its own until the work is done; ready when its sockets are there. */
async function whileRunning(command: readonly string[], sockets: readonly string[], work: () => Promise<void>) {
  const daemon = spawn("unshare", ["--net", ...command], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  daemon.stdout.on("data", (data) => {
    said += data;
  });
  daemon.stderr.on("data", (data) => {
    said += data;
  });
  const ended = once(daemon, "exit");
  try {
    for (let tries = 0; !sockets.every((socket) => existsSync(socket)); tries++) {
      expect(daemon.exitCode, said).toBeNull();
      expect(tries, said).toBeLessThan(100);
      await sleep(50);
    }
    await work();
  } finally {
    daemon.kill("SIGKILL");
    await ended;
  }
}

function get(socketPath: string, path: string, credentials: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
    request({ socketPath, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
    })
      .on("error", reject)
      .end();
  });
}

async function ask(socketPath: string, command: string): Promise<string> {
  const connection = connect(socketPath);
  connection.end(command);
  const chunks: Buffer[] = [];
  for await (const chunk of connection) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
