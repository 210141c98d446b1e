/** COCO's 80 kinds of things, in the order of the network's answers, and which words mean them. */

export const KINDS: readonly string[] = [
  ...['person', 'bicycle', 'car', 'motorcycle', 'airplane', 'bus', 'train', 'truck', 'boat', 'traffic light'],
  ...['fire hydrant', 'stop sign', 'parking meter', 'bench', 'bird', 'cat', 'dog', 'horse', 'sheep', 'cow'],
  ...['elephant', 'bear', 'zebra', 'giraffe', 'backpack', 'umbrella', 'handbag', 'tie', 'suitcase', 'frisbee'],
  ...['skis', 'snowboard', 'sports ball', 'kite', 'baseball bat', 'baseball glove', 'skateboard', 'surfboard'],
  ...['tennis racket', 'bottle', 'wine glass', 'cup', 'fork', 'knife', 'spoon', 'bowl', 'banana', 'apple'],
  ...['sandwich', 'orange', 'broccoli', 'carrot', 'hot dog', 'pizza', 'donut', 'cake', 'chair', 'couch'],
  ...['potted plant', 'bed', 'dining table', 'toilet', 'tv', 'laptop', 'mouse', 'remote', 'keyboard', 'cell phone'],
  ...['microwave', 'oven', 'toaster', 'sink', 'refrigerator', 'book', 'clock', 'vase', 'scissors', 'teddy bear'],
  ...['hair drier', 'toothbrush'],
];

/** Other names of the very same things. */
const SAME: Readonly<Record<string, string>> = {
  person: 'people, human, human being, individual',
  bicycle: 'bike, cycle, pushbike',
  car: 'automobile, motorcar, auto',
  motorcycle: 'motorbike',
  airplane: 'aeroplane, plane, aircraft, jet, airliner',
  train: 'railway train',
  truck: 'lorry',
  'traffic light': 'traffic signal, stoplight, stop light, traffic lamp',
  'fire hydrant': 'hydrant, fireplug',
  'parking meter': 'parkometer',
  bench: 'park bench',
  cow: 'cattle',
  backpack: 'rucksack, knapsack, back pack',
  umbrella: 'parasol, brolly',
  handbag: 'purse, hand bag',
  tie: 'necktie, neck tie',
  suitcase: 'suit case',
  frisbee: 'flying disc, flying disk',
  skis: 'ski',
  snowboard: 'snow board',
  skateboard: 'skate board',
  surfboard: 'surf board',
  'sports ball': 'ball, sport ball',
  'baseball glove': 'baseball mitt, catcher mitt',
  'tennis racket': 'tennis racquet, racket, racquet',
  'wine glass': 'wineglass',
  donut: 'doughnut',
  'hot dog': 'hotdog',
  couch: 'sofa, settee, loveseat',
  'potted plant': 'plant, houseplant, house plant, pot plant, plant pot, flower pot, flowerpot',
  'dining table': 'table, dinner table',
  toilet: 'toilet seat, toilet bowl, lavatory',
  tv: 'television, tv set, television set, tv monitor',
  laptop: 'laptop computer, notebook computer, portable computer',
  mouse: 'computer mouse',
  remote: 'remote control, tv remote, remote controller',
  keyboard: 'computer keyboard',
  'cell phone': 'cellphone, mobile phone, mobile, smartphone, smart phone, phone, cellular phone, telephone, iphone',
  microwave: 'microwave oven',
  oven: 'stove, cooker',
  toaster: 'bread toaster',
  sink: 'washbasin, wash basin, basin',
  refrigerator: 'fridge, icebox',
  clock: 'wall clock, alarm clock',
  vase: 'flower vase',
  scissors: 'pair of scissors',
  'teddy bear': 'teddy, stuffed bear',
  'hair drier': 'hair dryer, hairdryer, hairdrier, blow dryer',
  toothbrush: 'tooth brush',
};

