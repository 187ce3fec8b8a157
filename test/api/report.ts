import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";

/** A property of an interface of the API report. */
export interface ApiProperty {
  readonly name: string;
  readonly isOptional: boolean;
  readonly type: ts.TypeNode;
}

/** A constructor or a factory of the API report: what it is called as, and its parameter beside scope and id. */
export interface ApiCall {
  readonly name: string;
  readonly isConstruct: boolean;
  readonly parameter: string;
  readonly type: ts.TypeNode;
}

/** Reads what users write from the API report of the package. */
export class ApiReport {
  readonly calls: readonly ApiCall[];
  readonly #interfaces = new Map<string, ts.InterfaceDeclaration>();
  readonly #aliases = new Map<string, ts.TypeNode>();
  readonly #constants = new Map<string, ts.TypeNode>();
  readonly #classes = new Set<string>();
  /** `RateLimit_2` in the report is `RateLimit` of the namespace `model`. */
  readonly #renamed = new Map<string, string>();

  /** `others` are reports of entry points whose types it uses. */
  constructor(text: string, ...others: readonly string[]) {
    const source = sourceOf(text);
    const calls: ApiCall[] = [];
    for (const statement of source.statements) {
      if (ts.isInterfaceDeclaration(statement)) this.#interfaces.set(statement.name.text, statement);
      else if (ts.isTypeAliasDeclaration(statement)) this.#aliases.set(statement.name.text, statement.type);
      else if (ts.isModuleDeclaration(statement)) this.#readNamespace(statement);
      else if (ts.isClassDeclaration(statement)) {
        this.#classes.add(statement.name?.text ?? "");
        calls.push(...constructorOf(statement));
      } else if (ts.isVariableStatement(statement)) {
        for (const { name, type } of statement.declarationList.declarations) {
          if (type === undefined) continue;
          this.#constants.set(name.getText(), type);
          if (isExported(statement)) calls.push(...factoriesOf(name.getText(), type));
        }
      }
    }
    this.calls = calls;
    for (const other of others) this.#readTypes(sourceOf(other));
  }

  /** The committed report of the package's main entry point, with the words of configurations. */
  static read(): ApiReport {
    const [index = "", config = ""] = ["index", "config"].map((name) =>
      readFileSync(join(__dirname, `../../api/${name}.api.md`), "utf8"),
    );
    return new ApiReport(index, config);
  }

  /** The properties of an interface, inherited ones included. */
  propertiesOf(name: string): readonly ApiProperty[] {
    const found = this.#interfaces.get(name);
    if (found === undefined) throw new RangeError(`the API report has no interface ${name}`);
    const bases = (found.heritageClauses ?? []).flatMap(({ types }) => types.map((type) => type.expression.getText()));
    const own = found.members.filter(ts.isPropertySignature).flatMap((member): ApiProperty[] => {
      if (member.type === undefined) return [];
      return [{ name: member.name.getText(), isOptional: member.questionToken !== undefined, type: member.type }];
    });
    const names = new Set(own.map((property) => property.name));
    const inherited = bases.flatMap((base) => this.propertiesOf(base)).filter((property) => !names.has(property.name));
    return [...own, ...inherited];
  }

  /** True for a name that is both a type and a set of factories, which alone make its values. */
  isMade(name: string): boolean {
    return this.#constants.has(name) && (this.#aliases.has(name) || this.#interfaces.has(name));
  }

  /** True for the name of a class, or of the interface of constructs. */
  isConstruct(name: string): boolean {
    if (this.#classes.has(name) || ["IConstruct", "Construct", "DockerProvider", "TerraformVariable"].includes(name)) {
      return true;
    }
    const clauses = this.#interfaces.get(name)?.heritageClauses ?? [];
    return clauses.some(({ types }) => types.some((type) => this.isConstruct(type.expression.getText())));
  }

  hasInterface(name: string): boolean {
    return this.#interfaces.has(name);
  }

  alias(name: string): ts.TypeNode | undefined {
    return this.#aliases.get(name);
  }

  constant(name: string): ts.TypeNode | undefined {
    return this.#constants.get(name);
  }

  /** The name of a referenced type: that of `model_4.ProbeType` is `ProbeType`. */
  nameOf(reference: ts.EntityName): string {
    if (ts.isIdentifier(reference)) return reference.text;
    return this.#renamed.get(reference.right.text) ?? reference.right.text;
  }

  /** Adds the types of another entry point that are not in this one. */
  #readTypes({ statements }: ts.SourceFile): void {
    for (const statement of statements) {
      const name =
        ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) ? statement.name.text : "";
      if (name === "" || this.#interfaces.has(name) || this.#aliases.has(name) || this.#classes.has(name)) continue;
      if (ts.isInterfaceDeclaration(statement)) this.#interfaces.set(name, statement);
      else if (ts.isTypeAliasDeclaration(statement)) this.#aliases.set(name, statement.type);
    }
  }

  #readNamespace(statement: ts.ModuleDeclaration): void {
    if (statement.name.text !== "model" || !statement.body || !ts.isModuleBlock(statement.body)) return;
    for (const inner of statement.body.statements) {
      if (!ts.isExportDeclaration(inner) || !inner.exportClause || !ts.isNamedExports(inner.exportClause)) continue;
      for (const { name, propertyName } of inner.exportClause.elements) {
        if (propertyName) this.#renamed.set(name.text, propertyName.text);
      }
    }
  }
}

function sourceOf(text: string): ts.SourceFile {
  const [, code] = /```ts\n(.*)```/s.exec(text) ?? [];
  if (code === undefined) throw new RangeError("the API report holds no TypeScript");
  return ts.createSourceFile("report.d.ts", code, ts.ScriptTarget.ES2022, true);
}

function constructorOf(statement: ts.ClassDeclaration): ApiCall[] {
  const { name, members, modifiers } = statement;
  if (!name || modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword)) return [];
  return members.filter(ts.isConstructorDeclaration).flatMap(({ parameters }) => {
    const [scope, id, props] = parameters;
    if (scope?.name.getText() !== "scope" || id?.name.getText() !== "id" || !props?.type) return [];
    return [{ name: name.text, isConstruct: true, parameter: props.name.getText(), type: props.type }];
  });
}

function factoriesOf(name: string, type: ts.TypeNode): ApiCall[] {
  if (!ts.isTypeLiteralNode(type)) return [];
  return type.members.filter(ts.isPropertySignature).flatMap((member) => {
    if (!member.type || !ts.isFunctionTypeNode(member.type)) return [];
    const [parameter] = member.type.parameters;
    if (parameter?.type === undefined) return [];
    const [call, own] = [`${name}.${member.name.getText()}`, parameter.name.getText()];
    return [{ name: call, isConstruct: false, parameter: own, type: parameter.type }];
  });
}

function isExported(statement: ts.VariableStatement): boolean {
  return statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}
