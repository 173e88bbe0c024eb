import type { Tree, TreeObject } from "./values.ts";
import { Secret, UNKNOWN_TEXT, Unknown, isList, isObject, readSpecial, readText, secretOf } from "./values.ts";

/**
 * Property trees as google.protobuf.Struct, read and written directly. The generated classes take about 1 ms for a
 * Kubernetes Deployment, which at four or more trees a resource would be most of what a preview costs; this takes a
 * tenth. https://protobuf.dev/programming-guides/encoding/, google/protobuf/struct.proto
 */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** Fields of google.protobuf.Value. */
const NULL = 1;
const NUMBER = 2;
const STRING = 3;
const BOOL = 4;
const STRUCT = 5;
const LIST = 6;

/** A position in a message; all reads move it on. */
class Reader {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new RangeError("a message ends inside of a number");
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  /** The end of the length-delimited field that starts here. */
  end(): number {
    const length = this.varint();
    return this.at + length;
  }

  text(): string {
    const end = this.end();
    const text = this.bytes.toString("utf8", this.at, end);
    this.at = end;
    return text;
  }

  skip(type: number): void {
    if (type === VARINT) this.varint();
    else if (type === DELIMITED) this.at = this.end();
    else if (type === FIXED64) this.at += 8;
    else if (type === FIXED32) this.at += 4;
    else throw new RangeError(`a message has a field of the unknown kind ${type}`);
  }
}

export function decodeStruct(bytes: Uint8Array): TreeObject {
  const reader = new Reader(bytes);
  return readSpecial(readObject(reader, reader.bytes.length)) as TreeObject;
}

function readObject(reader: Reader, end: number): Record<string, Tree> {
  const object: Record<string, Tree> = {};
  while (reader.at < end) {
    reader.varint(); // the only field: an entry of the map
    const entryEnd = reader.end();
    let key = "";
    let value: Tree = null;
    while (reader.at < entryEnd) {
      if (reader.varint() >> 3 === 1) key = reader.text();
      else value = readValue(reader, reader.end());
    }
    object[key] = value;
  }
  return object;
}

function readValue(reader: Reader, end: number): Tree {
  let value: Tree = null;
  while (reader.at < end) {
    const tag = reader.varint();
    switch (tag >> 3) {
      case NUMBER:
        value = reader.bytes.readDoubleLE(reader.at);
        reader.at += 8;
        break;
      case STRING:
        value = readText(reader.text());
        break;
      case BOOL:
        value = reader.varint() === 1;
        break;
      case STRUCT:
        value = readSpecial(readObject(reader, reader.end()));
        break;
      case LIST:
        value = readList(reader, reader.end());
        break;
      default:
        reader.skip(tag & 7);
    }
  }
  return value;
}

function readList(reader: Reader, end: number): Tree[] {
  const list: Tree[] = [];
  while (reader.at < end) {
    reader.varint(); // the only field: an element
    list.push(readValue(reader, reader.end()));
  }
  return list;
}

const FIRST_SIZE = 1024;

/** Written from the end to the start, so that the length of a part is known when it is written in front of it. */
class BackwardWriter {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE);
  #left = FIRST_SIZE;

  /** How much has been written. */
  get length(): number {
    return this.#bytes.length - this.#left;
  }

  result(): Buffer {
    return this.#bytes.subarray(this.#left);
  }

  #reserve(size: number): number {
    if (size > this.#left) {
      const bigger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.length + size));
      this.#bytes.copy(bigger, bigger.length - this.length, this.#left);
      this.#left = bigger.length - this.length;
      this.#bytes = bigger;
    }
    this.#left -= size;
    return this.#left;
  }

  varint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
    let at = this.#reserve(size);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[at++] = (rest % 128) + 128;
    this.#bytes[at] = rest;
  }

  tag(field: number, type: number): void {
    this.varint(field * 8 + type);
  }

  double(value: number): void {
    const at = this.#reserve(8);
    this.#bytes.writeDoubleLE(value, at);
  }

  text(field: number, text: string): void {
    const size = Buffer.byteLength(text);
    const at = this.#reserve(size);
    this.#bytes.write(text, at, size, "utf8");
    this.#close(field, size);
  }

  /** A field whose content `write` writes. */
  part(field: number, write: () => void): void {
    const before = this.length;
    write();
    this.#close(field, this.length - before);
  }

  #close(field: number, size: number): void {
    this.varint(size);
    this.tag(field, DELIMITED);
  }
}

export function encodeStruct(tree: TreeObject): Buffer {
  const writer = new BackwardWriter();
  writeObject(writer, tree);
  return writer.result();
}

function writeObject(writer: BackwardWriter, object: TreeObject): void {
  const keys = Object.keys(object);
  for (let at = keys.length - 1; at >= 0; at--) {
    const key = keys[at] as string;
    const value = object[key];
    if (value === undefined) continue;
    writer.part(1, () => {
      writer.part(2, () => writeValue(writer, value));
      writer.text(1, key);
    });
  }
}

function writeValue(writer: BackwardWriter, value: Tree): void {
  if (typeof value === "string") writer.text(STRING, value);
  else if (value instanceof Unknown) writer.text(STRING, UNKNOWN_TEXT);
  else if (value instanceof Secret) writer.part(STRUCT, () => writeObject(writer, secretOf(value)));
  else if (isList(value)) writer.part(LIST, () => writeList(writer, value));
  else if (isObject(value)) writer.part(STRUCT, () => writeObject(writer, value));
  else writeScalar(writer, value);
}

function writeScalar(writer: BackwardWriter, value: number | boolean | null): void {
  if (typeof value === "number") {
    writer.double(value);
    writer.tag(NUMBER, FIXED64);
  } else {
    writer.varint(value === true ? 1 : 0);
    writer.tag(value === null ? NULL : BOOL, VARINT);
  }
}

function writeList(writer: BackwardWriter, list: readonly Tree[]): void {
  for (let at = list.length - 1; at >= 0; at--) {
    const value = list[at] ?? null;
    writer.part(1, () => writeValue(writer, value));
  }
}

/** A message without some of its fields, and these by their numbers. */
export function takeFields(
  message: Uint8Array,
  fields: readonly number[],
): { rest: Buffer; taken: Map<number, Uint8Array> } {
  const reader = new Reader(message);
  const taken = new Map<number, Uint8Array>();
  const rest: Buffer[] = [];
  while (reader.at < reader.bytes.length) {
    const start = reader.at;
    const tag = reader.varint();
    if ((tag & 7) === DELIMITED && fields.includes(tag >> 3)) {
      const end = reader.end();
      taken.set(tag >> 3, reader.bytes.subarray(reader.at, end));
      reader.at = end;
    } else {
      reader.skip(tag & 7);
      rest.push(reader.bytes.subarray(start, reader.at));
    }
  }
  return { rest: Buffer.concat(rest), taken };
}

/** A message with more fields: their order does not matter. */
export function addFields(message: Uint8Array, fields: Iterable<readonly [number, Uint8Array]>): Buffer {
  const parts: Uint8Array[] = [message];
  for (const [field, bytes] of fields) {
    const head = new BackwardWriter();
    head.varint(bytes.length);
    head.tag(field, DELIMITED);
    parts.push(head.result(), bytes);
  }
  return Buffer.concat(parts);
}