/** Things that are of a kind, but not the only ones: a man is found as a person, and so is a woman. */
const NARROWER: Readonly<Record<string, string>> = {
  person:
    'man, woman, men, women, boy, girl, child, children, kid, baby, toddler, adult, lady, ladies, gentleman, guy, ' +
    'player, athlete, runner, driver, worker, pedestrian, passenger, rider, skier, surfer, skater, cyclist, student, ' +
    'teacher, doctor, nurse, chef, police officer, policeman, officer, soldier, grandmother, grandfather, mother, ' +
    'father, couple, crowd, spectator, audience, customer, tourist, bride, groom, elder, teenager, human figure',
  car: 'taxi, cab, suv, sedan, vehicle, jeep, sports car, police car, station wagon, hatchback, convertible',
  truck: 'van, pickup, pickup truck, fire truck, fire engine, trailer',
  bus: 'minibus, coach',
  motorcycle: 'scooter, moped',
  boat: 'ship, sailboat, canoe, kayak, yacht, ferry, vessel, rowboat, gondola',
  train: 'locomotive, tram, subway train, railway car',
  bird: 'duck, goose, geese, pigeon, seagull, gull, chicken, parrot, swan, owl, eagle, sparrow, flamingo, penguin, hen',
  cat: 'kitten, kitty',
  dog: 'puppy, puppies, hound, terrier, retriever, labrador, poodle, bulldog, corgi, husky, shepherd dog',
  horse: 'pony, foal',
  sheep: 'lamb, ram, ewe',
  cow: 'bull, calf, calves, ox, oxen',
  bear: 'polar bear, grizzly',
  handbag: 'bag, shoulder bag, tote',
  suitcase: 'luggage, baggage, trunk',
  'sports ball': 'football, soccer ball, basketball, baseball, tennis ball, volleyball, golf ball, rugby ball',
  bottle: 'wine bottle, water bottle, beer bottle, flask',
  cup: 'mug, glass, teacup, tumbler, drinking glass, paper cup',
  bowl: 'dish',
  sandwich: 'burger, hamburger, sub',
  cake: 'cupcake, birthday cake, pie',
  chair: 'armchair, stool, seat, high chair, rocking chair, office chair',
  'dining table': 'desk, coffee table, counter',
  tv: 'monitor, screen, display, computer screen, computer monitor',
  laptop: 'computer, macbook',
  book: 'notebook, magazine, textbook',
  clock: 'watch, wristwatch',
  orange: 'tangerine, mandarin, clementine',
  'teddy bear': 'stuffed animal, plush toy',
  knife: 'knives, blade',
};

export interface Meaning {
  /** Index in KINDS. */
  readonly kind: number;
  /** Whether all things of the kind are meant; if not, the words say more than the network can tell. */
  readonly whole: boolean;
}

const meanings = new Map<string, Meaning>();
for (const [kind, name] of KINDS.entries()) {
  const add = (words: string, whole: boolean): void => {
    for (const word of words.split(', ')) meanings.set(word, { kind, whole });
  };
  add(NARROWER[name] ?? '', false);
  add(SAME[name] ?? '', true);
  add(name, true);
}
meanings.delete('');

/** Their singular is something else. */
const NOT = new Set(['glasses', 'eyeglasses', 'sunglasses']);

/** What begins a place or a property of the thing before it: `dog on the left`, `man wearing a hat`. */
const AFTER =
  /\s(?:in|on|at|of|with|without|near|behind|beside|by|to|from|under|over|above|below|wearing|holding|that|who|which|next|closest|nearest|standing|sitting|riding)\s.*$/;

/**
 * Which kind is meant by words in any wording: singular or plural, with articles, properties and places.
 * @returns undefined when none of the 80 is meant
 */
export function meaningOf(wording: string): Meaning | undefined {
  const plain = wording
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replace(/^(?:an?|the|all|any|every|each|some|both|\d+) /, '');
  return known(plain) ?? lastWordsOf(plain.replace(AFTER, ''));
}

/** In English the last words say what a thing is: a red sports car is a car, and a car door is not. */
function lastWordsOf(words: string): Meaning | undefined {
  const list = words.split(' ');
  for (let i = 0; i < list.length; i++) {
    const meaning = known(list.slice(i).join(' '));
    if (meaning) return { kind: meaning.kind, whole: meaning.whole && i === 0 };
  }
  return undefined;
}

function known(words: string): Meaning | undefined {
  for (const form of [words, ...singulars(words)]) {
    const meaning = meanings.get(form);
    if (meaning) return meaning;
  }
  return undefined;
}

function singulars(words: string): string[] {
  if (NOT.has(words)) return [];
  const forms: string[] = [];
  if (words.endsWith('ies')) forms.push(`${words.slice(0, -3)}y`);
  if (words.endsWith('ves')) forms.push(`${words.slice(0, -3)}f`, `${words.slice(0, -3)}fe`);
  if (words.endsWith('es')) forms.push(words.slice(0, -2));
  if (words.endsWith('s')) forms.push(words.slice(0, -1));
  return forms;
}
