/** Words for menus: dishes are put together from parts so that names are many and none is a known one. */
const list = (text: string): string[] => text.trim().split(/\s*,\s*/);

export const dishHead = list(
  `Grilled, Roasted, Smoked, Crispy, Spicy, Sweet, Baked, Fried, Steamed, Braised, Fresh, Creamy, Garlic, Lemon, Honey, Pepper, Herb, Golden, Country, Garden, House, Classic, Double, Mini, Jumbo, Hot, Iced, Warm, Stuffed, Glazed, Chilled, Rustic, Royal, Summer, Winter, Village, Harbour, Mountain, Island, Butter, Ginger, Sesame, Chilli, Paprika, Sage, Mint, Truffle, Maple, Cinnamon, Vanilla, Coconut, Peanut, Almond`,
);
export const dishMain = list(
  `Chicken, Beef, Lamb, Pork, Duck, Turkey, Salmon, Tuna, Cod, Prawn, Squid, Crab, Tofu, Mushroom, Pumpkin, Potato, Spinach, Lentil, Bean, Cheese, Egg, Tomato, Carrot, Onion, Corn, Cabbage, Aubergine, Avocado, Apple, Pear, Banana, Mango, Cherry, Plum, Berry, Peach, Fig, Walnut, Hazelnut, Caramel, Chocolate, Rice, Barley, Oat, Leek, Beetroot, Trout, Veal, Rabbit, Quail`,
);
export const dishKind = list(
  `Soup, Salad, Stew, Curry, Pie, Wrap, Burger, Sandwich, Roll, Skewer, Platter, Bowl, Pasta, Noodles, Risotto, Gratin, Omelette, Tart, Cake, Muffin, Pancake, Waffle, Pudding, Crumble, Bites, Wings, Ribs, Steak, Fillet, Dumplings, Fritters, Toast, Bun, Pot, Hash, Kebab, Taco, Quiche, Strudel, Sorbet, Sundae, Parfait, Mash, Chips, Dip, Broth, Casserole, Roast, Pizza, Flatbread`,
);
export const drinks = list(
  `Espresso, Flat White, Green Tea, Black Tea, Lemonade, Apple Juice, Orange Juice, Ginger Ale, Soda Water, Still Water, Hot Cocoa, Iced Coffee, Milkshake, Root Beer, Cider, Pale Ale, Stout, House Red, House White, Rose Wine, Mulled Wine, Tonic, Kombucha, Smoothie, Macchiato, Cortado, Mocha, Oolong, Chamomile, Peppermint Tea, Cranberry Juice, Grape Juice, Coconut Water, Iced Tea, Cola, Lime Cordial, Barley Water, Buttermilk, Lager, Porter`,
);
export const menuSections = list(
  `Starters, Mains, Desserts, Drinks, Sides, Soups, Salads, Grill, From the Oven, Breakfast, Lunch, Specials, Hot Drinks, Cold Drinks, Kids, Snacks, Vegetarian, Seafood, Sweet Things, Small Plates, To Share, Beverages, Sandwiches, Pastries`,
);
export const sizes = list(
  `Small, Medium, Large, Regular, Half, Full, Single, Double, Glass, Bottle, Cup, Mug, Slice, Whole`,
);
