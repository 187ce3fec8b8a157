import { BIT, type Key, message, name, opt, option, question, record, signed, TYPE, u16 } from "./wire.js";

/** A message that is not everyday's. */
export interface OddMessage {
  /** What it is. The first word is its kind. */
  readonly name: string;
  /** Where it is defined. */
  readonly rfc: string;
  readonly wire: Buffer;
}

/** What is sent over a stream otherwise than as a whole message after its length. */
export interface OddStream {
  readonly name: string;
  readonly rfc: string;
  /** Pauses in milliseconds, each before bytes. */
  readonly pieces: readonly (readonly [number, Buffer])[];
  readonly answers: number;
}

const DEFAULT = message({ additional: [opt()] });
const withOpt = (given: Parameters<typeof opt>[0], flags = BIT.rd) => message({ flags, additional: [opt(given)] });
const withOption = (code: number, data: Buffer | string = "") => withOpt({ options: option(code, data) });
const ask = (type: number, dnsClass = 1, owner = "www.example.com") =>
  message({ questions: [question(owner, type, dnsClass)] });
const bad = (...bytes: readonly (string | number)[]) =>
  message({
    questions: [
      Buffer.concat([
        ...bytes.map((each) => (typeof each === "string" ? Buffer.from(each, "latin1") : Buffer.of(each))),
        u16(1, 1),
      ]),
    ],
  });
const padded = (size: number) => {
  const without = withOption(12).length;
  return withOption(12, Buffer.alloc(size - without));
};

