import * as ts from "typescript";

/** A place in `lib/` that breaks one of our conventions. */
export interface Violation {
  readonly rule: RuleName;
  readonly place: string;
  readonly message: string;
}

export type RuleName = "default" | "readonly" | "comment" | "error" | "pure";

const PURE = /^lib\/(core|model|config|rules|node|testing\/lab)\//;
const CDKTF = /^(cdktf|cdktn|constructs|@cdktf|@cdktn)(\/|$)/;
/** What a `@default` may not say, because it leaves the reader where he was. */
const EMPTY_DEFAULT = /^(-|(-\s*)?(undefined|none|null)|-\s*(true|false))?\.?$/i;

/** Checks the text of one module of `lib/` against every convention. */
export function violationsOf(path: string, text: string): Violation[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const violations: Violation[] = [];
  const report = (rule: RuleName, node: ts.Node, message: string) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    violations.push({ rule, place: `${path}:${line + 1}`, message });
  };

  for (const statement of source.statements) {
    if (!isExported(statement)) continue;
    checkComment(statement, report);
    if (ts.isInterfaceDeclaration(statement)) checkProperties(statement, report);
  }
  const visit = (node: ts.Node): void => {
    checkError(node, report);
    if (PURE.test(path)) checkPurity(node, report);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return violations;
}

type Report = (rule: RuleName, node: ts.Node, message: string) => void;

function checkComment(statement: ts.Statement, report: Report): void {
  if (ts.isExportDeclaration(statement) || ts.isExportAssignment(statement)) return;
  if (isLaterOverload(statement) || summaryOf(statement) !== "") return;
  report("comment", statement, `${namesOf(statement)} is exported and has no doc comment`);
}

function checkProperties(statement: ts.InterfaceDeclaration, report: Report): void {
  const isInput = /(Props|Options)$/.test(statement.name.text);
  for (const member of statement.members) {
    if (!ts.isPropertySignature(member)) continue;
    const name = `${statement.name.text}.${member.name.getText()}`;
    if (!member.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ReadonlyKeyword)) {
      report("readonly", member, `${name} is not readonly`);
    }
    if (!isInput || !member.questionToken) continue;
    const tag = ts.getJSDocTags(member).find((candidate) => candidate.tagName.text === "default");
    if (!tag) report("default", member, `${name} is optional and has no @default`);
    else if (EMPTY_DEFAULT.test((ts.getTextOfJSDocComment(tag.comment) ?? "").trim())) {
      report("default", member, `${name} has a @default that does not say what happens`);
    }
  }
}

function checkError(node: ts.Node, report: Report): void {
  if (!ts.isThrowStatement(node) || !ts.isNewExpression(node.expression)) return;
  if (!ts.isIdentifier(node.expression.expression) || node.expression.expression.text !== "Error") return;
  report("error", node, "throws a bare Error; use a class of lib/core/errors.ts or lib/terraform");
}

function checkPurity(node: ts.Node, report: Report): void {
  const specifier = importedModule(node);
  if (specifier === undefined || !CDKTF.test(specifier)) return;
  report("pure", node, `imports ${specifier}, but this layer is plain data in, plain data out`);
}

/** The module that a node imports: `import`, `export from`, `import()`, `require()`, or the type `import("...")`. */
function importedModule(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier);
  if (ts.isExternalModuleReference(node)) return literal(node.expression);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literal(node.argument.literal);
  if (!ts.isCallExpression(node)) return undefined;
  const isRequire = ts.isIdentifier(node.expression) && node.expression.text === "require";
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isRequire || isImport ? literal(node.arguments[0]) : undefined;
}

function literal(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/** Overloads and namespaces that belong to the declaration before them share its comment. */
function isLaterOverload(statement: ts.Statement): boolean {
  const name = nameOf(statement);
  if (name === undefined || !ts.isSourceFile(statement.parent)) return false;
  const siblings = statement.parent.statements;
  return siblings.slice(0, siblings.indexOf(statement)).some((other) => isExported(other) && nameOf(other) === name);
}

function summaryOf(statement: ts.Statement): string {
  const comments = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc);
  return comments.map((comment) => ts.getTextOfJSDocComment(comment.comment) ?? "").join("");
}

function namesOf(statement: ts.Statement): string {
  if (!ts.isVariableStatement(statement)) return nameOf(statement) ?? "a declaration";
  return statement.declarationList.declarations.map((declaration) => declaration.name.getText()).join(", ");
}

function nameOf(statement: ts.Statement): string | undefined {
  const name = ts.isDeclarationStatement(statement) ? statement.name : undefined;
  return name && ts.isIdentifier(name) ? name.text : undefined;
}
