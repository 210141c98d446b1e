/**
 * How people ask for a column without its title: nobody says "the age of Kim" who can say "how old is Kim". `$name`,
 * `$value` and the like are filled in later.
 */

export interface Meaning {
  /** Column titles that have this meaning, lower case. */
  readonly titles: readonly string[];
  /** One cell, by the record's name. */
  readonly cell: readonly string[];
  /** The record, by the cell. */
  readonly back?: readonly string[];
  readonly most?: readonly string[];
  readonly least?: readonly string[];
  /** How far two records are apart: `$high` and `$low`. */
  readonly differ?: readonly string[];
}

/** What is greater, smaller and compared by one adjective: old, older, oldest, youngest. */
function measured(
  titles: string,
  ask: string,
  [more, most]: readonly [string, string],
  [less, least]: readonly [string, string],
  unit = '',
): Meaning {
  const much = unit === '' ? 'much' : `[much|many ${unit}]`;
  return {
    titles: titles.split(', '),
    cell: [`how ${ask} is $name`, `how ${ask} [is|was] [the|] $name`, `tell me how ${ask} $name is`],
    back: [
      `[who|which $noun|which one] is $value${unit === '' ? '' : `[ ${unit}|]`}[ ${ask}|]`,
      `which $noun is $value ${ask}`,
    ],
    most: [
      `[who|which $noun|which one] is [the|] ${most}`,
      `[name|find] the ${most} $noun`,
      `which is the ${most} $noun`,
    ],
    least: [
      `[who|which $noun|which one] is [the|] ${least}`,
      `[name|find] the ${least} $noun`,
      `which is the ${least} $noun`,
    ],
    differ: [
      `how ${much} ${more} is $high than $low`,
      `how ${much} ${less} is $low than $high`,
      `by how much is $high ${more} than $low`,
    ],
  };
}

/** What somebody got, made or did so much of. */
function gained(titles: string, things: string, verb: string, past: string): Meaning {
  return {
    titles: titles.split(', '),
    cell: [
      `how ${things} [did|does] $name ${verb}`,
      `how ${things} [has|have] $name`,
      `how ${things} [did|has|does] $name [${verb}|have|got]`,
    ],
    back: [
      `[who|which $noun] ${past} $value [${things.split(' ').at(-1)}|]`,
      `[who|which $noun] has $value [${things.split(' ').at(-1)}|]`,
    ],
    most: [
      `[who|which $noun] ${past} the most [${things.split(' ').at(-1)}|]`,
      `[who|which $noun] has the most ${things.split(' ').at(-1)}`,
    ],
    least: [
      `[who|which $noun] ${past} the [fewest|least] ${things.split(' ').at(-1)}`,
      `[who|which $noun] has the fewest ${things.split(' ').at(-1)}`,
    ],
    differ: [
      `how ${things.replace(/^(many|much)/, '$1 more')} did $high ${verb} than $low`,
      `how ${things.replace(/^(many|much)/, '$1 more')} has $high than $low`,
    ],
  };
}

