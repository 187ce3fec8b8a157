import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { policyTexts } from "../../../lib/config/dnsdist/runtime.js";
import { canIsolate, have } from "./dnsdist-node.js";

/* How often a policy is called; LuaJIT compiles a function that was called some dozen times. */
const CALLS = 2_000;

/*
 * Runs a policy as one that LuaJIT leaves alone would, and writes what the first instruction of the policy is: it becomes
 * another one when the function is compiled, and yet another when LuaJIT gives up.
 */
function observed(text: string, file: string): string {
  return `
local util = require("jit.util")
local policy = (function()
${text}end)()
local calls, begin = 0, util.funcbc(policy, 0) % 256
local function call(list, question)
  calls = calls + 1
  if calls == ${CALLS} then
    local file = io.open("${file}.new", "w")
    file:write(util.funcbc(policy, 0) % 256 - begin)
    file:close()
    os.rename("${file}.new", "${file}")
  end
  return policy(list, question)
end
jit.off(call)
return call
`;
}

/* Asks, not too fast, until a file is there. */
const ASK = `
import os, socket, sys, time
rest = bytes.fromhex("01000001000000000000076578616d706c6503636f6d0000010001")
end = time.monotonic() + 30
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.connect(("127.0.0.1", 53))
    while not os.path.exists(sys.argv[1]) and time.monotonic() < end:
        for number in range(50):
            try:
                client.send(number.to_bytes(2, "big") + rest)
            except OSError:
                pass
        time.sleep(0.01)
`;

describe.skipIf(!have("dnsdist", "python3") || !canIsolate())("LuaJIT", () => {
  const folder = mkdtempSync(join(tmpdir(), "dnslb-policies-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe.each(Object.entries(policyTexts()))("compiles the policy %s", (name, text) => {
    const result = join(folder, `${name}.result`);
    let dnsdist: ChildProcess;

    beforeAll(async () => {
      writeFileSync(join(folder, `${name}.lua`), observed(text, result));
      const config = [
        'addLocal("127.0.0.1:53")',
        'setSecurityPollSuffix("")',
        `local file = io.open("${folder}/${name}.lua")`,
        'local text = file:read("*a")',
        "file:close()",
        ...[1, 2, 3].map((at) => `newServer({ address = "127.0.0.1:530${at}", name = "pool/s${at}" }):setUp()`),
        'setPoolServerPolicyLuaFFIPerThread("policy", text, "")',
      ];
      writeFileSync(join(folder, "dnsdist.conf"), `${config.join("\n")}\n`);
      const shell = `ip link set lo up && exec dnsdist --supervised --disable-syslog -C ${folder}/dnsdist.conf`;
      dnsdist = spawn("unshare", ["-n", "sh", "-c", shell]);
      await started(dnsdist);
    });
    afterAll(() => {
      dnsdist.kill("SIGKILL");
    });

    test("once it was called often", () => {
      execFileSync("nsenter", ["-t", String(dnsdist.pid), "-n", "python3", "-c", ASK, result]);
      expect(readFileSync(result, "utf8")).toBe("2");
    });
  });
});

function started(dnsdist: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    const hear = (text: Buffer) => {
      log += text;
      if (/ACL allowing queries|Listening on/.test(log)) resolve();
    };
    dnsdist.stdout?.on("data", hear);
    dnsdist.stderr?.on("data", hear);
    dnsdist.on("exit", () => reject(new Error(log)));
  });
}
