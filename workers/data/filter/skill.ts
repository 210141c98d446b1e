/** What a chain exercises, by the tools that it calls: what mixtures are balanced by. */
import { type Chain, toolCalls } from '../../../shared/data/chain.ts';

const SKILLS: Readonly<Record<string, string>> = {
  OCR: 'text',
  LocalizeObjects: 'objects',
  GetObjects: 'objects',
  DetectFaces: 'objects',
  EstimateRegionDepth: 'depth',
  EstimateObjectDepth: 'depth',
  Crop: 'detail',
  ZoomIn: 'detail',
  GetImageToImagesSimilarity: 'likeness',
  GetImageToTextsSimilarity: 'likeness',
  GetTextToImagesSimilarity: 'likeness',
  QueryLanguageModel: 'knowledge',
  QueryKnowledgeBase: 'knowledge',
  Calculate: 'arithmetic',
  SolveMathEquation: 'arithmetic',
};

/** `objects+text`; `seeing` where no tool is called, `other` for tools that this table does not know. */
export function skillOf(chain: Pick<Chain, 'turns'>): string {
  const skills = new Set(toolCalls(chain).map(({ name }) => SKILLS[name] ?? 'other'));
  return skills.size === 0 ? 'seeing' : [...skills].sort().join('+');
}

/** Names of the called tools in order, `OCR>Calculate`; empty where none is called. */
export const toolSequence = (chain: Pick<Chain, 'turns'>): string =>
  toolCalls(chain)
    .map(({ name }) => name)
    .join('>');
