/** `tools.yaml`: which engines the tools use, what they may ask, and which tools come from elsewhere. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { SettingsError } from './env.ts';
import { faultLines } from './file-faults.ts';

const device = z.enum(['cpu', 'cuda']);

const engines = z.strictObject({
  /** What OCR reads with; `vlm` asks the model named under `vision_model`. */
  ocr: z.enum(['ppocr', 'tesseract', 'vlm']).default('ppocr'),
  /** What finds objects: COCO's 80 kinds without a download, or any words with pulled weights. */
  detection: z.enum(['coco80', 'grounding-dino']).default('coco80'),
  /** What names the objects in an image. */
  objects: z.enum(['coco80', 'clip']).default('coco80'),
  /** Where the pulled networks run; left out = COTA_ONNX_DEVICE. */
  device: device.optional(),
  /** Weights, by engine, where others than the catalogue's first choice are wanted: `clip: clip-vit-base-patch16`. */
  weights: z.partialRecord(z.enum(['grounding-dino', 'depth', 'clip']), z.string()).default({}),
});

const seconds = z.number().positive().max(3_600);
const server = {
  /** Tools of the server that are offered; left out = all. */
  tools: z.array(z.string()).optional(),
  /** Put before each tool's name, where two servers have one of the same name. */
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]{0,40}$/, 'letters, digits, - and _')
    .default(''),
  timeout_s: seconds.default(60),
  /** Calls that a worker has under way at a time; the others wait. */
  concurrency: z.int().min(1).max(256).default(8),
  /** Tools that give the same result for the same arguments, so that it may be kept. */
  deterministic: z.array(z.string()).default([]),
};
const stdioServer = z.strictObject({
  ...server,
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  /** Variables of the server's process; it gets no others of ours but the path. */
  env: z.record(z.string(), z.string()).default({}),
  cwd: z.string().optional(),
});
const httpServer = z.strictObject({
  ...server,
  url: z.url({ protocol: /^https?$/, error: 'an http or https URL' }),
  headers: z.record(z.string(), z.string()).default({}),
  /** Header -> environment variable that holds its value, for keys. */
  headers_env: z.record(z.string(), z.string()).default({}),
});

/** The whole of tools.yaml. */
export const toolsFile = z.strictObject({
  engines: engines.prefault({}),
  /** For QueryLanguageModel: a model of models.yaml that a server answers; left out = the run's own, where it is one. */
  language_model: z.string().optional(),
  /** For OCR by `vlm`. */
  vision_model: z.string().optional(),
  /** For QueryKnowledgeBase: Wikipedia, or a base made by `cota kb build`. */
  knowledge: z
    .discriminatedUnion(
      'base',
      [
        z.strictObject({
          base: z.literal('wikipedia').default('wikipedia'),
          language: z
            .string()
            .regex(/^[a-z-]{2,12}$/, 'a language code such as "en"')
            .default('en'),
          /** How Wikipedia reaches you, as it asks of every program: an address or a page. Without it only an `endpoint` of yours is asked. */
          contact: z.string().min(3).optional(),
          /** Another MediaWiki's api.php; left out = Wikipedia's. */
          endpoint: z.url({ protocol: /^https?$/ }).optional(),
        }),
        z.strictObject({ base: z.literal('local'), path: z.string() }),
        z.strictObject({ base: z.literal('none') }),
      ],
      { error: ({ code }) => (code === 'invalid_union' ? 'wikipedia, local or none' : undefined) },
    )
    .default({ base: 'wikipedia', language: 'en' }),
  /** Modules with a tool as their default export, relative to this file. */
  tools: z.array(z.string()).default([]),
  /** MCP servers by a name of yours. */
  mcp: z
    .record(
      z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'a name of 1 to 40 letters, digits, - and _'),
      z.union([stdioServer, httpServer]),
    )
    .default({}),
});

export type ToolsConfig = z.infer<typeof toolsFile> & {
  /** A path of the file's, made absolute. */
  resolve(path: string): string;
};
export type McpServer = ToolsConfig['mcp'][string];

/**
 * @param path of tools.yaml; a missing file is one that sets nothing
 * @throws SettingsError that names the field and what it may be
 */
export function loadToolsConfig(path: string): ToolsConfig {
  const at = (target: string): string => resolve(dirname(path), target);
  if (!existsSync(path)) return { ...toolsFile.parse({}), resolve: at };
  let document: unknown;
  try {
    document = parse(readFileSync(path, 'utf8')) ?? {};
  } catch (error) {
    throw new SettingsError(`${path} cannot be read as YAML: ${(error as Error).message}`);
  }
  const parsed = toolsFile.safeParse(document);
  if (parsed.success) return { ...parsed.data, resolve: at };
  const issues = parsed.error.issues.flatMap((issue) => innerIssues(issue, document));
  throw new SettingsError(`${path} is wrong:\n${faultLines(issues)}`);
}

type Issue = z.core.$ZodIssue;

/** Of a server that is neither of the two kinds, what is wrong with the kind that it seems to be. */
function innerIssues(issue: Issue, document: unknown): readonly Issue[] {
  if (issue.code !== 'invalid_union' || issue.discriminator !== undefined) return [issue];
  const given = issue.path.reduce<unknown>((value, key) => Object(value)[key] as unknown, document);
  const isMap = typeof given === 'object' && given !== null;
  if (!isMap || 'command' in given === 'url' in given) {
    const message = 'give either `command` (a program) or `url` (a server at an address)';
    return [{ ...issue, message }];
  }
  const kind = issue.errors['command' in given ? 0 : 1] ?? [];
  return kind.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}
