/** Clauses of questions about names with values. `$name` and the like are filled in later. */
export const lookUpPrice = [
  '[how much is|how much does|how much for|what does] [the|a|one|] $name [cost|come to|]',
  '[price of|cost of|price for] [the|a|] $name',
  "[what is|what's] the [price|cost] [of|for] [the|a|one|] $name",
  '[give|tell] me the [price|cost] of [the|a|one|] $name',
  '$name [price|cost|how much|- how much is it]',
  'how much [should|must|would|do|will|does one] [i|one|you|a guest|someone] [pay|give|spend] for [the|a|one|] $name',
  'what [would|will|does] [a|one|the|] $name [cost|set me back|come to]',
  'what [do they charge|is charged|must be paid|is asked] for [a|one|the|] $name',
  '[find|look up|read|report|state] the [price|cost] of [the|] $name',
  'i [want|would like|am thinking of|plan to take] [a|one|the|] $name[,| -] [how much is it|what does it cost|what is the price]',
  'what [price|amount] is [listed|given|shown|printed|written] for [the|] $name',
  'at what [price|cost] is [the|] $name [sold|offered|listed]',
  'what is [the|] $name [selling for|sold at|going for|listed at|priced at]',
];
export const lookUpSubject = [
  "[what is|what's] the $subject [of|for|in|at] $name",
  '[how much|how big|how large|how high] is the $subject [of|for|in] $name',
  '[what|which] [value|number|figure|amount] [is shown|is given|stands|is printed|is there] for $name',
  '[what|how much] [does|is] $name [have|show|at|stand at]',
  '[give|tell] me the $subject [of|for] $name',
  'what [value|number|figure] does $name [have|show|reach|get]',
  '[read|find|report|look up] the [value|number|$subject] [of|for] $name',
  '$subject [of|for] $name',
  'how much $subject does $name [have|show|reach|report]',
  'for $name, what is the [$subject|value|number]',
];
export const lookUpNutrient = [
  'how much $name [is in|does it have in|is there in|per] [one serving|a serving|each serving|a portion]',
  "[what is|what's|tell me|find|read] the [amount|quantity|value|content] of $name",
  'how much $name [does it contain|is there|is listed|does this have|is in it]',
  '[what|which] [value|amount|number] is [given|listed|printed|shown] for $name',
  '$name [per serving|amount|content|value|in one serving]',
  'what does the label [say|list|give|state] for $name',
];
export const reversePrice = [
  'which $noun [costs|is priced at|sells for|goes for|is listed at|comes to|is sold for] $value',
  'what [can i get|can i buy|could one buy|do i get|would i get] for [exactly|] $value',
  '[name|find|tell me|give me] the $noun [that costs|priced at|with the price|with a price of|for] $value',
  '[what|which $noun] [is|has] [priced at|a price of|the price|listed for] $value',
  'i [paid|gave|spent] $value[,| -] [what did i buy|which $noun did i take|what was it]',
  '$value is the price of [what|which $noun]',
  'what [$noun|] [does|would] $value [buy|pay for]',
];
export const reverseSubject = [
  'which $noun [has|shows|reaches|gets|reports|stands at] [a $subject of|a value of|] $value',
  '[who|what|which one] has [a $subject of|the value|the number|] $value',
  '[name|find|tell me] the $noun [with|that has|at] $value',
  '$value [belongs to|is for|stands for] which $noun',
  'the [value|number|$subject] $value is [for|of] which $noun',
];
export const two = [
  '[how much|what] [do|would|will|should] i pay for [$q1 $name1 and $q2 $name2|$q2 $name2 and $q1 $name1]',
  "[what is|what's|give me|find] the [total|sum|total price|total cost|bill] [for|of] $q1 $name1 and $q2 $name2",
  "[i want|i'd like|i am getting|i'll have|we take|we order|i take|give me|i bought|we had] $q1 $name1 and $q2 $name2[.|,] [how much is that|what do i owe|how much will it be|what should i pay|how much should i pay altogether|what does it come to|how much do we pay|what is the bill]",
  'how much [is|are|for|would be] $q1 $name1 [and|plus|with] $q2 $name2 [together|in total|altogether|]',
  '$q1 $name1 [and|plus|with] $q2 $name2[, how much|: total|, what is the total|- how much together]',
  'if [i buy|i order|you take|someone orders|we get] $q1 $name1 and $q2 $name2[,|] [what is the total|how much is it|what is to pay|how much does it cost]',
  'what [would|will|do] $q1 $name1 [and|plus] $q2 $name2 [cost|come to|add up to|be]',
];
export const three = [
  '[how much|what] [do i pay for|is|would be] $q1 $name1, $q2 $name2 and $q3 $name3',
  "[i want|i'd like|i'll have|we order|i am getting|i take] $q1 $name1, $q2 $name2 and $q3 $name3[.|,] [what is the bill|how much is that|what do i owe|what does it come to]",
  'total [for|of] $q1 $name1, $q2 $name2 and $q3 $name3',
  'what [do|will|would] $q1 $name1, $q2 $name2 and $q3 $name3 [cost|come to|cost together]',
];
export const several = [
  '[how much|what] [is|are|for|would be] $q1 $name1',
  '[what is|give me|find] the [price|cost|total] [of|for] $q1 $name1',
  "[i want|i'd like|i am getting|we take|i bought|we order] $q1 $name1[.|,] [how much is that|what do i pay|what do i owe|what does it come to]",
  'how much [do|would|will|should] [i|we] [pay|spend] for $q1 $name1',
  'what [would|will|do] $q1 $name1 cost',
];
export const difference = [
  'how much [more|dearer|more expensive] is $high than $low',
  'how much [cheaper|less] is $low than $high',
  "[what is|what's|find|give me] the difference [in price|in cost|] [between|of] $name1 and $name2",
  'by how much [does|do] the [price|cost] of $name1 and $name2 differ',
  'how much [do i save|is saved|would i save] [with|by taking|if i take] $low [instead of|rather than|over] $high',
  'how much [extra|more] [do i pay|would i pay|is it] for $high [instead of|over|compared with] $low',
];
export const differenceSubject = [
  'how much [more|higher|larger] is $high than $low',
  'how much [less|lower|smaller] is $low than $high',
  "[what is|what's|find|give me] the [difference|gap] [in $subject|] between $name1 and $name2",
  'by how much [does|do] $name1 and $name2 differ [in $subject|]',
  'by how much does $high [beat|exceed|top] $low',
];
export const howMany = [
  'how many $units of $name [do|would|will] $money [buy|pay for|get me]',
  'how many $units [of|] $name [can i buy|can i have|could i fill|do i get|could you buy] for $money',
  'with $money[,|] how many $units of $name [can i buy|do i get|could i fill|may i have]',
  'i have $money[.|,] [how many $units of $name is that|how many $units of $name can i fill|how much $name can i buy]',
  'for $money i get how many $units of $name',
  'how much $name [in $units|] [do i get|can i buy|could one buy] for $money',
];
export const fill = [
  '[how much|what] [is|are|do|would be] [$n $units of $name|it for $n $units of $name]',
  '[what is|find|give me] the [cost|price|total] [of|for] $n $units of $name',
  '[i fill|i need|i buy|we tank|my tank takes] $n $units of $name[,|.] [how much is that|what do i pay|what does it cost]',
  'how much [will|would|do] $n $units of $name [cost|come to|be]',
];
export const change = [
  'i pay [for|] [a|one|the|] $name with [a|] $note[,|.] [how much change do i get|what is my change|what comes back|how much do i get back]',
  'how much change [from|out of|do i get from] $note for [a|one|the|] $name',
  'what [change|money] [do i get|comes] back from $note [if i buy|after buying|for] [a|one|the|] $name',
  '[if i have|having] $note[,|] how much is left after [buying|paying for] [a|one|the|] $name',
];
export const changeOfTwo = [
  '[i have|with|from] $note[,|] [how much change do i get|what is my change|how much is left] [for|after|if i buy] $q1 $name1 and $q2 $name2',
  'i [pay for|buy|order|take] $q1 $name1 and $q2 $name2 with [a|] $note[ note|][,|.] [how much change do i get|what is my change|how much do i get back|what comes back]',
  'how much change [from|out of] $note for $q1 $name1 and $q2 $name2',
  'if i [have|order|take|buy] $q1 $name1 and $q2 $name2 and [pay with|hand over|give] [a|] $note[ note|][,|] [how much change do i get|what is the change|what do i get back]',
  'what is left of $note after [buying|paying for] $q1 $name1 and $q2 $name2',
];
export const inSection = [
  'which [of the|one of the] $section is the $most',
  'what is the $most [of the|among the|in|under] $section',
  '[name|find|tell me] the $most [item|one|thing|dish] [in|under|among|of] [the|] $section',
  'which [item|one|dish] [in|under|among] $section [costs the $leastword|is the $most]',
  'what [costs|is] the $leastword[ expensive|] [in|under|among] [the|] $section',
];
export const inSectionOne = [
  'what is the $most $one',
  'which $one is the $most',
  'which $one costs the $leastword',
  '[name|find|tell me] the $most $one',
];
export const amountIn = [
  'how much $name [is|are] [there|] in $n [servings|portions]',
  'how [many grams of|much] $name [do i get|do i eat|is that|is it] [with|in|from] $n [servings|portions]',
  'if i eat $n [servings|portions][,|] how much $name is that',
  '$name in $n [servings|portions]',
];
export const formField = [
  'what [is|does it say for|stands for] [the|] $name',
  '[read|tell me|give me|find] the $name',
  'which $name [is given|is shown|is printed|is on it|does it show]',
  "what's the $name [here|on it|on the card|]",
  '$name',
  'what $name [is|was] [entered|written|printed|stated] [here|]',
];
export const discounted = [
  '[what is|how much is] [the|a|] $name [with|after|at] $p% [off|discount]',
  'with [a|] $p% [discount|reduction|off][,|] [how much is|what does] [the|a|] $name [cost|]',
  '$name [with|at] $p% off[, how much|, what is the price|]',
];
export const extremeName = [
  'which $noun is the $most [of all|]',
  '[what is|name|find|tell me|give me] the $most $noun',
  'what [costs|is priced|sells for] the $leastword',
  'which $noun [has the|comes with the|shows the|carries the] $mostword [price|cost]',
  'which [one|$noun] is $most [here|on the list|on the menu|on the board|]',
  'what [should|would|do] i [take|choose|order|pick] [to pay|if i want to pay] the $leastword',
];
export const extremeValue = [
  "[what is|what's|tell me|find|give me] the $mostword [price|cost] [of all|on the list|listed|on the board|here]",
  'how much is the $most $noun',
  'what does the $most $noun cost',
  '[price|cost] of the $most $noun',
  'how much [do i pay|would i pay|must i pay] for the $most $noun',
];
export const extremeNameSubject = [
  'which $noun [shows|reaches|reports|gets|comes with] the $mostword [$subject|value|number]',
  'which $noun has the $mostword $subject of all',
  '[who|what|which one] has the $mostword [$subject|value|number]',
  '[name|find|tell me|give me] the $noun with the $mostword [$subject|value]',
  'the $mostword [$subject|value] belongs to which $noun',
  'where is the $subject $mostword',
  'in which $noun is the [$subject|value] $mostword',
  '[in|on|for] which $noun [were|are] there the $leastword $subject',
  'when [was|were] the $subject $mostword',
  '[which|what] $noun had the $leastword $subject',
];
export const extremeValueSubject = [
  "[what's|tell me|find|give me|which is] the $mostword [$subject|value|number|figure]",
  'what is the $mostword [$subject|value|number|figure] [of all|listed|on the chart|here]',
  'how [high|big|large] is the $mostword [$subject|value]',
  'the $mostword $subject [is|equals] what',
];
export const aggregate = [
  "[what is|what's|find|give me|work out] the $agg of all [prices|values|numbers|listed prices|entries]",
  "[what is|what's|compute|find] the $agg [price|value|$subject] [of all|over all|across all] [items|entries|rows|of them]",
  '$agg of [all|the] [prices|values|numbers] [listed|shown|]',
  '[what is|find] the $agg [$subject|number of $subject|of all $subject]',
];
export const wholePack = [
  'how many calories are in the [whole|full|complete] [pack|bag|box|container|package]',
  "[what is|what's|find|give me] the [calorie count|number of calories|energy|total of calories] [of|for|in] the [whole|full|complete] [pack|bag|container|box]",
  'if i eat [the whole|all of the|the full|the complete] [pack|bag|box|container][,|] how many calories [is that|do i eat|do i take in]',
  'how many [calories|kcal] does the [whole|full|complete] [pack|bag|container|box] [have|contain|hold]',
  '[total|all] calories in the [pack|bag|box|container]',
  'calories for the [whole|full|complete] [pack|bag|box|container]',
];
export const portions = [
  'how many calories [are in|do|have|is] $n [servings|portions]',
  '[what is|find] the [number of calories|energy] [in|of|for] $n [servings|portions]',
  'if i eat $n [servings|portions][,|] how many calories is that',
  'i [had|ate|want|plan] $n [servings|portions][,|.] how many calories [is that|are those|do i get]',
];
export const quantityWords = ['zero', 'one', 'two', 'three', 'four', 'five', 'six'];
export const greatest = ['most expensive', 'dearest', 'priciest', 'costliest'];
export const least = ['cheapest', 'least expensive', 'lowest priced', 'most affordable'];
export const greatestWord = ['highest', 'largest', 'biggest', 'greatest', 'top', 'maximum'];
export const leastWord = ['lowest', 'smallest', 'least', 'minimum'];
export const unitPrice = [
  'what is the price [per $unit|of a $unit|of one $unit|for each $unit]',
  '[what|how much] [is|was|does] [a|one] $unit [cost|]',
  'how much [is|was] [the fuel|the gas|petrol|it] per $unit',
  '[find|work out|compute] the [unit price|price per $unit|fuel price|rate per $unit]',
  "what's the [fuel|petrol|gas|pump] price",
  'how much did [i|they|the driver] pay per $unit',
];
export const paid = [
  'how much [was|is] [the sale|paid|to pay|charged]',
  "[what is|what's] the [total|sale|amount to pay|bill]",
  'what [does|did] the [fill|fuel] cost',
];
export const filled = [
  'how many $units [were|was|are] [filled|sold|bought|pumped|dispensed]',
  'how much fuel [was|is] [filled|pumped|dispensed|sold]',
  '[what is|find] the [volume|number of $units]',
];
