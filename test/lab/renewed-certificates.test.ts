import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import type { DotListener } from "../../lib/model/dot-listener.js";
import { Lab, type LoadOptions } from "../../lib/testing/lab/index.js";
import { type TestCertificate, testCertificate } from "../certificates.js";
import { onBothGenerations } from "./generations.js";
import { dnsListener, frontend, standalone } from "./models.js";

/* Certificates that another program renews on the node: what is taken, when, and what it costs. */

const OWN = "10.0.0.2";
const NAME = "dns.example.com";
const WHOAMI = "whoami.dns-lb.test";
const [LINKED, WRITTEN, STATISTICS] = [853, 8853, 8404];
const PASSWORD = "changeme";

const authority = testCertificate({ subject: "authority", ca: true });
const from = new Date(Date.now() - 3_600_000);
const issued = (subject: string, to: number, name = NAME) =>
  testCertificate({ subject, issuer: authority, names: [name], from, to: new Date(Date.now() + to * 86_400_000) });
const whole = ({ pem, keyPem }: TestCertificate) => pem + keyPem;

onBothGenerations(
  ({ name, options }) => {
    let lab: Lab;
    let directory: string;
    let agentOf: readonly string[];
    let server: string;
    const path = (file: string) => join(directory, file);
    const node = () => lab.node("lb1");

    /** As certbot does: files of their own for each renewal, and links to the last. */
    const link = (kind: "fullchain" | "privkey", number: number) => {
      symlinkSync(`../archive/${kind}${number}.pem`, path("live/fresh"));
      renameSync(path("live/fresh"), path(`live/${kind}.pem`));
    };
    const archive = (number: number, { pem, keyPem }: TestCertificate) => {
      writeFileSync(path(`archive/fullchain${number}.pem`), pem);
      writeFileSync(path(`archive/privkey${number}.pem`), keyPem, { mode: 0o600 });
    };

    beforeAll(async () => {
      directory = mkdtempSync(join(inject("scratch"), "acme-"));
      for (const each of ["archive", "live"]) mkdirSync(path(each));
      archive(1, issued("linked 1", 30));
      link("fullchain", 1);
      link("privkey", 1);
      writeFileSync(path("written.pem"), whole(issued("written 1", 30)));
      writeFileSync(path("other.pem"), whole(issued("other 1", 30, "other.example.com")));
      writeFileSync(path("statistics.pem"), whole(issued("statistics 1", 30)));
      writeFileSync(path("password"), PASSWORD);

      const file = (file: string) => ({ kind: "node-file", path: path(file) }) as const;
      const dot = (
        listener: string,
        port: number,
        more: Pick<DotListener, "certificate" | "moreCertificates">,
      ): DotListener => ({
        ...{ kind: "dot", name: listener, port, minimumTlsVersion: "1.2", idleTimeout: "10s", serverName: NAME },
        ...more,
      });
      const model = standalone({
        frontends: [
          frontend({
            addresses: [OWN],
            listeners: [
              dnsListener("internal"),
              dot("linked", LINKED, { certificate: { ...file("live/fullchain.pem"), key: path("live/privkey.pem") } }),
              dot("written", WRITTEN, { certificate: file("written.pem"), moreCertificates: [file("other.pem")] }),
            ],
          }),
        ],
        statistics: {
          ...{ addresses: [], port: STATISTICS, user: "ops" },
          ...{ password: file("password"), certificate: file("statistics.pem") },
        },
      });
      lab = await Lab.start([model], { ...options, name: `renewed_${name}` });
      const { agent, state, run } = node().nodeSpec.profile.paths;
      agentOf = [`${agent}/dns-lb-agent`, "--state", state, "--run", run];
      server = await serve();
    });
    afterAll(() => lab?.stop());

    /** Starts the agent that looks after the node, as images and hosts do. */
    const serve = async () => {
      const words = ["sh", "-c", 'log=$1; shift; "$@" >>"$log" 2>&1 & echo $!', "sh", path("log"), ...agentOf];
      return (await node().exec([...words, "serve", path("inbox/socket")])).stdout.trim();
    };
    const log = () => readFileSync(path("log"), "utf8").split("\n");
    const status = async () => (await node().agent("status")).stdout;

    /** The common name of the certificate that a client gets. */
    const presented = async (port: number, asked = NAME) => {
      const script = 'openssl s_client "$@" </dev/null 2>&1 | sed -n "s/^subject=CN *= *//p"';
      const words = ["-connect", `${OWN}:${port}`, "-servername", asked];
      return (await node().exec(["sh", "-c", script, "sh", ...words])).stdout.trim();
    };
    const isPresented = (port: number, common: string, asked = NAME) =>
      vi.waitFor(async () => expect(await presented(port, asked)).toBe(common), { timeout: 20_000, interval: 200 });

    const metrics = async () => {
      const words = ["-sk", "-m", "5", "-u", `ops:${PASSWORD}`, `https://${OWN}:${STATISTICS}/metrics/node`];
      return (await node().exec(["curl", ...words])).stdout;
    };
    /** The worker process of HAProxy: a reload has another one. */
    const worker = async () => /^Pid: (\d+)$/m.exec((await node().agent("haproxy", "show", "info")).stdout)?.[1];
    /** Time in which whatever is there would have been looked at again. */
    const looks = () => new Promise((resolve) => setTimeout(resolve, 7_000));

    const load = (port: number, connections: "new" | "persistent", rate: number) => {
      const tls: Partial<LoadOptions> = { ca: authority.pem, tlsName: NAME, timeout: "5s" };
      const target = { server: OWN, port, transport: "dot", ...tls } as const;
      return lab.client("10.0.0.77").load({ name: WHOAMI, type: "TXT", rate, connections, ...target });
    };

    test("a switch of links, one after the other, is taken under load: no query is lost, no connection ends", async () => {
      expect(await presented(LINKED)).toBe("linked 1");
      const before = await worker();
      const loads = [await load(LINKED, "persistent", 100), await load(LINKED, "new", 20)];
      archive(2, issued("linked 2", 60));
      link("fullchain", 2);
      // For this long the key is that of another certificate.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      link("privkey", 2);
      await isPresented(LINKED, "linked 2");
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      for (const each of loads) {
        const report = await each.stop();
        expect(report).toMatchObject({ lost: 0, broken: 0 });
        expect(report.answered).toBeGreaterThan(50);
      }
      expect(await worker()).toBe(before);
      expect(log().filter((line) => line.includes("is not taken"))).toEqual([]);
    });

    test("status and metrics tell of the new one, and of its release", async () => {
      const { certificates, release } = JSON.parse((await node().agent("status", "--json")).stdout);
      const { notAfter } = certificates.find((each: { listener: string }) => each.listener === "linked");
      const shown = await metrics();
      expect(shown).toContain(`release="${release}"`);
      const ends = /^dns_lb_certificate_not_after_seconds\{listener="linked",use="server"\} (\d+)$/m.exec(shown)?.[1];
      expect(new Date(Number(ends) * 1_000).toISOString().replace(".000Z", "Z")).toBe(notAfter);
      expect(Number(ends) - Date.now() / 1_000).toBeGreaterThan(59 * 86_400);
      expect(shown).toContain('dns_lb_certificate_refused{listener="linked"} 0\n');
    });

    const wrong = [
      ["with another key", issued("wrong 1", 60).pem + issued("wrong 2", 60).keyPem, "inconsistencies"],
      ["for another name", whole(issued("wrong 3", 60, "elsewhere.example.com")), "not for dns.example.com"],
      ["that has expired", whole(issued("wrong 4", -0.01)), "it is expired"],
      ["that is half written", whole(issued("wrong 5", 60)).slice(0, -60), "no end"],
      ["that is empty", "", "no certificate"],
    ] as const;
    test.each(wrong)("one %s is not taken, which is said once", async (_, content, reason) => {
      const before = log().length;
      const live = await presented(WRITTEN);
      writeFileSync(path("written.pem"), content);
      await vi.waitFor(() => expect(log().length).toBeGreaterThan(before), { timeout: 20_000, interval: 200 });
      await looks();
      const said = log().slice(before - 1, -1);
      expect(said).toEqual([expect.stringContaining(`written: ${path("written.pem")} is not taken`)]);
      expect(said[0]).toContain(reason);
      expect(await presented(WRITTEN)).toBe(live);
      expect(await status()).toContain(`WARNING: ${said[0]?.replace("dns-lb-agent: ", "")}`);
      expect(await metrics()).toContain('dns_lb_certificate_refused{listener="written"} 1\n');
    });

    test("one that is written in place is taken when it is complete", async () => {
      const [content, half] = [whole(issued("written 2", 60)), 700];
      writeFileSync(path("written.pem"), content.slice(0, half));
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      writeFileSync(path("written.pem"), content);
      await isPresented(WRITTEN, "written 2");
      expect(await status()).not.toContain("is not taken");
      expect(await metrics()).toContain('dns_lb_certificate_refused{listener="written"} 0\n');
    });

    test("further certificates and that of the statistics are taken as the first", async () => {
      writeFileSync(path("fresh"), whole(issued("other 2", 60, "other.example.com")));
      renameSync(path("fresh"), path("other.pem"));
      writeFileSync(path("statistics.pem"), whole(issued("statistics 2", 60)));
      await isPresented(WRITTEN, "other 2", "other.example.com");
      await isPresented(STATISTICS, "statistics 2");
      expect(await presented(WRITTEN)).toBe("written 2");
    });

    test("a hook has it taken at once, and learns whether it was", async () => {
      writeFileSync(path("written.pem"), whole(issued("written 3", 60)));
      const taken = await node().agent("reload-secrets");
      expect(taken).toMatchObject({ status: 0, stderr: "" });
      expect(taken.stdout).toContain(`written: took ${path("written.pem")}`);
      expect(await presented(WRITTEN)).toBe("written 3");
      expect(await node().agent("reload-secrets")).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^unchanged/),
      });

      writeFileSync(path("written.pem"), whole(issued("written 4", 60)).replace("-----END PRIVATE KEY-----", ""));
      const refused = await node().agent("reload-secrets");
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain("is not taken");
      expect(await presented(WRITTEN)).toBe("written 3");
    });

    test("a chain that is too long for a command of HAProxy is taken by a reload, without a lost query", async () => {
      const before = await worker();
      const loads = [await load(WRITTEN, "persistent", 100), await load(WRITTEN, "new", 20)];
      // Certificates that need not be there, as some chains have.
      const chain = Array.from({ length: 40 }, () => authority.pem).join("");
      writeFileSync(path("written.pem"), whole(issued("written 5", 60)) + chain);
      await isPresented(WRITTEN, "written 5");
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      for (const each of loads) expect(await each.stop()).toMatchObject({ lost: 0, broken: 0 });
      expect(await worker()).not.toBe(before);
    });

    test("what was not handed to a stopped HAProxy goes back, and is taken when it runs on", async () => {
      const live = await presented(LINKED);
      const release = JSON.parse((await node().agent("status", "--json")).stdout).release;
      const process = await worker();
      archive(3, issued("linked 3", 60));
      await node().exec(["kill", "-STOP", `${process}`]);
      try {
        link("fullchain", 3);
        link("privkey", 3);
        const { status, stderr } = await node().agent("reload-secrets");
        expect(status).toBe(1);
        expect(stderr).toContain("haproxy does not answer");
        expect(JSON.parse((await node().agent("status", "--json")).stdout).release).toBe(release);
      } finally {
        await node().exec(["kill", "-CONT", `${process}`]);
      }
      expect([live, "linked 3"]).toContain(await presented(LINKED));
      await isPresented(LINKED, "linked 3");
    });

    test("what an agent that was killed had made live, and not handed to HAProxy, the next one hands to it", async () => {
      await node().exec(["kill", server]);
      const process = await worker();
      archive(4, issued("linked 4", 60));
      link("fullchain", 4);
      link("privkey", 4);
      await node().exec(["kill", "-STOP", `${process}`]);
      try {
        const { run, state } = node().nodeSpec.profile.paths;
        const script = [
          'was=$(readlink "$1"); marker=$2; shift 2',
          '"$@" & for i in $(seq 100); do',
          'if [ -e "$marker" ] && [ "$(readlink "$0")" != "$was" ]; then kill -9 $!; echo killed; exit; fi; sleep 0.05; done',
        ].join("\n");
        const current = `${state}/current`;
        const words = ["sh", "-c", script, current, current, `${run}/renewing`, ...agentOf, "reload-secrets"];
        expect((await node().exec(words)).stdout).toContain("killed");
      } finally {
        await node().exec(["kill", "-CONT", `${process}`]);
      }
      expect(await presented(LINKED)).toBe("linked 3");
      server = await serve();
      await isPresented(LINKED, "linked 4");
      expect(await worker()).toBe(process);
    });

    test("a node that starts has what it took last, also without the file, and takes what came meanwhile", async () => {
      await node().kill();
      rmSync(path("written.pem"));
      archive(5, issued("linked 5", 60));
      link("fullchain", 5);
      link("privkey", 5);
      await node().start();
      await isPresented(LINKED, "linked 4");
      await isPresented(WRITTEN, "written 5");
      await serve();
      await isPresented(LINKED, "linked 5");
      await vi.waitFor(async () => expect(await status()).toContain("written.pem: No such file"), { timeout: 20_000 });
      expect(await presented(WRITTEN)).toBe("written 5");
    });

    test("other secrets are taken when somebody says so, by a change", async () => {
      writeFileSync(path("written.pem"), whole(issued("written 6", 60)));
      writeFileSync(path("password"), "another one");
      await isPresented(WRITTEN, "written 6");
      expect(await status()).toContain(`warning: ${path("password")} is changed`);
      expect(await metrics()).toContain("dns_lb_release_info");
      expect(await node().agent("reload-secrets")).toMatchObject({ status: 0 });
      expect(await metrics()).not.toContain("dns_lb_release_info");
      expect(await status()).not.toContain("is changed");
    });
  },
  { ownIfShort: true },
);
