/** How many epochs there will be, where a loop prints the arguments that it was started with. */

/** `Namespace(lr=0.1, epochs=90)`, a dictionary or a configuration on one line. */
const ONE_OF_MANY =
  /[\s,({'"](?:num_(?:train_|training_)?|n_|nb_|max_|total_)?epochs['"]? ?[=:] ?(\d{1,7})(?=[\s,)}])/gi;
/** Where a line lists arguments: the words of Python's parser, or a dictionary’s. */
const ARGUMENTS = /\bNamespace\(|^[^{]{0,120}\{['"]\w{1,60}['"]: /;
/** One argument a line: `max_epochs: "4"`, `--epochs 300`, `epochs = 90`, `Number of epochs: 10`, `Num Epochs | 10`; timm’s `Scheduled epochs: 310 (…). …`. */
const ALONE =
  /^[\s\-*>|•]{0,12}(?:(?:num(?:ber of)?|n|nb|max(?:imum)?|total|scheduled)[ _-](?:(?:train|training)[ _-])?epochs?|epochs)['"]?(?: {0,30}[:=|.]{1,40} {0,30}| {1,30})['"]?(\d{1,7})['"]?[\s,|]{0,40}(?:$|(?<=^Scheduled epochs: \d{1,7} )\(epochs \+ )/i;
/** What a logger puts in front. */
const PREFIX = /^[^A-Za-z]{0,60}(?:[\w.]{1,60} - )?(?:(?:INFO|DEBUG)[\]: -]{1,4})?/;
/** Of this length at most: arguments of one line may be many. */
const LONGEST = 8_000;

/** Epochs of the training as the line's arguments have them; null where it has none, or names several numbers. */
export function plannedEpochs(text: string): number | null {
  if (text.length > LONGEST || !/epochs/i.test(text)) return null;
  const alone = text.length < 300 ? (ALONE.exec(text) ?? ALONE.exec(text.replace(PREFIX, ''))) : null;
  if (alone !== null) return Number(alone[1]) || null;
  if (!ARGUMENTS.test(text)) return null;
  const numbers = new Set([...text.matchAll(ONE_OF_MANY)].map(([, number]) => Number(number)));
  const [number] = numbers;
  return numbers.size === 1 ? number! || null : null;
}