export const MEANINGS: readonly Meaning[] = [
  {
    titles: ['salary', 'income', 'pay', 'wage'],
    cell: [
      'how much [does|did] $name [earn|make|get|get paid]',
      'how much is $name [earning|making|getting|paid]',
      'what does $name [earn|make]',
      'how much money does $name [make|earn|get]',
    ],
    back: ['who [earns|makes|gets|is paid] $value', 'which $noun [earns|makes] $value'],
    most: [
      'who [earns|makes|gets] the most',
      'who is [paid best|the best paid|paid the most]',
      'which $noun earns [most|the most]',
    ],
    least: [
      'who [earns|makes|gets] the least',
      'who is [paid worst|the worst paid|paid the least]',
      'which $noun earns [least|the least]',
    ],
    differ: ['how much more does $high [earn|make] than $low', 'how much less does $low [earn|make] than $high'],
  },
  {
    titles: ['price', 'cost', 'fee', 'rent', 'fare', 'adult', 'ticket'],
    cell: [
      'how much [is|for|does] [the|a|] $name [cost|]',
      'what does [the|a|] $name cost',
      'how much [do i pay|must i pay|is to pay|is a ticket] for $name',
    ],
    back: ['what costs $value', 'which $noun [costs|is priced at|is sold for] $value', 'what can i get for $value'],
    most: [
      'which $noun is [the|] [most expensive|dearest]',
      'what costs [the|] most',
      'what is the [most expensive|dearest] $noun',
    ],
    least: [
      'which $noun is [the|] [cheapest|least expensive]',
      'what costs [the|] least',
      'what is the cheapest $noun',
    ],
    differ: ['how much [more expensive|dearer|more] is $high than $low', 'how much [cheaper|less] is $low than $high'],
  },
  measured('age', 'old', ['older', 'oldest'], ['younger', 'youngest'], 'years'),
  measured('height', '[tall|high]', ['taller', 'tallest'], ['shorter', 'shortest']),
  measured('length, duration', 'long', ['longer', 'longest'], ['shorter', 'shortest']),
  measured('weight', 'heavy', ['heavier', 'heaviest'], ['lighter', 'lightest']),
  measured('distance', 'far', ['farther', '[farthest|furthest|most distant]'], ['nearer', '[nearest|closest]']),
  measured('speed', 'fast', ['faster', 'fastest'], ['slower', 'slowest']),
  measured('area', '[big|large]', ['[bigger|larger]', '[biggest|largest]'], ['smaller', 'smallest']),
  {
    titles: ['population'],
    cell: ['how many [people|inhabitants] [live in|are there in|does] $name[ have|]', 'how many people live in $name'],
    back: ['which $noun has $value [people|inhabitants]', 'where do $value people live'],
    most: ['which $noun has the most [people|inhabitants]', 'where do [the|] most people live'],
    least: ['which $noun has the fewest [people|inhabitants]', 'where do [the|] fewest people live'],
    differ: ['how many more people live in $high than in $low'],
  },
  {
    titles: ['stock', 'units', 'in stock', 'quantity', 'qty'],
    cell: [
      'how many $name are [in stock|left|there|available]',
      'how many [pieces|units|] of $name [are there|are left|do we have|are in stock]',
      'how many $name do [we|they] have',
    ],
    back: ['of which $noun are $value [left|in stock]', 'what are there $value of'],
    most: ['[what|which $noun] is there [the|] most of', 'of which $noun are the most [left|in stock]'],
    least: ['[what|which $noun] is there [the|] least of', 'of which $noun are the fewest [left|in stock]'],
    differ: ['how many more $high than $low are [there|in stock|left]'],
  },
  gained('goals', 'many goals', '[score|make]', '[scored|made]'),
  gained('points', 'many points', '[get|win]', '[got|won]'),
  gained('votes', 'many votes', '[get|win|receive]', '[got|won|received]'),
  gained('visitors', 'many visitors', '[get|attract]', '[got|attracted]'),
  gained('hours', 'many hours', '[work|need|spend]', '[worked|needed|spent]'),
  gained('sales, revenue', 'much [money|]', '[sell for|take in|turn over]', '[sold for|took in|turned over]'),
  gained('profit', 'much profit', 'make', 'made'),
  gained('calories', 'many calories', 'have', 'has'),
  {
    titles: ['capacity'],
    cell: ['how many [people|] [fit into|go into|can] $name[ hold|]', 'how much [can|does] $name hold'],
    most: ['which $noun [holds|can hold] the most'],
    least: ['which $noun [holds|can hold] the least'],
  },
  {
    titles: ['department', 'team', 'unit', 'company'],
    cell: [
      'where does $name work',
      'in which $column does $name work',
      'which $column does $name [belong to|work for|work in]',
      'what $column is $name in',
    ],
    back: ['who [works|is] in [the|] $value', 'who works for [the|] $value', 'who belongs to [the|] $value'],
  },
  {
    titles: ['origin', 'made in'],
    cell: [
      'where [is|was] [the|] $name made',
      'where does [the|] $name come from',
      'which country [is $name from|does $name come from]',
    ],
    back: ['what [comes from|is made in|is from] $value', 'which $noun [comes from|is made in] $value'],
  },
  {
    titles: ['role', 'job', 'position', 'profession'],
    cell: [
      "what is $name's [job|role]",
      'what does $name do',
      '[as what|in what role] does $name work',
      'what is $name [by profession|]',
    ],
    back: ['who is [the|a|] $value', 'who works as [the|a|] $value', "who's the $value"],
  },
  {
    titles: ['manager', 'coach', 'mayor'],
    cell: ['who [is in charge of|runs|leads] $name', 'who is the $column [of|in|at] $name'],
    back: ['which $noun [is run by|is led by] $value', 'what does $value [run|lead]'],
  },
  {
    titles: ['departure', 'departs', 'leaves', 'dep.'],
    cell: [
      '[when|what time|at what time] does the [$noun to|$noun for|one to] $name [leave|depart|go]',
      'when does $name leave',
      'when [do i leave|can i leave] for $name',
    ],
    back: [
      'where does the $value [$noun|one|] go',
      'which $noun leaves at $value',
      'what leaves at $value',
      'where [can i go|do i get] at $value',
    ],
  },
  {
    titles: ['arrival', 'arrives', 'arr.'],
    cell: [
      '[when|what time|at what time] does the [$noun to|$noun for|one to] $name [arrive|get there]',
      'when does $name arrive',
      'when [am i|will i be] in $name',
    ],
    back: ['which $noun arrives at $value', 'what arrives at $value'],
  },
  {
    titles: ['platform', 'gate', 'pier', 'track'],
    cell: [
      'from [which|what] $column does [the $noun to|] $name [leave|go]',
      'which $column is [the $noun to|] $name',
      'where does the $noun to $name [leave|stand]',
    ],
    back: ['[which $noun|what] [leaves|goes] from $column $value', 'where does the $noun at $column $value go'],
  },
];

/** The meaning of a column, where it alone has it: `how much is it` says nothing between a price and a fee. */
export function meaningOf(columns: readonly { readonly name: string }[], k: number): Meaning | undefined {
  const title = (columns[k]?.name ?? '').toLowerCase();
  const meaning = MEANINGS.find(({ titles }) => titles.includes(title));
  const rivals = columns.filter(({ name }) => meaning?.titles.includes(name.toLowerCase()));
  return rivals.length === 1 ? meaning : undefined;
}
