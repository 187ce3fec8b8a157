import { nastyWord } from "../../config/nasty.js";
import { call, type Value } from "../plan.js";
import type { Draw } from "./draw.js";
import { domain, seconds } from "./values.js";

/** Types without a factory, each with data. */
const OTHERS: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ["TLSA", `3 1 1 ${"ab".repeat(32)}`],
  ["SSHFP", `4 2 ${"0f".repeat(32)}`],
  ["HINFO", '"an #\'{${x}%{y}" "b;c"'],
  ["TYPE65280", "\\# 2 0a0b"],
  ["TYPE65281", "\\# 0"],
  ["NAPTR", '100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .'],
  ["DNAME", "example.net."],
  ["LOC", "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"],
  ["SVCB", "1 svc.example.net. alpn=h2 port=8443"],
];

const text = (draw: Draw): string =>
  draw.chance(70)
    ? draw.value(nastyWord)
    : draw.pick(["v=spf1 -all", "line\nbreak\u0000\u007f", '"', "\\", "é".repeat(127), ""]);

/** Records, each with an owner of its own; `inZone` makes names relative. */
export function records(draw: Draw, most: number, owner: (word: string) => string, own: string): Value[] {
  return draw.list(0, most, () => record(draw, owner(draw.pick(["h", "_x", "H-", "a.b.c"]) + draw.next()), own));
}

function record(draw: Draw, name: string, own: string): Value {
  const common = () => ({ name, ...draw.some({ ttl: () => seconds(draw, 0, 86_400 * 365) }) });
  const target = () => draw.pick([own, "ns.example.net.", "0/25.2.0.192.in-addr.arpa."]);
  const some = (properties: Readonly<Record<string, () => Value>>) => draw.some(properties, 50);
  const short = () => draw.whole(0, 65_535);
  return draw.pick<() => Value>([
    () =>
      call("DnsRecord.a", {
        ...common(),
        address: draw.pick(["192.0.2.1", "0.0.0.0", "255.255.255.255", "127.0.0.1"]),
      }),
    () =>
      call("DnsRecord.aaaa", {
        ...common(),
        address: draw.pick(["2001:DB8::1", "::", "::1", "::ffff:192.0.2.1", "fe80::1"]),
      }),
    () =>
      call("DnsRecord.caa", {
        ...{
          ...common(),
          tag: draw.pick(["issue", "issuewild", "iodef"]),
          value: draw.pick([";", "ca.example.net", text(draw)]),
        },
        ...some({ critical: () => draw.chance(50) }),
      }),
    () => call("DnsRecord.cname", { ...common(), target: target() }),
    () => call("DnsRecord.mx", { ...common(), exchange: target(), ...some({ preference: short }) }),
    () => call("DnsRecord.ns", { ...common(), target: target() }),
    () => call("DnsRecord.ptr", { ...common(), target: target() }),
    () =>
      call("DnsRecord.srv", {
        ...common(),
        target: target(),
        port: draw.whole(1, 65_535),
        ...some({ priority: short, weight: short }),
      }),
    () =>
      call("DnsRecord.txt", { ...common(), text: draw.chance(60) ? text(draw) : draw.list(1, 3, () => text(draw)) }),
    () => {
      const [type, data] = draw.pick(OTHERS);
      return call("DnsRecord.other", { ...common(), type, data });
    },
  ])();
}

/** A zone made of records, with a serial where a secondary needs it. */
export function zoneOfRecords(draw: Draw, name: string, needsSerial: boolean): Value {
  const time = () => seconds(draw, 0, 86_400 * 365);
  const serial = () => draw.pick([1, 4_294_967_295, 2_026_112_901]);
  return call("Zone.fromRecords", {
    name,
    records: [
      call("DnsRecord.ns", { name: "@", target: draw.pick(["ns.example.net.", "ns"]) }),
      call("DnsRecord.a", { name: "ns", address: "192.0.2.53" }),
      ...records(draw, 8, (word) => word, "ns"),
    ],
    ...(needsSerial ? { serial: serial() } : draw.some({ serial })),
    ...draw.some({
      primaryServer: () => domain(draw),
      contact: () => draw.pick(["ops@example.com", "a_b-c@Example.NET."]),
      ttl: time,
      negativeTtl: time,
      refresh: time,
      retry: time,
      expire: time,
    }),
  });
}
