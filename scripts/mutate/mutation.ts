/** The snippets of the article, in its order. */
export const ARTICLE_ROWS = Array.from({ length: 27 }, (_, index) => `S${String(index + 1).padStart(2, "0")}`);

/** What the article does not have, and what its readers need beside it. */
export const OTHER_ROWS = ["access", "ports", "routes"];

/** A test of the repository, by its file and by the beginning of its name, without the names of what holds it. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** A line of a node's release that is broken on purpose, and the test that must notice. */
export interface Mutation {
  /** The row of docs/from-the-article.md whose promise hangs on the line, or one of `OTHER_ROWS`. */
  readonly row: string;
  /** What is broken, as an operator would say it. */
  readonly breaks: string;
  /** The file of the release, such as `haproxy/haproxy.cfg`. */
  readonly file: string;
  readonly line: RegExp;
  /** What stands there instead, as in `String.replace()`. */
  readonly becomes: string;
  readonly test: NamedTest;
  /** Why no test notices, of a mutation that is known to survive. */
  readonly survives?: string;
}
