import fc from "fast-check";

/** Words that break naive printers: quotes, comments, escapes, braces, variables, log formats, line starts. */
export const NASTY = [
  " ",
  "a b",
  " a ",
  "a  b",
  '"',
  "'",
  `"'`,
  `it's "quoted" \\ and $HOME`,
  "\\",
  "\\\\",
  "a\\",
  "\\n",
  "\\x41",
  "\\ ",
  "#",
  "a#b",
  "# comment",
  "!",
  "a!b",
  "$",
  "$HOME",
  "a $HOME",
  `\${HOME}`,
  `\${HOME[*]}`,
  "$(id)",
  "`id`",
  "{",
  "}",
  "a{b}",
  "%[src]",
  "@host",
  "~SEQ(x,1,2)",
  ".if",
  "server:",
  "include:",
  "include",
  "AXFR",
  ":",
  "ünïcode",
  "\u00a0",
  "\u2028",
  "\ufeff",
  "日本",
  "😀",
];

/** Any word without control characters and halves of surrogate pairs, most of them nasty. */
export const nastyWord: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
    {
      weight: 3,
      arbitrary: fc
        .array(fc.constantFrom(..."\"'\\$#!{}()[] ;:,.=%@~`abcN0ü".split("")), { minLength: 1, maxLength: 12 })
        .map((letters) => letters.join("")),
    },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }) },
  )
  .filter((word) => !/[\p{Cc}\p{Cs}]/u.test(word));

/** Words with a character that no file can hold, each with its name in the refusal. */
export const UNPRINTABLE = [
  ["a newline", "a\nb", "U+000A"],
  ["a carriage return", "a\rb", "U+000D"],
  ["NUL", "a\u0000b", "U+0000"],
  ["a tab", "a\tb", "U+0009"],
  ["an escape", "a\u001bb", "U+001B"],
  ["DEL", "a\u007fb", "U+007F"],
  ["a C1 control", "a\u0085b", "U+0085"],
  ["half of a surrogate pair", "a\ud83db", "U+D83D"],
] as const;
