/** Clauses of questions about tables. `$name` and the like are filled in later. */
export const cell = [
  "[what is|what's] the $column [of|for] $name",
  '[what|which] $column [does|did] $name have',
  "[give|tell] me [the $column of $name|$name's $column]",
  "what is $name's $column",
  '$column [of|for] $name',
  '[find|look up|read|report] the $column [of|for] $name',
  'in the row [of|for] $name[,|] what [is the $column|does $column say]',
  'for $name[,|] what is the $column',
  '[what|which] $column is [given|listed|shown|entered] for $name',
  'which $column [belongs to|goes with|is given for] $name',
  'according to the table[,|] what is the $column of $name',
];
export const cellAmount = [
  'how [much|high|large] is the $column [of|for] $name',
  'how much $column [does|has] $name [have|got|show]',
  'how much is the $column of $name',
];
export const back = [
  'which $noun has [the $column|a $column of|] $value',
  '[who|what|which one] has [the|a] $column [of|] $value',
  'the $column $value belongs to [whom|which $noun|what]',
  '[name|find|tell me] the $noun [with|whose] $column [is|of|] $value',
  '$value is the $column of which $noun',
  'whose $column is $value',
  'for which $noun is the $column $value',
];
export const most = [
  'which $noun has the $most $column [of all|in the table|in total]',
  '[who|which one|what] has the $most $column',
  '[name|find|tell me|give me] the $noun with the $most $column',
  'the $most $column belongs to which $noun',
  'for which $noun is the $column $most',
  'whose $column is the $most',
  'which $noun [shows|reaches|gets|earns|comes with] the $most $column',
];
export const mostValue = [
  "[what's|tell me|find|give me|which is] the $most $column",
  'what is the $most [value of|value in|entry under|number in] [the|] $column [column|]',
  'what is the $most $column [of all|listed|in the table]',
  'how [much|high] is the $most $column',
];
export const mostOther = [
  'what is the $other of the $noun with the $most $column',
  'which $other [does|has] the $noun with the $most $column [have|got]',
  '[give|tell] me the $other of whoever has the $most $column',
  'the $noun with the $most $column has [which|what] $other',
  'the $most $column [goes with|belongs to] [which|what] $other',
];
export const sum = [
  "[what is|what's|find|give me|compute] the $agg [of|over|across] [the|] [column $column|$column column|all $column values]",
  'what is the $agg $column [of all rows|over all rows|in the table|across the table]',
  '[$agg|overall $agg|work out the $agg] of [all|the] $column [values|entries|figures]',
  'what is the $agg $column of [the|all|all the] [$nouns|members|listed $nouns]',
  '[$agg|the $agg] $column of [the|all] $nouns',
];
export const without = [
  "[what is|what's|find|compute] the [average|mean] [of|] $column [without|leaving out|not counting|if we leave out|when we skip|ignoring] $name",
  '[average|mean] $column [without|not counting|leaving out|ignoring|except for] $name',
  'leaving out $name[,|] what is the [average|mean] $column',
  '[without|ignoring] $name[,|] what [is|would be] the [average|mean] [of|] $column',
];
export const differ = [
  '[what is|find|give me] the difference [in|of] $column between $name1 and $name2',
  'how much [more|higher] is the $column of $high than that of $low',
  'how much [less|lower] is the $column of $low than that of $high',
  'by how much do $name1 and $name2 differ in $column',
  'how much more $column does $high have than $low',
];
export const together = [
  '[what is|find|give me] the [sum|total] of the $column of $name1 and $name2',
  'how much $column do $name1 and $name2 have [together|in total|combined]',
  "[what is|what's] the combined $column of $name1 and $name2",
  '$name1 and $name2[:|,] $column [together|in total|combined]',
];
export const below = [
  'which $noun [is|lies|comes in|stands] [below|under] the average $column',
  'whose $column is [less than|below|under] the average',
  'which $noun has [less than the average|less than average] $column',
];
