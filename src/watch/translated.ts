/** Words of loops whose prints are Chinese or Japanese → the English that their lines are read in. */

const WORDS: readonly [RegExp, string][] = [
  [/(?:验证|测试|校验|検証|テスト)集?(?:的)?(?:损失|損失)/g, 'val_loss'],
  [/(?:训练|学習|訓練)?集?(?:平均|总|当前)?(?:损失|損失)(?!函数)值?/g, 'loss'],
  [/学习率|学習率/g, 'lr'],
  [/第 {0,2}(\d{1,9}(?: {0,2}\/ {0,2}\d{1,9})?) {0,2}(?:轮次?|个?周期|エポック)/g, 'epoch $1'],
  [/(?:训练)?(?:轮次|周期)|エポック/g, 'epoch'],
  [/(?:训练)?(?:步数|步骤|迭代次?数?)|ステップ/g, 'step'],
  [/：/g, ': '],
  [/，/g, ', '],
];

/** One of these stands in each line that is read for its words. */
export const translatedMarks: readonly string[] = ['损失', '損失'];

export function translated(text: string): string {
  if (!text.includes('损失') && !text.includes('損失')) return text;
  return WORDS.reduce((line, [word, english]) => line.replace(word, english), text);
}
