import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import tar from "tar-stream";
import type { Properties } from "../clouds/table.ts";
import { EngineRefusal } from "./refusals.ts";
import { objects, text } from "./values.ts";

const FILE = 0o644;
const EXECUTABLE = 0o744;

/** The files of `uploads` as the archive that is unpacked at `/`, as the provider does it. */
export async function archiveOf(inputs: Properties, directory: string): Promise<Buffer | undefined> {
  const files = objects(inputs["uploads"]);
  if (files.length === 0) return undefined;
  const pack = tar.pack();
  for (const each of files) {
    const { file, permissions, executable, owner, group } = each;
    const plain = executable === true ? EXECUTABLE : FILE;
    const mode = text(permissions) === "" ? plain : parseInt(text(permissions), 8);
    const name = text(file).replace(/^\/+/, "");
    pack.entry({ name, mode, ...ownerOf(owner, "u"), ...ownerOf(group, "g") }, contentOf(each, directory));
  }
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** By number, or by a name that the image knows. */
function ownerOf(value: unknown, kind: "u" | "g"): { uid?: number; gid?: number; uname?: string; gname?: string } {
  const written = text(value);
  if (written === "") return {};
  return /^\d+$/.test(written) ? { [`${kind}id`]: Number(written) } : { [`${kind}name`]: written };
}

function contentOf(upload: Properties, directory: string): Buffer {
  const { content, contentBase64, source, file } = upload;
  if (typeof content === "string") return Buffer.from(content, "utf8");
  if (typeof contentBase64 === "string") return Buffer.from(contentBase64, "base64");
  try {
    return readFileSync(resolve(directory, text(source)));
  } catch {
    throw new EngineRefusal(
      `the upload ${text(file)} has the source ${text(source)}, which cannot be read: write the path of a file`,
      0,
    );
  }
}
