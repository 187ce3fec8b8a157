import { InternalError, type Problem, UnscopedValidationError } from "../../core/errors.js";
import { type BirdExpression, type PlacedRefusal, refuseExpression, refuseName, splitPattern } from "./expression.js";
import { type BirdFilter, type BirdFilterStatement, refuseStatements } from "./filter.js";
import {
  BIRD_GRAMMAR,
  type BirdBlock,
  type BirdDefinition,
  type BirdFile,
  type BirdGrammar,
  type BirdLine,
  type BirdStatement,
  type BirdValue,
  formOf,
  grammarOf,
  isBirdBlock,
  isBirdLine,
  refuseBlock,
  refuseLine,
} from "./model.js";

/**
 * Prints bird.conf: statements in the given order, a blank line around blocks and filters, entries indented by two spaces.
 * Throws all problems at once.
 *
 * @see https://bird.network.cz/?get_doc&v=20&f=bird-3.html
 */
export function printBird(file: BirdFile): string {
  const problems = file.statements.flatMap((statement, at) => problemsOf(statement, BIRD_GRAMMAR, `statements[${at}]`));
  if (problems.length > 0) throw new UnscopedValidationError(problems);
  const printed = file.statements.map((statement) => printStatement(statement).join("\n"));
  return printed
    .map((text, at) => {
      const next = printed[at + 1];
      return next !== undefined && (text.includes("\n") || next.includes("\n")) ? `${text}\n\n` : `${text}\n`;
    })
    .join("");
}

/** Prints one line as it stands in the file, without indentation: `hold time 9;`. */
export function printBirdLine(line: BirdLine): string {
  const [option, ...values] = line;
  // Whatever block the line stands in: an option has commas in all blocks or in none.
  const form = everyGrammar(BIRD_GRAMMAR)
    .map((grammar) => formOf(line, grammar))
    .find((each) => each !== undefined);
  const words = form === undefined ? values.map(printValue) : withCommas(form, values);
  return `${[option, ...words].join(" ")};`;
}

/** Prints the statements of a filter, indented. */
export function printBirdFilter(statements: readonly BirdFilterStatement[], margin = ""): string[] {
  return statements.flatMap((statement) => printFilterStatement(statement, margin));
}

/** Prints an expression; conditions within others stand in parentheses, because BIRD ranks `&&` and `||` the same. */
export function printBirdExpression(expression: BirdExpression): string {
  if ("number" in expression) return String(expression.number);
  if ("text" in expression) return `"${expression.text}"`;
  if ("name" in expression) return expression.name;
  if ("address" in expression) return expression.address;
  if ("prefix" in expression) return expression.prefix;
  if ("prefixes" in expression)
    return `[ ${expression.prefixes.map((each) => splitPattern(each).join("")).join(", ")} ]`;
  if ("community" in expression) return `(${expression.community.map(printBirdExpression).join(", ")})`;
  if ("not" in expression) return `!(${printBirdExpression(expression.not)})`;
  if ("all" in expression) return expression.all.map(printInner).join(" && ");
  if ("any" in expression) return expression.any.map(printInner).join(" || ");
  return `${printOperand(expression.left)} ${expression.operator} ${printOperand(expression.right)}`;
}

function problemsOf(statement: BirdStatement, within: BirdGrammar, property: string): Problem[] {
  if (isBirdLine(statement)) return placed(refuseLine(statement, within), property);
  if (isBirdBlock(statement)) {
    const header = refuseBlock(statement, within);
    const grammar = grammarOf(statement.keyword, within);
    if (header || !grammar) return header ? [{ ...header, property }] : [];
    return statement.entries.flatMap((entry, at) => problemsOf(entry, grammar, `${property}.entries[${at}]`));
  }
  const [name, part] = "define" in statement ? [statement.define, "define"] : [statement.filter, "filter"];
  const refusal = refuseName(name);
  const problems = "define" in statement ? refuseExpression(statement.value) : refuseStatements(statement.statements);
  return [
    ...(refusal ? [{ ...refusal, property: `${property}.${part}` }] : []),
    ...placed(problems, "define" in statement ? `${property}.value` : property),
  ];
}

