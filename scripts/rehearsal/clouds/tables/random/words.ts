/** Words for RandomPet. The upstream provider takes its own from https://github.com/dustinkirkland/golang-petname. */
export const ADVERBS =
  "barely boldly calmly deeply early fairly firmly gently gladly keenly kindly likely neatly nicely openly quietly rarely really safely simply solely truly vastly warmly widely".split(
    " ",
  );

export const ADJECTIVES =
  "able agile amber ample aware brave brief bright calm clear clever crisp eager early exact fair fast fine firm fresh glad golden grand great happy ideal keen kind large lively loyal lucid mellow modern neat noble polite proud quick quiet rapid ready rich sharp smart solid steady sunny swift tidy vivid warm wise witty".split(
    " ",
  );

export const NAMES =
  "badger bat bear beagle bee bison boa buck camel cat cobra cod crab crane cricket deer dingo dolphin donkey dove drake eagle eel egret elk falcon ferret finch fish flea fox gannet gecko goat gopher grouse gull hare hawk heron horse hound husky ibex jay koala lamb lark leopard lion lizard llama lynx mako mole moose moth mouse mule newt ocelot orca osprey otter owl oyster panda parrot perch pig pony puma quail rabbit ram raven robin salmon seal shark sheep shrew skunk sloth snail sparrow spider squid stork swan tiger toad trout turtle viper wasp weasel whale wolf wren yak zebra".split(
    " ",
  );
