import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type ts from "typescript";

/** The type of a property, as compact as JSON allows. A `ref` names an object type in the schema's `objects`. */
export type Shape =
  | "string"
  | "number"
  | "boolean"
  | "any"
  | "asset"
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly ref: string }
  | { readonly values: readonly (string | number | boolean)[] }
  | { readonly either: readonly Shape[] };

export interface Property {
  readonly shape: Shape;
  readonly optional?: true;
}

export type Properties = Readonly<Record<string, Property>>;

/** The declarations of one installed SDK. Its big files of nested types are cut up and parsed only where asked for. */
export class Declarations {
  readonly #folder: string;
  readonly #ts: typeof ts;
  readonly #texts = new Map<string, string | undefined>();
  readonly #sections = new Map<string, Map<string, ts.InterfaceDeclaration | ts.VariableDeclaration>>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#ts = createRequire(import.meta.url)("typescript") as typeof ts;
  }

  /** The interface's members and the object types that they refer to, all the way down. */
  interfaceMembers(file: string, name: string, objects: Record<string, Properties>): Properties | undefined {
    const found = this.#statements(file).find(
      (statement): statement is ts.InterfaceDeclaration =>
        this.#ts.isInterfaceDeclaration(statement) && statement.name.text === name,
    );
    return found && this.#members(found.members, objects);
  }

  classMembers(file: string, name: string, objects: Record<string, Properties>): Properties | undefined {
    const found = this.#statements(file).find(
      (statement): statement is ts.ClassDeclaration =>
        this.#ts.isClassDeclaration(statement) && statement.name?.text === name,
    );
    return found && this.#members(found.members, objects);
  }

  #statements(file: string): readonly ts.Statement[] {
    return this.#parse(file, this.#text(file) ?? "").statements;
  }

  #parse(name: string, text: string): ts.SourceFile {
    return this.#ts.createSourceFile(name, text, this.#ts.ScriptTarget.Latest, false);
  }

  #text(file: string): string | undefined {
    if (!this.#texts.has(file)) {
      const path = join(this.#folder, file);
      this.#texts.set(file, existsSync(path) ? readFileSync(path, "utf8") : undefined);
    }
    return this.#texts.get(file);
  }

  #members(members: readonly (ts.TypeElement | ts.ClassElement)[], objects: Record<string, Properties>): Properties {
    const properties: Record<string, Property> = {};
    for (const member of members) {
      if (!this.#ts.isPropertySignature(member) && !this.#ts.isPropertyDeclaration(member)) continue;
      if (member.type === undefined) continue;
      const name = member.name as ts.Identifier | ts.StringLiteral;
      const { shape, optional } = this.#property(member.type, objects);
      const isOptional = optional || member.questionToken !== undefined;
      properties[name.text] = isOptional ? { shape, optional: true } : { shape };
    }
    return properties;
  }

  #property(type: ts.TypeNode, objects: Record<string, Properties>): { shape: Shape; optional: boolean } {
    const inner = this.#withoutInput(type);
    if (!this.#ts.isUnionTypeNode(inner)) return { shape: this.#shape(inner, objects), optional: false };
    const isUndefined = (part: ts.TypeNode): boolean => part.kind === this.#ts.SyntaxKind.UndefinedKeyword;
    const parts = inner.types.filter((part) => !isUndefined(part));
    const shapes = parts.map((part) => this.#shape(part, objects));
    return { shape: either(shapes), optional: inner.types.some(isUndefined) };
  }

  /** `pulumi.Input<T>`, `pulumi.Output<T>` and parentheses mean T. */
  #withoutInput(type: ts.TypeNode): ts.TypeNode {
    if (this.#ts.isParenthesizedTypeNode(type)) return this.#withoutInput(type.type);
    if (!this.#ts.isTypeReferenceNode(type)) return type;
    const argument = type.typeArguments?.[0];
    const name = this.#entityName(type.typeName);
    return argument !== undefined && /^pulumi\.(Input|Output)$/.test(name) ? this.#withoutInput(argument) : type;
  }

  #shape(type: ts.TypeNode, objects: Record<string, Properties>): Shape {
    const { SyntaxKind } = this.#ts;
    const inner = this.#withoutInput(type);
    if (this.#ts.isArrayTypeNode(inner)) return { list: this.#shape(inner.elementType, objects) };
    if (this.#ts.isUnionTypeNode(inner)) return this.#property(inner, objects).shape;
    if (this.#ts.isLiteralTypeNode(inner)) return this.#literal(inner);
    if (this.#ts.isTypeLiteralNode(inner)) return this.#map(inner, objects);
    if (this.#ts.isTypeReferenceNode(inner)) return this.#reference(inner, objects);
    if (inner.kind === SyntaxKind.StringKeyword) return "string";
    if (inner.kind === SyntaxKind.NumberKeyword) return "number";
    if (inner.kind === SyntaxKind.BooleanKeyword) return "boolean";
    return "any";
  }

  #literal(type: ts.LiteralTypeNode): Shape {
    const { literal } = type;
    if (this.#ts.isStringLiteral(literal)) return { values: [literal.text] };
    if (this.#ts.isNumericLiteral(literal)) return { values: [Number(literal.text)] };
    if (literal.kind === this.#ts.SyntaxKind.TrueKeyword) return { values: [true] };
    return literal.kind === this.#ts.SyntaxKind.FalseKeyword ? { values: [false] } : "any";
  }

  #map(type: ts.TypeLiteralNode, objects: Record<string, Properties>): Shape {
    const signature = type.members.find((member) => this.#ts.isIndexSignatureDeclaration(member));
    return signature === undefined ? "any" : { map: this.#property(signature.type, objects).shape };
  }

  #reference(type: ts.TypeReferenceNode, objects: Record<string, Properties>): Shape {
    const name = this.#entityName(type.typeName);
    if (/^pulumi\.asset\.(Asset|Archive)$/.test(name)) return "asset";
    if (name === "Record" && type.typeArguments?.[1] !== undefined) {
      return { map: this.#shape(type.typeArguments[1], objects) };
    }
    if (name === "Array" && type.typeArguments?.[0] !== undefined) {
      return { list: this.#shape(type.typeArguments[0], objects) };
    }
    if (/^(enums|inputs|outputs)\./.test(name)) return this.#nested(name, objects);
    // an ARN, an id, or another resource of the SDK: by the time it gets here the engine has turned it into its id
    return "string";
  }

  #nested(name: string, objects: Record<string, Properties>): Shape {
    if (name in objects) return { ref: name };
    const [kind, ...rest] = name.split(".");
    if (kind === "enums") {
      const found = this.#section(`types/enums/${[...rest.slice(0, -1), "index.d.ts"].join("/")}`, "").get(
        rest.at(-1) ?? "",
      );
      return found && this.#ts.isVariableDeclaration(found) ? this.#enumeration(found) : "any";
    }
    const file = kind === "inputs" ? "types/input.d.ts" : "types/output.d.ts";
    const found = this.#section(file, rest.length > 1 ? (rest[0] ?? "") : "").get(rest.join("."));
    if (found === undefined || !this.#ts.isInterfaceDeclaration(found)) return "any";
    // entered before it is filled: types refer to themselves (JSONSchemaProps)
    const properties: Record<string, Property> = {};
    objects[name] = properties;
    Object.assign(properties, this.#members(found.members, objects));
    return { ref: name };
  }

  #enumeration(declaration: ts.VariableDeclaration): Shape {
    if (declaration.type === undefined || !this.#ts.isTypeLiteralNode(declaration.type)) return "any";
    const shapes = declaration.type.members.flatMap((member) =>
      this.#ts.isPropertySignature(member) && member.type && this.#ts.isLiteralTypeNode(member.type)
        ? [this.#literal(member.type)]
        : [],
    );
    return either(shapes);
  }

  #entityName(name: ts.EntityName): string {
    return this.#ts.isIdentifier(name) ? name.text : `${this.#entityName(name.left)}.${name.right.text}`;
  }

  /** The declarations of one top-level namespace of a file (`""`: what is in none), by their full name. */
  #section(file: string, namespace: string): Map<string, ts.InterfaceDeclaration | ts.VariableDeclaration> {
    const key = `${file}#${namespace}`;
    const known = this.#sections.get(key);
    if (known !== undefined) return known;
    const found = new Map<string, ts.InterfaceDeclaration | ts.VariableDeclaration>();
    const text = this.#text(file) ?? "";
    for (const part of partsOf(text, namespace)) this.#collect(this.#parse(key, part).statements, "", found);
    this.#sections.set(key, found);
    return found;
  }

  #collect(
    statements: readonly ts.Statement[],
    prefix: string,
    found: Map<string, ts.InterfaceDeclaration | ts.VariableDeclaration>,
  ): void {
    for (const statement of statements) {
      if (this.#ts.isInterfaceDeclaration(statement)) found.set(prefix + statement.name.text, statement);
      else if (this.#ts.isVariableStatement(statement)) {
        for (const declaration of statement.declarationList.declarations) {
          found.set(prefix + (declaration.name as ts.Identifier).text, declaration);
        }
      } else if (this.#ts.isModuleDeclaration(statement) && statement.body && this.#ts.isModuleBlock(statement.body)) {
        this.#collect(statement.body.statements, `${prefix}${statement.name.text}.`, found);
      }
    }
  }
}

const NAMESPACE = /^export declare namespace (\w+) \{$/gm;

/** Cut by text: the 5.7 MB of aws's nested types are one `export declare namespace` a service, and few are needed. */
function partsOf(text: string, namespace: string): string[] {
  const starts = [...text.matchAll(NAMESPACE)];
  if (namespace === "") return [text.slice(0, starts[0]?.index)];
  return starts.flatMap((start, at) =>
    start[1] === namespace ? [text.slice(start.index, starts[at + 1]?.index)] : [],
  );
}

function either(shapes: readonly Shape[]): Shape {
  const flat = shapes.flatMap((shape) => (typeof shape === "object" && "either" in shape ? shape.either : [shape]));
  if (flat.includes("any")) return "any";
  const takesText = flat.includes("string");
  const values = flat.flatMap((shape) => (typeof shape === "object" && "values" in shape ? shape.values : []));
  const open = values.filter((value) => !(takesText && typeof value === "string"));
  const rest = flat.filter((shape) => typeof shape !== "object" || !("values" in shape));
  const unique = [...new Map(rest.map((shape) => [JSON.stringify(shape), shape])).values()];
  const all: Shape[] = open.length > 0 ? [...unique, { values: [...new Set(open)] }] : unique;
  return all.length === 1 && all[0] !== undefined ? all[0] : { either: all };
}