function placed(refusals: readonly PlacedRefusal[], property: string): Problem[] {
  return refusals.map(({ place, ...refusal }) => ({ ...refusal, property: `${property}${place}` }));
}

function printStatement(statement: BirdStatement): string[] {
  if (isBirdLine(statement)) return [printLineIn(statement, BIRD_GRAMMAR)];
  if (isBirdBlock(statement)) return printBlock(statement, BIRD_GRAMMAR, "");
  return "define" in statement ? [printDefinition(statement)] : printFilter(statement);
}

function printDefinition({ define, value }: BirdDefinition): string {
  return `define ${define} = ${printBirdExpression(value)};`;
}

function printFilter({ filter, statements }: BirdFilter): string[] {
  return [`filter ${filter} {`, ...printBirdFilter(statements, "  "), "}"];
}

function printBlock(block: BirdBlock, within: BirdGrammar, margin: string): string[] {
  const grammar = grammarOf(block.keyword, within);
  if (!grammar) throw new InternalError(`a block '${block.keyword}' stands where it may not`);
  const inner = `${margin}  `;
  const name = block.name === undefined ? [] : [grammar.name === "pattern" ? `"${block.name}"` : block.name];
  const header = [block.keyword, ...name, ...(block.from === undefined ? [] : ["from", block.from])];
  return [
    `${margin}${header.join(" ")} {`,
    ...block.entries.flatMap((entry) =>
      isBirdLine(entry) ? [`${inner}${printLineIn(entry, grammar)}`] : printBlock(entry, grammar, inner),
    ),
    // Within a block, BIRD wants a semicolon behind another.
    margin === "" ? "}" : `${margin}};`,
  ];
}

function printLineIn(line: BirdLine, grammar: BirdGrammar): string {
  const form = formOf(line, grammar);
  if (!form) throw new InternalError(`a line '${line[0]}' stands where it may not`);
  const [option, ...values] = line;
  return `${[option, ...withCommas(form, values)].join(" ")};`;
}

/** The words of values, with the commas of their form. */
function withCommas(form: readonly string[], values: readonly BirdValue[]): string[] {
  const words = values.map(printValue);
  let at = 0;
  return form.flatMap((part, index) => {
    if (part === ",") return [];
    const word = words[at++] ?? "";
    return [form[index + 1] === "," ? `${word},` : word];
  });
}

function printValue(value: BirdValue): string {
  return typeof value === "string" ? value : printBirdExpression(value);
}

function printFilterStatement(statement: BirdFilterStatement, margin: string): string[] {
  if (typeof statement === "string") return [`${margin}${statement};`];
  if ("set" in statement) return [`${margin}${statement.set} = ${printBirdExpression(statement.to)};`];
  if ("call" in statement) return [`${margin}${statement.call}(${printBirdExpression(statement.with)});`];
  const { if: condition, do: body, else: otherwise } = statement;
  const head = `${margin}if ${printBirdExpression(condition)} then`;
  const [only, ...others] = body;
  if (otherwise === undefined && only !== undefined && others.length === 0 && !isCondition(only)) {
    return [`${head} ${printFilterStatement(only, "").join("")}`];
  }
  const inner = `${margin}  `;
  return [
    `${head} {`,
    ...printBirdFilter(body, inner),
    ...(otherwise === undefined ? [] : [`${margin}} else {`, ...printBirdFilter(otherwise, inner)]),
    `${margin}}`,
  ];
}

function isCondition(statement: BirdFilterStatement): boolean {
  return typeof statement !== "string" && "if" in statement;
}

/** A condition within `&&` or `||`: a comparison needs no parentheses, it binds more tightly. */
function printInner(expression: BirdExpression): string {
  return "all" in expression || "any" in expression ? parenthesized(expression) : printBirdExpression(expression);
}

/** An operand of a comparison, which cannot be compared further without parentheses. */
function printOperand(expression: BirdExpression): string {
  const isCompound = "all" in expression || "any" in expression || "operator" in expression;
  return isCompound ? parenthesized(expression) : printBirdExpression(expression);
}

function parenthesized(expression: BirdExpression): string {
  return `(${printBirdExpression(expression)})`;
}

function everyGrammar(grammar: BirdGrammar): BirdGrammar[] {
  return [grammar, ...Object.values(grammar.blocks).flatMap(everyGrammar)];
}
