import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ACTION_FUNCTIONS,
  call,
  constant,
  type DnsdistListeners,
  type DnsdistPolicy,
  type DnsdistServerOptions,
  LISTENER_FUNCTIONS,
  type LuaCall,
  type LuaValue,
  list,
  POOL_POLICIES,
  parseDnsdistListeners,
  parseDnsdistPolicy,
  printDnsdistListeners,
  printDnsdistPolicy,
  RULE_FUNCTIONS,
  RUNTIME_FUNCTIONS,
  record,
  SERVER_OPTION_TYPES,
} from "../../../lib/config/dnsdist/index.js";
import { luaText } from "../../../lib/config/dnsdist/lua-text.js";
import { sampleListeners, samplePolicy } from "./sample.js";

test("extra calls of dnsdist.conf come last, are marked, and are read back with the others", () => {
  const { keyFile, calls } = sampleListeners("/key");
  const extra = [call("setUDPTimeout", 3), call("setPayloadSizeOnSelfGeneratedAnswers", 1_232)];
  const text = printDnsdistListeners({ keyFile, calls, extra });
  const marked = [
    "-- extra, not known to cdktf-dns-lb:",
    "setUDPTimeout(3)",
    "setPayloadSizeOnSelfGeneratedAnswers(1232)",
    "-- end of extra",
  ];
  expect(text).toContain(`\n${marked.join("\n")}\n\n-- dnsdist's own client`);
  expect(parseDnsdistListeners(text)).toEqual({ keyFile, calls: [...calls, ...extra] });
  expect(printDnsdistListeners({ keyFile, calls, extra: [] })).toBe(printDnsdistListeners({ keyFile, calls }));
});

test("fails when an extra call of dnsdist.conf does not set up listeners", () => {
  const wrong = { keyFile: "/key", calls: [], extra: [call("AllRule")] };
  expect(() => printDnsdistListeners(wrong)).toThrow("AllRule does not set up listeners");
});

describe("values", () => {
  test.each<[LuaValue, string]>([
    ["resolver1", '"resolver1"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ["line\nbreak\r\0", '"line\\010break\\013\\000"'],
    ["]]--", '"]]--"'],
    ["\u007fé€😀", '"\\127\\195\\169\\226\\130\\172\\240\\159\\152\\128"'],
    ["%{x} ${y}", '"%{x} ${y}"'],
    [53, "53"],
    [0.5, "0.5"],
    [-0, "-0"],
    [1e21, "1e+21"],
    [true, "true"],
    [constant("DNSRCode.REFUSED"), "DNSRCode.REFUSED"],
    [list(), "{}"],
    [list("a", list(1)), '{ "a", { 1 } }'],
    [record({ reusePort: true, x_1: "y" }), '{ reusePort = true, x_1 = "y" }'],
    [call("AllRule"), "AllRule()"],
    [
      call("NetmaskGroupRule", call("netmasks", list("10.0.0.0/8")), false),
      'NetmaskGroupRule(netmasks({ "10.0.0.0/8" }), false)',
    ],
  ])("%j prints as %s", (value, text) => {
    expect(luaText(value)).toBe(text);
  });

  test.each<[string, LuaValue]>([
    ["a number is infinite", Number.POSITIVE_INFINITY],
    ["a number is none", Number.NaN],
    ["a string holds half of a surrogate pair", "\ud800"],
    ["a field's name is code", record({ "x = os.execute('id')": 1 })],
    ["a field's name is a keyword", record({ end: 1 })],
    ["a record is empty", record({})],
  ])("fails when %s", (_, value) => {
    expect(() => luaText(value)).toThrow(/defect of cdktf-dns-lb/);
  });
});

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom('"', "\\", "\\\\n", '\\"', "]]", "--", "\x001", "\n--", "\ufeff", '"); os.execute("id") --'),
);
const name = fc
  .stringMatching(/^[a-z_][A-Za-z0-9_]{0,8}$/)
  .filter(
    (n) =>
      !/^(and|do|if|in|or|not|end|for|nil|else|then|true|goto|break|false|local|until|while|repeat|return|elseif|function)$/.test(
        n,
      ),
  );
const { value } = fc.letrec<{ value: LuaValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.boolean(),
    fc.constantFrom(constant("DNSRCode.REFUSED"), constant("MaxQPSIPRule")),
    fc.array(tie("value"), { maxLength: 3 }).map((items) => list(...items)),
    fc.dictionary(name, tie("value"), { minKeys: 1, maxKeys: 3, noNullPrototype: true }).map(record),
    fc
      .tuple(
        fc.constantFrom(...RULE_FUNCTIONS, ...ACTION_FUNCTIONS, ...RUNTIME_FUNCTIONS),
        fc.array(tie("value"), { maxLength: 3 }),
      )
      .map(([fn, args]) => call(fn, ...args)),
  ),
}));
const options = fc.record(
  Object.fromEntries(
    Object.entries(SERVER_OPTION_TYPES).map(([key, type]) => [
      key,
      type === "string" ? text : type === "number" ? fc.nat() : fc.boolean(),
    ]),
  ),
  { requiredKeys: ["address"], noNullPrototype: true },
) as unknown as fc.Arbitrary<DnsdistServerOptions>;
const policy: fc.Arbitrary<DnsdistPolicy> = fc.record(
  {
    servers: fc.array(
      fc.record({ id: text, pools: fc.array(text, { maxLength: 3 }), options }, { noNullPrototype: true }),
      { maxLength: 3 },
    ),
    pools: fc.array(fc.record({ name: text, policy: fc.constantFrom(...POOL_POLICIES) }, { noNullPrototype: true }), {
      maxLength: 3,
    }),
    rules: fc.array(fc.record({ name: text, rule: value, action: value }, { noNullPrototype: true }), { maxLength: 3 }),
  },
  { noNullPrototype: true },
);
const listeners: fc.Arbitrary<DnsdistListeners> = fc.record(
  {
    keyFile: text,
    calls: fc.array(
      fc
        .tuple(fc.constantFrom(...LISTENER_FUNCTIONS), fc.array(text, { maxLength: 2 }))
        .map(([fn, args]) => call(fn, ...args)),
      { maxLength: 5 },
    ),
  },
  { noNullPrototype: true },
);

