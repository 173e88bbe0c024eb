import { promisify } from "node:util";
import { brotliCompress, brotliDecompress, constants } from "node:zlib";

/** What a layer keeps: bytes, and the moment from which they may no longer be given out. */
export interface Entry {
  readonly value: Buffer;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Values below this many bytes are kept as they are: a compressed one would hardly be smaller. */
export const COMPRESS_ABOVE = 1024;

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);
/** Default is 11, made for files that are compressed once; 4 is about as fast as gzip. https://nodejs.org/docs/latest-v24.x/api/zlib.html#brotli-constants */
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
/** Stops a value that was tampered with from filling the memory. */
const LARGEST_VALUE = 64 * 2 ** 20;

const FORMAT = 0x67;
const PLAIN = 0;
const BROTLI = 1;
/** Format, codec, expiry (double), length of the body (32 bits). */
const HEADER_BYTES = 14;

/** The form in which Redis and the disk have it. */
export async function encode({ value, expires }: Entry, compressAbove = COMPRESS_ABOVE): Promise<Buffer> {
  const compressed = value.length > compressAbove ? await compress(value, QUALITY) : value;
  const isSmaller = compressed.length < value.length;
  const body = isSmaller ? compressed : value;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(FORMAT, 0);
  header.writeUInt8(isSmaller ? BROTLI : PLAIN, 1);
  header.writeDoubleBE(expires, 2);
  header.writeUInt32BE(body.length, 10);
  return Buffer.concat([header, body]);
}

/** Throws on bytes that `encode` did not write, or not to the end. */
export async function decode(bytes: Buffer): Promise<Entry> {
  if (bytes.length < HEADER_BYTES || bytes[0] !== FORMAT) throw new Error("cache: these bytes are no entry");
  const body = bytes.subarray(HEADER_BYTES);
  if (body.length !== bytes.readUInt32BE(10)) throw new Error("cache: this entry was cut short");
  const value =
    bytes[1] === BROTLI
      ? await decompress(body, { maxOutputLength: LARGEST_VALUE })
      : // a copy, as the slice would keep all bytes around it alive
        Buffer.from(body);
  return { value, expires: bytes.readDoubleBE(2) };
}
