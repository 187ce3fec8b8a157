import * as ts from "typescript";
import type { ApiCall, ApiReport } from "./report.js";

/** What texts a value takes: any text by its type, one of a choice, or none. */
export type TextKind = "text" | "choice" | "none";

/** A property that users write: the call, the path from its options, what it takes. */
export interface Input {
  readonly call: string;
  /** As in `servers[].tls.name`; empty for a call that takes the value itself. */
  readonly path: string;
  readonly text: TextKind;
}

/** Every property, at every depth, of all that users call. Fails on a type that it cannot judge, so that none is left out. */
export function inputsOf(report: ApiReport): readonly Input[] {
  return report.calls.flatMap((call) => inputsOfCall(report, call));
}

/** The name of an input in lists and messages. */
export function titleOf({ call, path }: Pick<Input, "call" | "path">): string {
  return `${call}(${path})`;
}

interface Shape {
  text: TextKind;
  /** The interfaces that the value may have, each with the path to it: `[]` in a list. */
  readonly inner: { readonly name: string; readonly path: string }[];
}

function inputsOfCall(report: ApiReport, { name: call, parameter, type }: ApiCall): Input[] {
  const shape = shapeOf(report, type, `${call}(${parameter})`);
  if (shape.inner.length === 0) return [{ call, path: "", text: shape.text }];
  return shape.inner.flatMap(({ name }) => inputsOfInterface(report, call, name, ""));
}

/** What a property holds is of the property itself where that is an interface in which it stands. */
function inputsOfInterface(
  report: ApiReport,
  call: string,
  name: string,
  prefix: string,
  above: readonly string[] = [],
): Input[] {
  return report.propertiesOf(name).flatMap((property) => {
    const path = `${prefix}${property.name}`;
    const { text, inner } = shapeOf(report, property.type, `${name}.${property.name}`);
    const within = [...above, name];
    const below = inner.some((each) => within.includes(each.name))
      ? []
      : inner.flatMap((each) => inputsOfInterface(report, call, each.name, `${path}${each.path}.`, within));
    return [{ call, path, text }, ...below];
  });
}

function shapeOf(report: ApiReport, type: ts.TypeNode, place: string): Shape {
  const shape: Shape = { text: "none", inner: [] };
  const take = (text: TextKind) => {
    if (text === "text" || shape.text === "none") shape.text = text;
  };
  const visit = (node: ts.TypeNode, path: string): void => {
    if (ts.isParenthesizedTypeNode(node) || ts.isTypeOperatorNode(node)) {
      if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.KeyOfKeyword) take("choice");
      else visit(node.type, path);
    } else if (ts.isArrayTypeNode(node)) visit(node.elementType, `${path}[]`);
    else if (ts.isTupleTypeNode(node)) for (const each of node.elements) visit(each, `${path}[]`);
    else if (ts.isNamedTupleMember(node)) visit(node.type, node.dotDotDotToken ? path.replace(/\[\]$/, "") : path);
    else if (ts.isRestTypeNode(node)) visit(node.type, path.replace(/\[\]$/, ""));
    else if (ts.isUnionTypeNode(node)) for (const each of node.types) visit(each, path);
    else if (ts.isLiteralTypeNode(node)) {
      if (ts.isStringLiteral(node.literal)) take("choice");
    } else if (node.kind === ts.SyntaxKind.StringKeyword || ts.isTemplateLiteralTypeNode(node)) take("text");
    else if (ts.isIndexedAccessTypeNode(node)) visitIndexed(node, path);
    else if (ts.isTypeReferenceNode(node)) visitReference(report.nameOf(node.typeName), node, path);
    else if (node.kind !== ts.SyntaxKind.NumberKeyword && node.kind !== ts.SyntaxKind.BooleanKeyword) {
      throw new RangeError(`${place}: no rule for the type ${node.getText()}; teach test/api/inputs.ts to judge it`);
    }
  };
  const visitIndexed = ({ objectType, indexType }: ts.IndexedAccessTypeNode, path: string): void => {
    const object = ts.isParenthesizedTypeNode(objectType) ? objectType.type : objectType;
    // `(typeof QUERY_TYPES)[number]`
    if (ts.isTypeQueryNode(object)) {
      take("choice");
      return;
    }
    if (ts.isTypeReferenceNode(object) && ts.isLiteralTypeNode(indexType) && ts.isStringLiteral(indexType.literal)) {
      const name = interfaceBehind(report, object);
      const wanted = indexType.literal.text;
      const found = name === undefined ? undefined : report.propertiesOf(name).find((each) => each.name === wanted);
      if (found) {
        visit(found.type, path);
        return;
      }
    }
    throw new RangeError(`${place}: no rule for the type ${objectType.getText()}[${indexType.getText()}]`);
  };
  const visitReference = (name: string, node: ts.TypeReferenceNode, path: string): void => {
    // The values of a record are of its property, as the items of a list are.
    const inner = name === "Readonly" || name === "Record" ? node.typeArguments?.at(-1) : undefined;
    if (inner !== undefined) {
      visit(inner, path);
      return;
    }
    // Factories and constructors judge what their own options hold.
    if (report.isMade(name) || name.startsWith("Secret") || report.isConstruct(name)) return;
    if (report.hasInterface(name)) shape.inner.push({ name, path });
    else {
      const alias = report.alias(name);
      if (alias === undefined) throw new RangeError(`${place}: the API report does not say what ${node.getText()} is`);
      visit(alias, path);
    }
  };
  visit(type, "");
  return shape;
}

function interfaceBehind(report: ApiReport, node: ts.TypeReferenceNode): string | undefined {
  const name = report.nameOf(node.typeName);
  if (report.hasInterface(name)) return name;
  const alias = report.alias(name);
  return alias && ts.isTypeReferenceNode(alias) ? interfaceBehind(report, alias) : undefined;
}