describe("print and parse", () => {
  test("a policy comes back as it was", () => {
    expect(parseDnsdistPolicy(printDnsdistPolicy(samplePolicy))).toEqual(samplePolicy);
    fc.assert(
      fc.property(policy, (given) => {
        expect(parseDnsdistPolicy(printDnsdistPolicy(given))).toStrictEqual(given);
      }),
    );
  });

  test("listeners come back as they were", () => {
    const sample = sampleListeners("/run/dns-lb/dnsdist.key");
    expect(parseDnsdistListeners(printDnsdistListeners(sample))).toEqual(sample);
    fc.assert(
      fc.property(listeners, (given) => {
        expect(parseDnsdistListeners(printDnsdistListeners(given))).toStrictEqual(given);
      }),
    );
  });

  test("what is printed is plain ASCII", () => {
    fc.assert(
      fc.property(policy, (given) => {
        expect(printDnsdistPolicy(given)).toMatch(/^[\n\x20-\x7e]*$/);
      }),
    );
  });
});

describe("parse", () => {
  const whole = (servers: string, pools = "{}", rules = "{}") =>
    `return { servers = ${servers}, pools = ${pools}, rules = ${rules} }`;
  test.each<[string, string, RegExp]>([
    ["code is called", 'return os.execute("id")', /no such function here: "os.execute"/],
    [
      "a listener's function is in a policy",
      whole("{}", "{}", '{ { name = "x", rule = setACL("x"), action = 1 } }'),
      /no such function here: "setACL"/,
    ],
    [
      "a name is unknown",
      whole("{}", "{}", '{ { name = "x", rule = DNSRCode.NOPE, action = 1 } }'),
      /no such constant: "DNSRCode.NOPE"/,
    ],
    ["a string does not end", 'return "abc', /can't be read/],
    ["a string is no UTF-8", 'return "\\255"', /no UTF-8/],
    ["a byte is too large", 'return "\\256"', /no byte/],
    ["there is more", `${whole("{}")} return 1`, /all there is/],
    ["a section is missing", "return { servers = {} }", /must have the fields servers, pools, rules/],
    ["a field is there twice", "return { servers = {}, servers = {} }", /line 1.*twice/],
    [
      "an option is misspelt",
      whole('{ { id = "a", pools = {}, options = { address = "x", wieght = 1 } } }'),
      /has no option "wieght"/,
    ],
    [
      "an option has another type",
      whole('{ { id = "a", pools = {}, options = { address = "x", weight = "1" } } }'),
      /'weight' must be a number, got a string/,
    ],
    [
      "an address is missing",
      whole('{ { id = "a", pools = {}, options = { weight = 1 } } }'),
      /must have the option 'address'/,
    ],
    [
      "a pool's policy is unknown",
      whole("{}", '{ { name = "a", policy = "roundrobin" } }'),
      /must be one of leastOutstanding/,
    ],
    ["a line further down is bad", "return {\n  servers = @,\n}", /line 2/],
  ])("fails when %s", (_, given, message) => {
    expect(() => parseDnsdistPolicy(given)).toThrow(message);
  });

  test("fails when dnsdist.conf is somebody else's", () => {
    const ours = printDnsdistListeners(sampleListeners("/run/dnsdist.key"));
    for (const theirs of [`os.execute("id")\n${ours}`, `${ours}os.execute("id")\n`, ours.replace("setKey(key)", "")]) {
      expect(() => parseDnsdistListeners(theirs)).toThrow(
        /must be a dnsdist.conf that printDnsdistListeners\(\) printed/,
      );
    }
    expect(() => parseDnsdistListeners('setLocal("0.0.0.0:53")\n')).toThrow(
      /must be a dnsdist.conf that printDnsdistListeners\(\) printed/,
    );
  });
});

describe("print", () => {
  test("fails when an option is misspelt", () => {
    const misspelt = { address: "192.0.2.1:53", chekName: "x" } as unknown as DnsdistServerOptions;
    const given = { ...samplePolicy, servers: [{ id: "a", pools: [], options: misspelt }] };
    expect(() => printDnsdistPolicy(given)).toThrowErrorMatchingInlineSnapshot(
      `[InternalError: dnsdist's server a has no option "chekName"; this is a defect of cdktf-dns-lb, please report it]`,
    );
  });

  test.each<[string, LuaCall, string]>([
    [
      "a setting is misspelt",
      call("setWebserverConfig", record({ statsRequireAuth: false })),
      'has no setting "statsRequireAuth"',
    ],
    ["a function takes no settings", call("setACL", record({ acl: "x" })), 'setACL has no setting "acl"'],
    ["a function is the policy's", call("AllRule"), "AllRule does not set up listeners"],
  ])("fails when %s", (_, wrong, message) => {
    expect(() => printDnsdistListeners({ keyFile: "x", calls: [wrong] })).toThrow(message);
    const text = printDnsdistListeners({ keyFile: "x", calls: [call("setACL", "marker")] });
    const file = text.replace('setACL("marker")', luaText(wrong));
    expect(() => parseDnsdistListeners(file)).toThrow(/DNSLB805/);
  });
});