/** The messages; a TSIG record is `now` seconds old since 1970. */
export function oddMessages(key: Key, now: number): readonly OddMessage[] {
  const kinds: Readonly<Record<string, readonly [string, Readonly<Record<string, Buffer>>]>> = {
    type: [
      "RFC 3597, 3",
      Object.fromEntries(
        [
          ...Object.entries(TYPE).filter(([word]) => !["OPT", "AXFR", "IXFR", "TSIG", "TKEY"].includes(word)),
          ...[0, 3, 11, 38, 99, 128, 253, 254, 1000, 32768, 65280, 65535].map((type) => [`${type}`, type] as const),
        ].map(([word, type]) => [word, ask(type as number)]),
      ),
    ],
    meta: ["RFC 6895, 3.1", { OPT: ask(41), TSIG: ask(250), TKEY: ask(249) }],
    class: [
      "RFC 6895, 3.2",
      {
        CH: ask(16, 3, "version.bind"),
        "CH id.server": ask(16, 3, "id.server"),
        HS: ask(1, 4),
        NONE: ask(1, 254),
        ANY: ask(1, 255),
        reserved: ask(1, 0),
        private: ask(1, 65281),
      },
    ],
    opcode: [
      "RFC 6895, 2.2",
      {
        ...Object.fromEntries([1, 2, 3, 6, 7, 15].map((opcode) => [`${opcode}`, message({ opcode })])),
      },
    ],
    operation: [
      "RFC 5936, RFC 1995, RFC 1996, RFC 2136",
      {
        AXFR: ask(252, 1, "example.com"),
        IXFR: message({
          questions: [question("example.com", 251)],
          authority: [record("example.com", 6, 1, 0, Buffer.concat([name(""), name(""), Buffer.alloc(20)]))],
        }),
        NOTIFY: message({ opcode: 4, flags: BIT.aa, questions: [question("example.com", 6)] }),
        UPDATE: message({ opcode: 5, flags: 0, questions: [question("example.com", 6)] }),
      },
    ],
    flags: [
      "RFC 1035, 4.1.1; RFC 4035, 3",
      {
        none: message({ flags: 0 }),
        CD: message({ flags: BIT.rd | BIT.cd }),
        "CD alone": message({ flags: BIT.cd }),
        AD: message({ flags: BIT.rd | BIT.ad }),
        "AD and CD with DO": withOpt({ dnssecOk: true }, BIT.rd | BIT.ad | BIT.cd),
        AA: message({ flags: BIT.rd | BIT.aa }),
        TC: message({ flags: BIT.rd | BIT.tc }),
        RA: message({ flags: BIT.rd | BIT.ra }),
        Z: message({ flags: BIT.rd | BIT.z }),
        QR: message({ flags: BIT.rd | BIT.qr }),
        "an RCODE": message({ flags: BIT.rd | 5 }),
        "id 0": message({ id: 0 }),
        "id 65535": message({ id: 65535 }),
      },
    ],
    edns: [
      "RFC 6891",
      {
        plain: DEFAULT,
        DO: withOpt({ dnssecOk: true }),
        "version 1": withOpt({ version: 1 }),
        "version 255": withOpt({ version: 255 }),
        "unknown flags": withOpt({ flags: 0x4001 }),
        "size 0": withOpt({ size: 0 }),
        "size 511": withOpt({ size: 511 }),
        "size 4096": withOpt({ size: 4096 }),
        "size 65535": withOpt({ size: 65535 }),
        "two OPT": message({ additional: [opt(), opt()] }),
        "OPT in the answer": message({ answers: [opt()] }),
        "OPT with a name": message({ additional: [record("example.com", 41, 1232, 0, Buffer.alloc(0))] }),
        "option cut short": withOpt({ options: u16(10, 8, 1) }),
        "unknown option": withOption(65001, "hello"),
        "many options": withOpt({
          options: Buffer.concat(Array.from({ length: 40 }, (_, n) => option(65001 + n, "x"))),
        }),
      },
    ],
    option: [
      "RFC 7873, RFC 7871, RFC 5001, RFC 7830, RFC 7828, RFC 8914, RFC 7901, RFC 8145",
      {
        cookie: withOption(10, "12345678"),
        "cookie of both": withOption(10, "12345678abcdefgh"),
        "cookie too short": withOption(10, "1234"),
        "cookie too long": withOption(10, "x".repeat(41)),
        "ECS IPv4": withOption(8, Buffer.from([0, 1, 24, 0, 192, 0, 2])),
        "ECS IPv6": withOption(8, Buffer.from([0, 2, 56, 0, 0x20, 1, 0x0d, 0xb8, 0, 0, 0])),
        "ECS of nobody": withOption(8, Buffer.from([0, 1, 0, 0])),
        "ECS with a wrong family": withOption(8, Buffer.from([0, 9, 24, 0, 1, 2, 3])),
        "ECS cut short": withOption(8, Buffer.from([0, 1])),
        NSID: withOption(3),
        padding: padded(128),
        "padding to 468": padded(468),
        keepalive: withOption(11),
        "keepalive with a time": withOption(11, u16(100)),
        "extended error": withOption(15, u16(0)),
        chain: withOption(13, name("example.com")),
        "key tag": withOption(14, u16(20326)),
        expire: withOption(9),
      },
    ],
    name: [
      "RFC 1035, 2.3.4 and 3.1; RFC 1034, 3.1",
      {
        "0x20": ask(1, 1, "wWw.ExAmPlE.cOm"),
        root: ask(2, 1, ""),
        unknown: ask(1, 1, "no-such-name.example.com"),
        elsewhere: ask(1, 1, "www.example.org"),
        binary: bad(4, "\x00\xff.\n", 7, "example", 3, "com", 0),
        wildcard: ask(1, 1, "*.example.com"),
        underscore: ask(33, 1, "_dns._udp.example.com"),
        "label of 63": ask(1, 1, `${"a".repeat(63)}.example.com`),
        "of 255": ask(1, 1, `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(49)}.example.com`),
        "of 256": ask(1, 1, `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(50)}.example.com`),
        "127 labels": ask(1, 1, `${"a.".repeat(121)}example.com`),
      },
    ],
    malformed: [
      "RFC 1035, 4.1",
      {
        "label of 64": bad(64, "a".repeat(64), 0),
        "label past the end": message({ questions: [Buffer.from("\x3fabc")] }),
        "name without end": message({ questions: [Buffer.from("\x03www\x07example")] }),
        "pointer to itself": bad(0xc0, 12),
        "pointers in a loop": bad(3, "www", 0xc0, 18, 0xc0, 16),
        "pointer to the header": bad(0xc0, 0),
        "pointer past the end": bad(0xc0, 0xff),
        "pointer forward": bad(0xc0, 20, 1, "a", 0),
        "reserved label": bad(0x80, "abc", 0),
        "extended label": bad(0x41, "abc", 0),
        "question without a class": message({ questions: [Buffer.concat([name("www.example.com"), u16(1)])] }),
        "question missing": message({ questions: [], counts: [1, 0, 0, 0] }),
        "more questions than there are": message({ counts: [2, 0, 0, 0] }),
        "more additional than there are": message({ counts: [1, 0, 0, 1] }),
        "65535 of everything": message({ counts: [65535, 65535, 65535, 65535] }),
        "trailing bytes": message({ trailing: Buffer.from("trailing") }),
        "trailing 300 bytes": message({ trailing: Buffer.alloc(300, 7) }),
        "header alone": message({ questions: [], counts: [0, 0, 0, 0] }),
        "header and EDNS": message({ questions: [], additional: [opt()] }),
        "header and a cookie": message({ questions: [], additional: [opt({ options: option(10, "12345678") })] }),
        "two questions": message({ questions: [question(), question("www.example.com", 28)] }),
        "question twice": message({ questions: [question(), question()] }),
        "an answer in the query": message({ answers: [record("www.example.com", 1, 1, 60, Buffer.of(192, 0, 2, 1))] }),
        "data longer than the message": message({
          additional: [Buffer.concat([name(""), u16(41, 1232, 0, 0, 500), Buffer.from("short")])],
        }),
        "11 bytes": DEFAULT.subarray(0, 11),
        "2 bytes": DEFAULT.subarray(0, 2),
        "1 byte": DEFAULT.subarray(0, 1),
      },
    ],
    size: [
      "RFC 1035, 4.2; RFC 6891, 6.2.5",
      {
        "query of 512": padded(512),
        "query of 513": padded(513),
        "query of 1232": padded(1232),
        "query of 1400": padded(1400),
        "query of 4000": padded(4000),
        "query of 4096": padded(4096),
        "query of 4097": padded(4097),
        "query of 5000": padded(5000),
        "answer of 3 kB": ask(16, 1, "large.example.com"),
        "answer of 3 kB in 4096": message({
          questions: [question("large.example.com", 16)],
          additional: [opt({ size: 4096 })],
        }),
        "answer of 60 kB": ask(16, 1, "huge.example.com"),
      },
    ],
    signed: [
      "RFC 8945, 5",
      {
        plain: signed(message({ flags: 0 }), key, now),
        RD: signed(message(), key, now),
        "RD and EDNS": signed(DEFAULT, key, now),
        CD: signed(message({ flags: BIT.cd }), key, now),
        SOA: signed(message({ questions: [question("example.com", 6)] }), key, now),
        "by nobody": signed(message(), { name: "unknown-key", secret: key.secret }, now),
        forged: signed(message(), { name: key.name, secret: Buffer.from("another secret") }, now),
        "an hour late": signed(message(), key, now - 3_600),
        "not last": message({ additional: [record(key.name, 250, 255, 0, Buffer.alloc(16)), opt()] }),
      },
    ],
  };
  return Object.entries(kinds).flatMap(([kind, [rfc, messages]]) =>
    Object.entries(messages).map(([word, wire]) => ({ name: `${kind}: ${word}`, rfc, wire })),
  );
}

