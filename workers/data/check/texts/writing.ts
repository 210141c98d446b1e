/** Questions about signs, plates, packs, lists and forms: what stands there, first, third, last, beside a label. */
import type { Derived } from '../contract.ts';
import { countIn, ordinalIn, say, UNPARSED } from './answer.ts';
import type { Line, Page } from './page.ts';
import { alike, squeeze } from './spelling.ts';
import { lexicon, tokensOf, withWords } from './wording.ts';

const joined = ({ cells }: Line): string => cells.join(' ');
const shown = (page: Page): Line[] => page.lines.filter(({ text }) => squeeze(text).length > 0);

const SIGN_WORDS = withWords(
  `notice poster banner written headline biggest text texts words word writing message main visible plate licence license registration
  tag car vehicle truck bike characters letters digits brand make maker manufacturer company device everything every line lines altogether
  see written read`,
);
const ALL = /\b(?:all|everything|every line|altogether)\b/;
const SIGN = [
  /\b(?:sign|notice|board|poster|banner)\b.*\bsays?\b|\bwhat does it say$/,
  /\bwhat is (?:all that is )?written\b|\bwhat's written\b|\bwhat is printed (?:on|here)|\bwhat's printed|\bprinted$/,
  /^(?:please )?(?:read|read out|read me|list|give me|name|tell me|what is|what's)(?: out| me)? (?:the|all|every|everything)\b.*\b(?:sign|notice|text|texts|headline|biggest text|words|lines|line|writing|message|everything)\b|^read everything$|^read all$/,
  /\b(?:text|words|texts)\b.*\b(?:see|visible|written|on the|there|here|read|altogether)\b|\bwhat can be read\b|^what (?:text|words)(?: is| are)?$/,
  /\bwhat are all the\b/,
  /\b(?:number plate|plate number|plate|licence|license|registration|tag)\b/,
  /\bwhich number does the (?:car|vehicle|truck|bike) have\b|\bwritten on the (?:plate|car|tag)\b|^read(?: out)? the (?:plate|number|text)$/,
  /\bwhat (?:characters|letters and digits)\b/,
  /\b(?:brand|maker|manufacturer|made this|made it|makes this|made the product|makes the product|makes it)\b|\bname is on the (?:product|package|pack|box|device)\b|\bwhat make\b|\bthe make\b/,
  /\b(?:which|what) company\b.*\b(?:from|made|makes|is this|come)\b/,
];

export function deriveSign(question: string, page: Page): Derived {
  const text = tokensOf(question, SIGN_WORDS, () => false)
    .map(({ text }) => text)
    .join(' ');
  if (!SIGN.some((pattern) => pattern.test(text))) return UNPARSED;
  const lines = shown(page).filter(({ text }) => squeeze(text).length > 1);
  const [first] = lines;
  if (!first) return 'unknown';
  const all = lines.map(joined);
  const whole = [all.join(' '), all.join(', '), all.join('\n')];
  if (ALL.test(text)) return say(...whole);
  const brand = SIGN[8]?.test(text) || SIGN[9]?.test(text);
  return say(joined(first), ...(brand ? [] : whole));
}

interface ListItem {
  readonly number?: number;
  readonly text: string;
}

const NUMBERED =
  /^(?:st\w{1,2}|\wtep|s\wp|no\.?|rul\w|\wule|t\wp|par\w|\wart)?\s*#?\s*(\d{1,2})\s*(?:[.):]|-(?!\d))?$/i;
const NUMBERED_TEXT =
  /^(?:st\w{1,2}|\wtep|s\wp|no\.?|rul\w|\wule|t\wp|par\w|\wart)?\s*#?\s*(\d{1,2})(?:\s*[.):]\s*|\s+-?\s*|(?<=step ?\d)|-\s*)(?=\p{L})(.+)$/iu;
const BULLET = /^[-*•·]\s*/;

/** A list on a page: numbered rows, or rows with a bullet, or all rows but a title. */
function listOf(page: Page, noun: RegExp | undefined): { title?: string; items: ListItem[]; numbered: boolean } {
  const lines = shown(page);
  const numbered = lines.flatMap((line): ListItem[] => {
    const [first = '', ...rest] = line.cells;
    const mark = rest.length > 0 ? NUMBERED.exec(first) : null;
    if (mark) return [{ number: Number(mark[1]), text: rest.join(' ') }];
    const found = NUMBERED_TEXT.exec(joined(line));
    return found ? [{ number: Number(found[1]), text: (found[2] as string).trim() }] : [];
  });
  const titled = (line: Line | undefined): boolean =>
    line !== undefined &&
    (/^(?:how to\b|\d{1,2} \p{L}+s$)/iu.test(joined(line)) || (noun?.test(squeeze(joined(line))) ?? false));
  const ordered = numbered.filter(
    ({ number }, i) => i === 0 || (number as number) > (numbered[i - 1]?.number as number),
  );
  if (numbered.length >= 2 && numbered.length * 2 >= lines.length - 1 && ordered.length >= numbered.length - 1) {
    const [top] = lines;
    const first = numbered[0] as ListItem;
    const isTitle = top !== undefined && (!joined(top).includes(first.text) || titled(top));
    const items = isTitle && joined(top as Line).includes(first.text) ? numbered.slice(1) : numbered;
    return { ...(isTitle ? { title: joined(top as Line) } : {}), items, numbered: true };
  }
  const bulleted = lines.filter((line) => BULLET.test(line.text));
  if (bulleted.length >= 2) {
    const [top] = lines;
    const items = bulleted
      .map((line) => ({ text: joined(line).replace(BULLET, '').trim() }))
      .filter(({ text }) => text !== '');
    return { ...(top && !BULLET.test(top.text) ? { title: joined(top) } : {}), items, numbered: false };
  }
  const [top] = lines;
  const wide = lines.slice(1).filter(({ cells }) => cells.length > 1).length;
  const headed = titled(top) || (top?.cells.length === 1 && wide >= 2 && wide >= lines.length - 2);
  const body = headed ? lines.slice(1) : lines;
  const widths = body.map(({ cells }) => cells.length);
  const ones = widths.filter((width) => width === 1).length;
  const grid = ones <= 1 && widths.length > 0;
  const items = body.flatMap((line) => (grid ? line.cells.map((text) => ({ text })) : [{ text: joined(line) }]));
  return { ...(headed ? { title: joined(top as Line) } : {}), items, numbered: false };
}

const NOUN =
  'step|rule|tip|idea|task|instruction|goal|method|part|structure|label|layer|point|item|entry|line|one|thing|place|position|number|no';
const LIST_WORDS = withWords(
  `step rule tip idea task instruction goal method part structure label layer point position place list begin begins start starts open
  opens end ends close closes finish finishes top bottom mark refer mean means stand title heading headline about no thing nth`,
);

export function deriveList(question: string, page: Page): Derived {
  const nounIn = new RegExp(`\\b(${NOUN})s?\\b`).exec(question.toLowerCase())?.[1];
  const noun =
    nounIn && !/^(?:one|place|position|number|no|thing|item|line)$/.test(nounIn) ? new RegExp(nounIn) : undefined;
  const { title, items, numbered } = listOf(page, noun);
  if (items.length < 2) return UNPARSED;
  const tokens = tokensOf(question, LIST_WORDS, () => false);
  const text = tokens
    .map(({ text }) => text)
    .join(' ')
    .replace(/ ([,.:;])/g, '$1');
  if (/\b(?:title|heading|headline)\b|\blist (?:about|called)$/.test(text))
    return title === undefined ? 'unknown' : say(title);
  // `which number is ...`: the text is all that is no word of asking.
  const asks =
    /^(?:at )?(?:which|what) (?:\w+ )?(?:number|position|place)\b(?: (?:is|has|does|belongs to|stands for))? (.+?)(?: have| stand)?$|^(.+?) (?:is|has) which number$/.exec(
      text,
    );
  if (asks && !/^(?:number )?\d/.test(asks[1] ?? asks[2] ?? '')) {
    const said = squeeze(asks[1] ?? asks[2] ?? '');
    const near = items.filter((item) => squeeze(item.text) === said);
    const found = near.length > 0 ? near : items.filter((item) => alike(squeeze(item.text), said));
    return found.length === 1 ? say((found[0] as ListItem).number) : 'unknown';
  }
  const end =
    /\bwith what does the list (begin|start|open|end|close|finish)/.exec(text)?.[1] ??
    /\bat the (top|bottom|end|last|final|first)\b/.exec(text)?.[1] ??
    /\b(?:the|comes|is|stands|at) (first|last|final|\w+th|second|third|\d+(?:st|nd|rd))\b/.exec(text)?.[1] ??
    /\b(first|last|final) (?:of|on) the list/.exec(text)?.[1];
  const number = new RegExp(`\\b(?:${NOUN})\\.? (\\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)\\b`).exec(
    text,
  )?.[1];
  if (end === undefined && number === undefined) return UNPARSED;
  const known = tokens.every(({ text, key }) => key === '' || LIST_WORDS.has(text) || /\d/.test(text));
  if (!known) return UNPARSED;
  const at =
    number !== undefined
      ? countIn(number)
      : /^(?:begin|start|open|top)/.test(end as string)
        ? 1
        : /^(?:end|close|finish|bottom)/.test(end as string)
          ? -1
          : ordinalIn(end as string);
  if (at === undefined) return UNPARSED;
  if (at === -1) return say((items.at(-1) as ListItem).text);
  if (!numbered) return number === undefined ? say(items[at - 1]?.text) : 'unknown';
  const found = items.filter((item) => item.number === at);
  return found.length === 1 ? say((found[0] as ListItem).text) : 'unknown';
}

/** What cards, tickets and forms have labels for. */
const LABELS = new Set(
  `name visitor host passenger doctor company department event venue from to destination city date validuntil expires dateofbirth issued
  time doorsopen departure arrival ticketno ordernumber memberid serialnumber model reference seat row gate platform room table phone status
  address email age class flight train bus price total number order id member guest patient address signature weight height issuedby`.split(
    /\s+/,
  ),
);
const labelKey = (text: string): string => squeeze(text.replace(/\s*[:.]+\s*$/, ''));

export interface Field {
  readonly key: string;
  readonly value: string | undefined;
}

/** Labels with what stands beside or below them. */
export function fieldsOf(page: Page): Field[] {
  const fields: Field[] = [];
  // A colon that was read apart from its label is no value.
  const lines = shown(page).map((line) => ({ ...line, cells: line.cells.filter((cell) => cell !== ':') }));
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as Line;
    const [first = '', ...rest] = line.cells;
    const inner = /^([^:]{2,24}?)\s*:\s*(.+)$/.exec(first);
    if (rest.length > 0 && !(inner && LABELS.has(labelKey(inner[1] as string)))) {
      const second = rest[0] as string;
      // A label of two words whose space was taken for a gap.
      const both = labelKey(`${first}${second}`);
      if (rest.length > 1 && LABELS.has(both)) fields.push({ key: both, value: rest.slice(1).join(' ') });
      else
        fields.push({
          key: labelKey(first),
          value: rest
            .filter((cell) => cell !== ':')
            .join(' ')
            .replace(/^:\s*/, ''),
        });
    } else if (inner && !/^\d+$/.test(inner[1] as string))
      fields.push({ key: labelKey(inner[1] as string), value: [inner[2], ...rest].join(' ') });
    else if (LABELS.has(labelKey(first))) {
      const below = lines[at + 1];
      const isLabel = below !== undefined && (LABELS.has(labelKey(joined(below))) || below.cells.length > 1);
      fields.push({ key: labelKey(first), value: below && !isLabel ? joined(below) : undefined });
    }
  }
  return fields;
}

