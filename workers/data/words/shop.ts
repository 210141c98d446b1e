/** Words for shops, receipts, price boards, tables, signs and labels. */
const list = (text: string): string[] => text.trim().split(/\s*,\s*/);

export const goods = list(
  `Hammer, Pliers, Wrench, Chisel, Sandpaper, Paint Brush, Paint Roller, Wood Glue, Masking Tape, Duct Tape, Light Bulb, Extension Cord, Battery, Torch, Padlock, Door Handle, Hinge, Bucket, Mop, Broom, Dustpan, Sponge, Bleach, Soap, Shampoo, Toothbrush, Toothpaste, Towel, Bath Mat, Curtain, Pillow, Blanket, Mug, Plate, Bowl, Saucepan, Frying Pan, Kettle, Toaster, Ladle, Whisk, Grater, Notebook, Pencil, Eraser, Ruler, Stapler, Envelope, Folder, Marker, Crayons, Scissors, Calculator, Umbrella, Backpack, Wallet, Belt, Scarf, Gloves, Socks, T-Shirt, Cap, Sandals, Slippers, Candle, Vase, Picture Frame, Clock, Mirror, Flower Pot, Garden Hose, Seeds, Fertiliser, Rake, Shovel, Rope, Chain, Screws, Nails, Bolts, Washers, Drill Bit, Saw Blade, Cable Ties, Fuse, Plug, Adapter, USB Cable, Keyboard, Mouse Pad, Headphones, Charger, Phone Case, Memory Card, Milk, Bread, Butter, Yoghurt, Cheddar, Eggs, Flour, Sugar, Salt, Rice, Pasta, Olive Oil, Vinegar, Ketchup, Mayonnaise, Cereal, Oats, Jam, Honey, Coffee, Tea Bags, Biscuits, Crackers, Crisps, Chocolate Bar, Gum, Ice Cream, Frozen Peas, Apples, Bananas, Oranges, Grapes, Lettuce, Cucumber, Tomatoes, Potatoes, Onions, Carrots, Chicken Breast, Minced Beef, Sausages, Bacon, Tuna Can, Baked Beans, Cat Food, Dog Biscuits, Tissue, Napkins, Foil, Cling Film, Bin Bags, Washing Powder, Softener, Air Freshener`,
);
export const goodsMark = list(
  `Blue, Red, Green, White, Black, Large, Small, XL, 500g, 1kg, 250ml, 1L, 2L, 12pcs, 6pk, Twin Pack, Steel, Plastic, Wooden, Cotton, Deluxe, Basic, Pro, Organic, A4, 10mm, 3m, 40W, Set, Refill, Assorted, Soft, Extra`,
);
export const shopKinds = list(
  `Mart, Store, Supermarket, Hardware, Trading, Bakery, Cafe, Bistro, Grocers, Pharmacy, Bookshop, Stationers, Kitchen, Diner, Garage, Market, Emporium, Outlet, Boutique, Grill, Tea House, Noodle Bar, Deli, Florist, Electrical, Home Centre, Superstore, Minimart, Eatery, Food Court`,
);
export const companyTails = list(
  `Ltd, LLC, Inc., Co., GmbH, S.A., Pte Ltd, & Sons, Bros., Group, S.r.l., Enterprise, Sdn Bhd, Holdings`,
);
export const streets = list(
  `Oak Street, Mill Lane, Station Road, Harbour Way, Cedar Avenue, Church Hill, Bridge Street, Park Row, Garden Walk, Elm Close, Lakeside Drive, Market Square, Forest Path, Windmill Road, Orchard Lane, Canal Street, Castle View, Meadow Road, Quarry Lane, Beacon Hill, Jalan Mawar, Jalan Teratai, Lorong Kenari, Via Aurora, Calle Luna, Rue des Lilas, Lindenweg, Bahnhofplatz`,
);
export const towns = list(
  `Ashford, Brookton, Calderon, Dunmere, Eastvale, Fairhaven, Glenrock, Hollins, Ivydale, Kenwick, Larkham, Millbrook, Northcote, Oakridge, Penwood, Redcliff, Stonebury, Thornhill, Underby, Westmoor, Yarrow, Zelford`,
);
export const fuels = list(
  `Regular, Premium, Super, Super Plus, Diesel, Midgrade, Unleaded, Unleaded 95, Unleaded 98, Plus, Supreme, E10, E85, LPG, Kerosene, V-Fuel, Ultra, Bio Diesel, Eco 91, Power 98, AdBlue, Ethanol, Extra, Special, Gasoline, Natural Gas`,
);
export const vehicles = list(
  `Falcon XR, Vesta 2.0, Nomad Wagon, Sierra Van, Comet Hatch, Orion Coupe, Trailmaster, Bluebird, City Runner, Atlas Pickup, Swift GT, Merlin, Pioneer, Zephyr, Kestrel, Rambler, Corsair, Panda Van, Mustang, Civic, Corolla, Golf, Fiesta, Transit, Jeep, Prius, Tacoma, Silverado`,
);
export const countries = list(
  `Austria, Belgium, Brazil, Canada, Chile, Denmark, Egypt, Finland, France, Germany, Ghana, Greece, Hungary, Iceland, Indonesia, Ireland, Italy, Japan, Kenya, Latvia, Mexico, Morocco, Nepal, Norway, Peru, Poland, Portugal, Romania, Senegal, Spain, Sweden, Thailand, Turkey, Uganda, Ukraine, Vietnam, India, China, Australia, USA, UK, South Africa, New Zealand, Netherlands, Singapore, Malaysia, Korea, Russia, Argentina`,
);
export const departments = list(
  `Sales, Marketing, Finance, Logistics, Research, Design, Legal, Support, Security, Planning, Purchasing, Engineering, Quality, Payroll, Training, Archives, Maintenance, Accounting, Administration, IT, HR, Production, Warehouse, Operations`,
);
export const firstNames = list(
  `Anna, Ben, Carla, David, Elena, Frank, Grace, Hugo, Irene, Jonas, Kira, Leon, Maria, Nils, Olga, Paul, Rosa, Samir, Tina, Uwe, Vera, Walid, Xenia, Yusuf, Zoe, Amir, Bella, Chen, Dora, Emil, Farah, Gita, Hana, Ivan, Jia, Karim, Lina, Marek, Nora, Omar, Petra, Rahul, Sofia, Tomas, Mei, Ravi, Aisha, Daniel, Emma, Lucas`,
);
export const surnames = list(
  `Abbott, Baker, Carver, Dalton, Ellis, Foster, Grant, Hughes, Irwin, Jarvis, Keller, Lawson, Mercer, Nolan, Osborne, Parker, Quigley, Ramsey, Sutton, Turner, Underhill, Vance, Weaver, Yates, Zimmer, Alvarez, Bianchi, Costa, Dubois, Eriksen, Fischer, Gomez, Haas, Ibrahim, Jensen, Kovacs, Lindgren, Moreau, Novak, Okafor, Petrov, Rossi, Silva, Tanaka, Vogel, Weber, Chandra, Hassan, Lim, Nguyen, Rahman`,
);
export const columnSubjects = list(
  `salary, price, cost, score, sales, revenue, profit, budget, weight, height, length, distance, speed, age, points, goals, votes, rating, stock, units, rent, fee, population, area, capacity, hours, margin, growth, share, calories, output, visitors, mileage, fuel cost, tax, income`,
);
export const days = list(`Mon, Tue, Wed, Thu, Fri, Sat, Sun`);
export const months = list(`Jan, Feb, Mar, Apr, May, Jun, Jul, Aug, Sep, Oct, Nov, Dec`);
export const years = Array.from({ length: 40 }, (_, index) => String(1990 + index));
export const professions = list(
  `architect, engineer, teacher, nurse, doctor, driver, cook, chef, painter, plumber, carpenter, electrician, lawyer, accountant, clerk, designer, programmer, analyst, editor, writer, photographer, gardener, baker, butcher, tailor, pilot, captain, guard, cleaner, secretary, director, manager, assistant, treasurer, chairman, president, coach, surveyor, mechanic, chemist, biologist, librarian, translator, tester, intern, consultant, planner, buyer, seller, waiter`,
);
export const strategies = list(
  `read it aloud, draw a map, ask a friend, make flash cards, take a break, write a summary, use colours, teach someone, set a goal, plan your week, sleep well, drink water, go for a walk, keep a diary, turn off the phone, tidy your desk, start early, check twice, listen first, sing a tune, build a model, count to ten, breathe slowly, tell a story, play a game, mix the batter, heat the oven, add the flour, stir well, pour the sauce, cut the paper, fold in half, glue the edge, let it dry, press the button, hold the lid, open the valve, close the door, wear gloves, wash your hands`,
);
export const parts = list(
  `core, shell, valve, piston, inlet, outlet, filter, pump, lever, spring, rotor, stator, lens, mirror, stem, root, leaf, petal, seed, bark, crown, nerve, muscle, tendon, bone, joint, cell wall, nucleus, membrane, crater, ridge, delta, glacier, summit, canyon, plateau, chimney, rafter, gutter, beam, hull, mast, rudder, anchor, cabin, deck, axle, clutch, brake, gearbox`,
);
export const signWords = list(
  `No Parking, Private Road, Wet Floor, Mind the Step, Exit, Entrance, Push, Pull, Open, Closed, Sale, For Rent, To Let, Keep Left, Slow Down, School Zone, Quiet Please, Staff Only, Fire Door, Lost and Found, Ticket Office, Platform 4, Gate 12, Bus Stop, Taxi Rank, Car Park, Toilets, Information, Reception, Library, Museum, Town Hall, Police, Bakery, Post Office, Beware of Dog, Danger, High Voltage, Do Not Enter, One Way, Dead End, Road Works, Give Way, Stop, Caution, No Smoking, No Entry, Way Out, Please Knock, Out of Order, Speed Limit 40, Fresh Fruit, Happy Hour, Free Wifi`,
);
export const nutrients = list(
  `Total Fat, Saturated Fat, Trans Fat, Cholesterol, Sodium, Carbohydrate, Dietary Fibre, Sugars, Added Sugars, Protein, Vitamin D, Calcium, Iron, Potassium, Vitamin C, Vitamin A, Zinc, Magnesium, Salt, Starch`,
);