/** A message after its length. */
export function framed(wire: Buffer): Buffer {
  return Buffer.concat([u16(wire.length), wire]);
}

/** What is odd on a stream alone. */
export function oddStreams(): readonly OddStream[] {
  const query = (id: number, type = 1) => framed(message({ id, questions: [question("www.example.com", type)] }));
  const one = query(0x1234);
  const stream = (words: string, pieces: OddStream["pieces"], answers = 1): OddStream => ({
    ...{ name: `stream: ${words}`, rfc: "RFC 7766, 6 and 8", pieces, answers },
  });
  return [
    stream("length alone first", [
      [0, one.subarray(0, 2)],
      [50, one.subarray(2)],
    ]),
    stream("half a length first", [
      [0, one.subarray(0, 1)],
      [50, one.subarray(1)],
    ]),
    stream(
      "byte by byte",
      [...one].map((byte) => [5, Buffer.of(byte)] as const),
    ),
    stream("20 queries at once", [[0, Buffer.concat(Array.from({ length: 20 }, (_, id) => query(id)))]], 20),
    stream(
      "one after the other",
      [
        [0, query(1)],
        [200, query(2, 28)],
      ],
      2,
    ),
    stream("length 0", [[0, Buffer.concat([u16(0), one])]]),
    stream("length too small", [[0, Buffer.concat([u16(20), one.subarray(2)])]]),
    stream("length too large", [[0, Buffer.concat([u16(500), one.subarray(2)])]]),
    stream("HTTP", [[0, Buffer.from("GET / HTTP/1.1\r\nHost: dns\r\n\r\n")]]),
  ];
}
