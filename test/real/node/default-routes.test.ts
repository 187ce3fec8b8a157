import { join } from "node:path";
import { expect } from "vitest";
import { runIsolated, testWith } from "../config/daemon.js";

const AGENT = join(__dirname, "../../../lib/node/agent");
const testRoutes = testWith("unshare", "ip", "python3");

/** A call of the agent's module, as a command of a shell. */
const agent = (call: string) =>
  `python3 -IBSc 'import sys; sys.path.insert(0, "${AGENT}"); from dnslb_agent import default_routes; ${call}' 2>&1`;
const MOVE_BACK = `${agent(`default_routes.move_back("bird")`)} >/dev/null`;
const PROBLEMS = agent('print("\\n".join(default_routes.problems("bird")))');
const SHOW = "ip -4 route show default; ip -6 route show default";

/** What commands print, by lines, in a namespace with eth0 (10.0.0.2/24, 2001:db8::2/64). */
function lines(...commands: readonly string[]): readonly string[] {
  const { status, output } = runIsolated(commands.join(" && "));
  expect(status, output).toBe(0);
  return output.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim().replace(/ pref medium$/, "")]));
}

const DOCKERS = "ip route add default via 10.0.0.1 dev eth0";
const ANNOUNCED = "ip route add default via 10.0.0.9 dev eth0 proto bird metric 32";

testRoutes(
  "a default route without a metric comes after those that routers announce, and stays as a last resort",
  () => {
    expect(lines(DOCKERS, ANNOUNCED, MOVE_BACK, SHOW)).toEqual([
      "default via 10.0.0.9 dev eth0 proto bird metric 32",
      "default via 10.0.0.1 dev eth0 metric 1024",
    ]);
    expect(lines(DOCKERS, MOVE_BACK, MOVE_BACK, PROBLEMS, SHOW)).toEqual(["default via 10.0.0.1 dev eth0 metric 1024"]);
  },
);

testRoutes("so do those of IPv6 and of several ways; what comes last already is left alone", () => {
  const several = "ip route add default nexthop via 10.0.0.1 dev eth0 nexthop via 10.0.0.3 dev eth0";
  expect(lines(several, MOVE_BACK, "ip -o -4 route show default")[0]?.replace(/[\\\s]+/g, " ")).toBe(
    "default metric 1024 nexthop via 10.0.0.1 dev eth0 weight 1 nexthop via 10.0.0.3 dev eth0 weight 1",
  );
  const v6 = "ip -6 route add default via 2001:db8::1 dev eth0 metric 20";
  const late = "ip -4 route add default via 10.0.0.1 dev eth0 proto dhcp metric 100";
  expect(lines(v6, late, MOVE_BACK, SHOW)).toEqual([
    "default via 10.0.0.1 dev eth0 proto dhcp metric 100",
    "default via 2001:db8::1 dev eth0 metric 1024",
  ]);
});

testRoutes("fails where they are not the node's to change, with each of them", () => {
  const v6 = "ip -6 route add default via 2001:db8::1 dev eth0 metric 20";
  expect(lines(DOCKERS, ANNOUNCED, v6, PROBLEMS)).toEqual([
    "the default route via 10.0.0.1 dev eth0 has the metric 0, and the node would not use those that its routers announce: give it one above 32",
    "the default route via 2001:db8::1 dev eth0 has the metric 20, and the node would not use those that its routers announce: give it one above 32",
  ]);
});