/** How many labels of cards and forms a page has. */
export const labelsOn = (page: Page): number =>
  page.lines.filter(({ cells }) => {
    const [first = ''] = cells;
    return LABELS.has(labelKey(first)) || LABELS.has(labelKey(/^([^:]+):/.exec(first)?.[1] ?? ''));
  }).length;

const FORM = [
  /^what (?:is|does it say for|stands for) (?:the )?(.+)$/,
  /^(?:read|tell me|give me|find) (?:the )?(.+)$/,
  /^which (.+?) (?:is|does)(?: it)? (?:given|shown|printed|on it|show)$/,
  /^what's (?:the )?(.+?)(?: on it| on the (?:card|ticket|form|badge))?$/,
  /^what (.+?) (?:is|was) (?:entered|written|printed|stated)$/,
  /^(?:which|what) (.+?) (?:is|was|does it)$/,
  /^which (.+?)$/,
  /^(.+)$/,
];
const FORM_WORDS = lexicon(
  "what what's is does it say for stands read tell me give find the which given shown printed show on card was entered written stated here please thanks".split(
    ' ',
  ),
);

export function deriveForm(question: string, page: Page): Derived {
  const fields = fieldsOf(page);
  const tokens = tokensOf(question, FORM_WORDS, (key) => fields.some((field) => field.key.includes(key)));
  const text = tokens.map(({ text }) => text).join(' ');
  for (const pattern of FORM) {
    const said = pattern.exec(text)?.[1];
    if (said === undefined || said.split(' ').length > 4) continue;
    const key = squeeze(said);
    const exact = fields.filter((field) => field.key === key);
    // A word that is a label of its own is no slip for another: `date` is not `gate`.
    // `the serial` of a card that says `Serial number`.
    const short =
      exact.length > 0
        ? []
        : fields.filter((field) => field.key.replace(/^dateof|(?:no|number|id|open)$/g, '') === key);
    const found =
      exact.length > 0
        ? exact
        : short.length > 0
          ? short
          : fields.filter((field) => !(LABELS.has(key) && LABELS.has(field.key)) && alike(field.key, key));
    const values = new Set(found.map(({ value }) => squeeze(value ?? '')));
    return values.size === 1 && found[0]?.value !== undefined ? say(found[0].value) : 'unknown';
  }
  return UNPARSED;
}
