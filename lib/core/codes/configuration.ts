import type { CodeEntry } from "./code.js";

/** 801 to 899: errors of the models, printers and parsers of configuration files (`cdktf-dns-lb/config`). */
export const CONFIGURATION_CODES = {
  DNSLB801: {
    title: "control character or broken text",
    meaning:
      "A word holds a control character (a newline would start a new directive), or text that UTF-8 cannot encode.",
    fix: "Remove the character that the message names.",
    severity: "error",
  },
  DNSLB802: {
    title: "unknown keyword",
    meaning: "The keyword is not on the list of those that the model of this file knows.",
    fix: 'Correct the keyword, or add it to the model (CONTRIBUTING.md, "Add a directive of a daemon").',
    severity: "error",
  },
  DNSLB803: {
    title: "word that the file cannot quote",
    meaning: "The word is empty, or holds a character for which the daemon's grammar has no quoting.",
    fix: "Choose a word without that character.",
    severity: "error",
  },
  DNSLB804: {
    title: "section or block with a missing, unexpected or invalid name",
    meaning:
      "A section that needs a name has none, one that takes none has one, or the name has characters that the daemon refuses.",
    fix: "Give, remove or correct the name.",
    severity: "error",
  },
  DNSLB805: {
    title: "line that cannot be read",
    meaning: "A parser met a line that is not in the grammar of the file.",
    fix: "Correct the line; the message has its number.",
    severity: "error",
  },
  DNSLB806: {
    title: "wrong number of values, or a line that is too long",
    meaning:
      "A directive has fewer or more values than it takes, or more words or bytes than the daemon reads of one line.",
    fix: "Give as many as the message says, or split the line.",
    severity: "error",
  },
  DNSLB807: {
    title: "section, block or rule that the file does not have",
    meaning:
      "A test asked the view of a configuration for a section, block, server, pool or rule that is not in the file.",
    fix: "Use one of the names that the message lists.",
    severity: "error",
  },
  DNSLB808: {
    title: "invalid data for a zone file",
    meaning: "The owner, the TTL, the type or the data of a record is not valid in a zone file.",
    fix: "Write it in the form that the message names.",
    severity: "error",
  },
} as const satisfies Record<string, CodeEntry>;
