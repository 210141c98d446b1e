/** Names of things that photos show, for engines that must be told what to look for. One line a theme. */
const THEMES = [
  'person, man, woman, child, baby, crowd of people, face, hand, beard, smile, foot',
  'dog, puppy, cat, kitten, horse, cow, sheep, goat, pig, rabbit, mouse, squirrel, bear, elephant, zebra, giraffe, lion, tiger, monkey, deer, fox, wolf, camel, kangaroo, panda, turtle, frog, snake, lizard, fish, shark, whale, dolphin, crab, snail, spider, butterfly, bee, bird, parrot, owl, eagle, duck, swan, goose, chicken, rooster, penguin, flamingo, pigeon',
  'car, taxi, bus, truck, van, ambulance, fire engine, police car, motorcycle, scooter, bicycle, train, tram, aeroplane, helicopter, hot air balloon, rocket, boat, ship, sailing boat, canoe, tractor, excavator, wheel, tyre, number plate',
  'road, street, crossing, traffic light, traffic sign, stop sign, street lamp, parking meter, fire hydrant, bench, bridge, tunnel, railway track, pavement, fence, gate, flag, statue, fountain',
  'house, skyscraper, church, castle, tower, lighthouse, windmill, barn, tent, shop, restaurant, petrol station, stadium, roof, chimney, window, door, staircase, balcony, wall, brick wall, column, arch',
  'tree, palm tree, bush, flower, rose, sunflower, tulip, leaf, grass, hedge, cactus, mushroom, forest, field, garden, mountain, hill, rock, cave, desert, beach, sea, wave, lake, river, waterfall, snow, ice, sky, cloud, sun, moon, rainbow, lightning, fire, smoke',
  'table, desk, chair, armchair, sofa, stool, bed, pillow, blanket, curtain, carpet, lamp, mirror, picture frame, shelf, bookcase, cupboard, drawer, wardrobe, clock, vase, candle, plant pot, fireplace, radiator, ceiling fan, rubbish bin, basket, bucket, broom, ladder',
  'kitchen, refrigerator, oven, stove, microwave, toaster, kettle, coffee machine, dishwasher, sink, tap, plate, bowl, cup, mug, glass, wine glass, bottle, tin can, jar, fork, knife, spoon, chopsticks, pan, pot, chopping board, tray, napkin',
  'bathroom, bath, shower, toilet, toilet paper, towel, soap, toothbrush, toothpaste, comb, hairdryer, razor, washing machine, iron',
  'bread, toast, sandwich, burger, hot dog, pizza, pasta, noodles, rice, sushi, soup, salad, chips, steak, sausage, ham, egg, cheese, butter, cake, doughnut, biscuit, chocolate, ice cream, pancake, pie, popcorn, honey',
  'apple, banana, orange, lemon, grapes, strawberry, cherry, pear, peach, pineapple, watermelon, mango, kiwi, avocado, tomato, potato, carrot, onion, garlic, pepper, chilli, cucumber, lettuce, broccoli, cauliflower, cabbage, pumpkin, corn, peas, beans, nuts',
  'coffee, tea, juice, milk, water, beer, wine, cocktail, soft drink',
  'computer, laptop, tablet computer, mobile phone, telephone, keyboard, computer mouse, screen, television, remote control, printer, camera, headphones, loudspeaker, microphone, radio, game controller, cable, plug, battery, light bulb, torch',
  'book, newspaper, magazine, letter, envelope, map, calendar, notebook, pen, pencil, ruler, scissors, stapler, paper clip, whiteboard, blackboard, poster, painting, drawing, photograph, sign, banner, receipt, menu, price tag, bank note, coin, credit card, passport',
  'chart, bar chart, line graph, pie chart, table of numbers, diagram, flow chart, handwriting, mathematical formula, screenshot, cartoon, logo',
  'shirt, T-shirt, jumper, jacket, coat, suit, tie, dress, skirt, trousers, jeans, shorts, socks, shoe, boot, sandal, high heels, hat, cap, helmet, scarf, gloves, belt, glasses, sunglasses, watch, ring, necklace, earring, handbag, backpack, suitcase, umbrella, wallet, key, uniform, mask',
  'ball, football, basketball, tennis ball, tennis racket, baseball bat, golf club, skateboard, surfboard, skis, snowboard, swimming pool, dumbbell, frisbee, kite, trophy, medal, net, bow and arrow',
  'guitar, violin, piano, drum, trumpet, flute, saxophone, harp, accordion',
  'toy, teddy bear, doll, balloon, puzzle, playing cards, dice, chess board, swing, slide, Christmas tree, gift, cake with candles',
  'hammer, screwdriver, spanner, saw, drill, nail, screw, axe, shovel, rake, rope, chain, padlock, box, bag, barrel, machine, engine, pipe, solar panel, wind turbine, crane, wheelchair, pram, stethoscope, syringe, pill, microscope, globe, telescope, anchor, cross, sword, gun, crown',
];

/** Some five hundred, each once. */
export const EVERYDAY_OBJECTS: readonly string[] = [...new Set(THEMES.join(', ').split(', '))];
