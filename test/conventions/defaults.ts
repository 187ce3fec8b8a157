import * as ts from "typescript";

/** A module of `lib/`. */
export interface Module {
  readonly path: string;
  readonly text: string;
}

/** An optional property that users read about. */
interface Documented {
  readonly place: string;
  readonly owner: string;
  readonly name: string;
  /** What its `@default` says. */
  readonly says: string;
}

/**
 * Checks that every default stands once: where its schema says `withDefault()`. What `@default` says is that value, or, if
 * it is words, the schema has none or an empty list. What a schema gives a default gets no second one, neither in the
 * destructuring of properties nor by `??`; what is calculated from other values is no default.
 */
export function defaultsTwice(modules: readonly Module[]): string[] {
  const sources = modules.map(({ path, text }) => ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true));
  const nodes = sources.flatMap((source) => [...descendants(source)]);
  const parents = new Map<string, readonly string[]>();
  for (const node of nodes) if (ts.isInterfaceDeclaration(node)) parents.set(node.name.text, basesOf(node));
  const schemas = schemasIn(nodes);
  const constants = constantsIn(sources);
  const properties = nodes.flatMap((node) => (ts.isInterfaceDeclaration(node) ? documentedIn(node) : []));
  const isOf = (type: string, owner: string): boolean =>
    type === owner || (parents.get(type) ?? []).some((base) => isOf(base, owner));

  const untrue = properties.flatMap((property) => {
    const given = schemas.find(({ type, name }) => name === property.name && isOf(type, property.owner));
    if (given === undefined)
      return isWords(property.says) ? [] : [`${titleOf(property)} says ${property.says}, its schema nothing`];
    const value = constants.get(given.value) ?? given.value;
    const agrees = isWords(property.says) ? value === "[]" : value === property.says;
    return agrees ? [] : [`${titleOf(property)} says ${property.says}, its schema ${value}`];
  });
  const names = new Set(schemas.map(({ name }) => name));
  const twice = nodes.flatMap((node) => {
    const second = secondDefault(node);
    if (second === undefined || !names.has(second.name)) return [];
    // What looks at other values is calculated.
    if (namesIn(second.value).some((name) => !constants.has(name))) return [];
    return [`${placeOf(node)}: '${second.name}' has a default in its schema, and here ${second.value.getText()} too`];
  });
  return [...untrue, ...twice];
}

function titleOf({ place, owner, name }: Documented): string {
  return `${place}: @default of ${owner}.${name}`;
}

function isWords(says: string): boolean {
  return says.startsWith("- ");
}

/** The optional properties of an interface that users write. */
function documentedIn(node: ts.InterfaceDeclaration): Documented[] {
  return node.members.flatMap((member) => {
    const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
    if (!tag || !member.name || !member.questionToken) return [];
    const says = spelling(ts.getTextOfJSDocComment(tag.comment) ?? "");
    return [{ place: placeOf(member), owner: node.name.text, name: member.name.getText(), says }];
  });
}

interface SchemaDefault {
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

/** What stands in `object<T>()({ ... })` and `{ ... } satisfies Shape<T>`. */
function schemasIn(nodes: readonly ts.Node[]): SchemaDefault[] {
  return nodes.flatMap((node) => {
    const [type, shape] = schemaOf(node) ?? [];
    if (type === undefined || shape === undefined) return [];
    return shape.properties.flatMap((property) => {
      if (!ts.isPropertyAssignment(property)) return [];
      const call = property.initializer;
      if (!ts.isCallExpression(call) || call.expression.getText() !== "withDefault") return [];
      return [
        { type: type.getText(), name: property.name.getText(), value: spelling(call.arguments[1]?.getText() ?? "") },
      ];
    });
  });
}

function schemaOf(node: ts.Node): readonly [ts.TypeNode | undefined, ts.ObjectLiteralExpression] | undefined {
  if (ts.isSatisfiesExpression(node) && ts.isObjectLiteralExpression(node.expression)) {
    const isShape = ts.isTypeReferenceNode(node.type) && node.type.typeName.getText() === "Shape";
    return isShape ? [node.type.typeArguments?.[0], node.expression] : undefined;
  }
  if (!ts.isCallExpression(node) || !ts.isCallExpression(node.expression)) return undefined;
  const [shape] = node.arguments;
  const { expression: name, typeArguments } = node.expression;
  if (name.getText() !== "object" || !shape || !ts.isObjectLiteralExpression(shape)) return undefined;
  return [typeArguments?.[0], shape];
}

/** Constants of modules by name: a default may be one that other code needs too. */
function constantsIn(sources: readonly ts.SourceFile[]): ReadonlyMap<string, string> {
  const statements = sources.flatMap((source) => source.statements.filter(ts.isVariableStatement));
  const declarations = statements.flatMap(({ declarationList }) => declarationList.declarations);
  return new Map(
    declarations.flatMap(({ name, initializer }) =>
      ts.isIdentifier(name) && initializer ? [[name.text, spelling(initializer.getText())] as const] : [],
    ),
  );
}

/** `{ name = value }`, `(name = value)`, `name ?? value` or `props.name ?? value`. */
function secondDefault(node: ts.Node): { readonly name: string; readonly value: ts.Expression } | undefined {
  if (ts.isBindingElement(node) && node.initializer) {
    return { name: (node.propertyName ?? node.name).getText(), value: node.initializer };
  }
  if (ts.isParameter(node) && node.initializer) return { name: node.name.getText(), value: node.initializer };
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.QuestionQuestionToken) return undefined;
  const { left, right } = node;
  if (ts.isIdentifier(left)) return { name: left.text, value: right };
  const isProperty = ts.isPropertyAccessExpression(left) && ts.isIdentifier(left.expression);
  return isProperty ? { name: left.name.text, value: right } : undefined;
}

/** The names that an expression looks up. */
function namesIn(expression: ts.Node): readonly string[] {
  return [expression, ...descendants(expression)].filter(ts.isIdentifier).flatMap((identifier) => {
    const { parent } = identifier;
    const isKey =
      (ts.isPropertyAccessExpression(parent) && parent.name === identifier) ||
      (ts.isPropertyAssignment(parent) && parent.name === identifier);
    return isKey ? [] : [identifier.text];
  });
}

function basesOf(node: ts.InterfaceDeclaration): readonly string[] {
  return (node.heritageClauses ?? []).flatMap(({ types }) => types.map(({ expression }) => expression.getText()));
}

/** One text for one value, however it is broken into lines. */
function spelling(text: string): string {
  return text.trim().replace(/\s+/g, " ").replace(/,? \}/g, " }");
}

function placeOf(node: ts.Node): string {
  const source = node.getSourceFile();
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

function* descendants(node: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) {
    yield child;
    yield* descendants(child);
  }
}
